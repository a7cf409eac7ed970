"""Jupyter's own test of kernels, with a sample for everything that it asks."""

import jupyter_kernel_test


class Kernel(jupyter_kernel_test.KernelTests):
    kernel_name = "rust-course"
    language_name = "rust"
    file_extension = ".rs"

    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("to the other stream");'
    code_generate_error = 'panic!("on purpose");'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '["a", "b"].concat()', "result": '"ab"'},
        {"code": "Figure::new().plot(&[0.0, 1.0], &[1.0, 0.0])", "mime": "image/svg+xml"},
    ]
    code_display_data = [
        {"code": "display(&Figure::new().plot(&[0.0, 1.0], &[1.0, 0.0]));", "mime": "image/svg+xml"},
    ]
    code_clear_output = "clear_output(false);"
    code_inspect_sample = "Sequential"

    completion_samples = [
        {"text": "std::vec::Ve", "matches": {"Vec"}},
        {"text": ":opt", "matches": {":opt"}},
    ]
    complete_code_samples = ["1 + 1", "fn f() {}", 'let s = "{";', "// a comment {"]
    incomplete_code_samples = ["fn f() {", "let v = vec![1,", 'let s = "two', "/* open"]
    invalid_code_samples = ["f(])", "}"]

    def test_supported_features(self):
        self.flush_channels()
        self.kc.kernel_info()
        reply = self.kc.get_shell_msg(timeout=10)
        self.assertEqual(reply["content"]["supported_features"], [])

    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6 ? 7"


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "rust-course"
    support_iopub_welcome = True


# They would be collected as tests of their own, without a kernel.
del jupyter_kernel_test.KernelTests, jupyter_kernel_test.IopubWelcomeTests
