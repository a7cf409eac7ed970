//! What the kernel says about itself, and the requests that need no compiler.

use super::completeness::{self, Completeness};
use super::history::{Entry, History};
use super::worker::Shared;
use jupyter_protocol::{
    CodeMirrorMode, CommInfoReply, HelpLink, HistoryEntry, HistoryReply, IsCompleteReply, IsCompleteReplyStatus,
    JupyterMessage, JupyterMessageContent, KernelInfoReply, LanguageInfo, ReplyStatus, UnknownMessage,
};
use serde_json::{Value, json};

/// The answer to `kernel_info_request`.
pub fn kernel_info() -> KernelInfoReply {
    let link = |text: &str, url: &str| HelpLink { text: text.to_owned(), url: url.to_owned() };
    KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: "5.3".to_owned(),
        implementation: "worksheets".to_owned(),
        implementation_version: env!("CARGO_PKG_VERSION").to_owned(),
        language_info: LanguageInfo {
            name: "rust".to_owned(),
            version: env!("CARGO_PKG_RUST_VERSION").to_owned(),
            mimetype: Some("text/x-rust".to_owned()),
            file_extension: Some(".rs".to_owned()),
            pygments_lexer: Some("rust".to_owned()),
            codemirror_mode: Some(CodeMirrorMode::Simple("rust".to_owned())),
            nbconvert_exporter: Some("script".to_owned()),
        },
        banner: concat!("Rust worksheets for deep learning ", env!("CARGO_PKG_VERSION")).to_owned(),
        help_links: vec![
            link("The Rust book", "https://doc.rust-lang.org/book/"),
            link("Rust's standard library", "https://doc.rust-lang.org/std/"),
            link("ndarray", "https://docs.rs/ndarray/"),
        ],
        debugger: false,
        error: None,
    }
}

/// Answers a request that needs no compiler; `None` for every other.
pub fn answer(request: &JupyterMessage, shared: &Shared) -> Option<JupyterMessage> {
    let known = &shared.history;
    Some(match &request.content {
        JupyterMessageContent::KernelInfoRequest(_) => {
            // jupyter-protocol does not know this field of the reply yet. There are no subshells.
            let mut content = serde_json::to_value(kernel_info()).unwrap_or_default();
            content["supported_features"] = json!([]);
            UnknownMessage { msg_type: "kernel_info_reply".to_owned(), content }.as_child_of(request)
        }
        JupyterMessageContent::IsCompleteRequest(content) => is_complete(&content.code).as_child_of(request),
        JupyterMessageContent::HistoryRequest(content) => {
            history(&serde_json::to_value(content).unwrap_or_default(), known).as_child_of(request)
        }
        // A request for history that leaves out a field.
        JupyterMessageContent::UnknownMessage(content) if content.msg_type == "history_request" => {
            history(&content.content, known).as_child_of(request)
        }
        JupyterMessageContent::CommInfoRequest(content) => {
            let comms = shared.channel.comms(content.target_name.as_deref());
            CommInfoReply { status: ReplyStatus::Ok, comms, error: None }.as_child_of(request)
        }
        _ => return None,
    })
}

/// Outputs are not kept, so those that are asked for are empty.
fn history(request: &Value, known: &History) -> HistoryReply {
    let outputs = request["output"] == true;
    let entry = |Entry { session, line, code }| match outputs {
        true => HistoryEntry::InputOutput(session, line, (code, String::new())),
        false => HistoryEntry::Input(session, line, code),
    };
    HistoryReply::new(known.find(request).into_iter().map(entry).collect())
}

fn is_complete(code: &str) -> IsCompleteReply {
    let (status, indent) = match completeness::of(code) {
        Completeness::Complete => (IsCompleteReplyStatus::Complete, String::new()),
        Completeness::Incomplete(depth) => (IsCompleteReplyStatus::Incomplete, "    ".repeat(depth)),
        Completeness::Invalid(_) => (IsCompleteReplyStatus::Invalid, String::new()),
    };
    IsCompleteReply { status, indent }
}
