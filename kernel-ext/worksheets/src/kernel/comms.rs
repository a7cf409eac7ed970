//! Comms: talk between cells and a front end's own code, such as that of a widget. The cells' process names the targets
//! that it serves; what a front end says goes to it, one message after the other, and is over when it says so.
//!
//! What may not be in this file: sockets.

use jupyter_protocol::{CommId, CommInfo, JupyterMessage, JupyterMessageContent};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};

/// The comms of one process of cells.
#[derive(Default)]
pub struct Comms {
    targets: HashSet<String>,
    /// The target of each open comm.
    open: HashMap<String, String>,
    /// What the process has not finished yet; it has been told of the first.
    waiting: VecDeque<(JupyterMessage, Value)>,
}

impl Comms {
    /// The process serves this target.
    pub fn register(&mut self, target: &str) {
        self.targets.insert(target.to_owned());
    }

    /// The process has opened a comm.
    pub fn opened(&mut self, id: &str, target: &str) {
        self.open.insert(id.to_owned(), target.to_owned());
    }

    /// The process has closed a comm.
    pub fn closed(&mut self, id: &str) {
        self.open.remove(id);
    }

    /// Takes what a front end says; `false` when no cell wants to hear it.
    pub fn take(&mut self, request: &JupyterMessage) -> bool {
        let line = match &request.content {
            JupyterMessageContent::CommOpen(open) if self.targets.contains(&open.target_name) => {
                self.opened(&open.comm_id.0, &open.target_name);
                json!({ "comm": "open", "id": open.comm_id, "target": open.target_name, "data": open.data })
            }
            JupyterMessageContent::CommMsg(message) if self.open.contains_key(&message.comm_id.0) => {
                json!({ "comm": "message", "id": message.comm_id, "data": message.data })
            }
            JupyterMessageContent::CommClose(close) if self.open.contains_key(&close.comm_id.0) => {
                self.closed(&close.comm_id.0);
                json!({ "comm": "close", "id": close.comm_id, "data": close.data })
            }
            _ => return false,
        };
        self.waiting.push_back((request.clone(), line));
        true
    }

    /// The line for the process when it has nothing to do but this.
    pub fn next_line(&self) -> Option<&Value> {
        self.waiting.front().map(|(_, line)| line)
    }

    /// How many messages wait, the one that is being handled included.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The request that is being handled.
    pub fn request(&self) -> Option<&JupyterMessage> {
        self.waiting.front().map(|(request, _)| request)
    }

    /// The process has done what the first request wanted.
    pub fn done(&mut self) -> Option<JupyterMessage> {
        self.waiting.pop_front().map(|(request, _)| request)
    }

    /// The process has ended: the comms that were open, and the requests that nobody answers any more.
    pub fn end(&mut self) -> (Vec<String>, Vec<JupyterMessage>) {
        let Self { open, waiting, .. } = std::mem::take(self);
        (open.into_keys().collect(), waiting.into_iter().map(|(request, _)| request).collect())
    }

    /// The open comms, all or those of one target.
    pub fn info(&self, target: Option<&str>) -> HashMap<CommId, CommInfo> {
        let wanted = self.open.iter().filter(|(_, of)| target.is_none_or(|target| target == of.as_str()));
        wanted.map(|(id, of)| (CommId(id.clone()), CommInfo { target_name: of.clone() })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Comms;
    use jupyter_protocol::{CommClose, CommId, CommMsg, CommOpen, JupyterMessage, JupyterMessageContent};

    fn open(id: &str, target: &str) -> JupyterMessage {
        let open = CommOpen { comm_id: CommId(id.into()), target_name: target.into(), ..CommOpen::default() };
        JupyterMessage::new(open, None)
    }

    fn on(id: &str, content: impl FnOnce(CommId) -> JupyterMessageContent) -> JupyterMessage {
        JupyterMessage::new(content(CommId(id.into())), None)
    }

    #[test]
    fn only_what_cells_serve_is_taken_and_one_after_the_other() {
        let mut comms = Comms::default();
        assert!(!comms.take(&open("a", "slider")), "nobody serves it");
        comms.register("slider");
        assert!(comms.take(&open("a", "slider")) && !comms.take(&open("b", "other")));
        let message = |id: &str| on(id, |comm_id| CommMsg { comm_id, ..CommMsg::default() }.into());
        assert!(comms.take(&message("a")) && !comms.take(&message("b")));
        assert_eq!(comms.info(None).len(), 1);
        assert_eq!((comms.info(Some("slider")).len(), comms.info(Some("other")).len()), (1, 0));

        assert_eq!(comms.next_line().unwrap()["comm"], "open");
        comms.done();
        assert_eq!(comms.next_line().unwrap()["comm"], "message");
        assert!(comms.take(&on("a", |comm_id| CommClose { comm_id, ..CommClose::default() }.into())));
        assert!(!comms.take(&message("a")), "it is closed");
        comms.opened("c", "plot");
        let (closed, unanswered) = comms.end();
        assert_eq!((closed, unanswered.len()), (vec!["c".to_owned()], 2));
        assert!(!comms.take(&open("d", "slider")), "the process that served it is gone");
    }
}
