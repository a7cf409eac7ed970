//! MNIST is either loaded whole or not at all.

#![allow(clippy::unwrap_used, reason = "these helpers are tests as well")]

use course::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

const FILES: [&str; 4] = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
];

fn originals() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/mnist")
}

/// The error of loading a copy of the files of which one has been changed.
fn error_after(name: &str, change: impl Fn(&Path)) -> String {
    let folder = std::env::temp_dir().join(format!("course-mnist-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for file in FILES {
        fs::copy(originals().join(file), folder.join(file)).unwrap();
    }
    change(&folder.join("t10k-labels-idx1-ubyte.gz"));
    let error = mnist::load_data_from(&folder).unwrap_err().to_string();
    fs::remove_dir_all(folder).unwrap();
    error
}

#[test]
fn all_images_and_labels_are_there() {
    let ((x_train, y_train), (x_test, y_test)) = mnist::load_data().unwrap();
    assert_eq!(x_train.dim(), (60_000, 28, 28));
    assert_eq!(x_test.dim(), (10_000, 28, 28));
    let counts = |labels: &Array1<u8>| {
        (0..10).map(|digit| labels.iter().filter(|&&label| label == digit).count()).collect::<Vec<_>>()
    };
    assert_eq!(counts(&y_train), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert_eq!(counts(&y_test), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    let mean = x_train.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / x_train.len() as f64;
    assert!((mean - 33.3184).abs() < 1e-4, "{mean}");
}

#[test]
fn damaged_files_are_refused_with_both_hashes() {
    let expected = "expected SHA-256 ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2";
    let truncate = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    let replace = |path: &Path| {
        fs::copy(originals().join("train-labels-idx1-ubyte.gz"), path).unwrap();
    };
    for (error, what) in [
        (error_after("truncated", truncate), "cut short"),
        (
            error_after("other", replace),
            "found SHA-256    65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
    ] {
        for part in ["t10k-labels-idx1-ubyte.gz: ", expected, "found SHA-256 ", what] {
            assert!(error.contains(part), "`{part}` is missing in: {error}");
        }
    }
    let error = error_after("missing", |path| fs::remove_file(path).unwrap());
    assert!(error.contains("t10k-labels-idx1-ubyte.gz: there is no such file"), "{error}");
}
