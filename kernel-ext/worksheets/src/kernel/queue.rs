//! The requests that wait for the compiler, in the order in which they came.

use jupyter_protocol::{JupyterMessage, JupyterMessageContent};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A queue with one reader.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<JupyterMessage>,
    /// The reader is at work.
    busy: bool,
    /// Nobody will read again.
    closed: bool,
    /// The reader is gone.
    left: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a request.
    pub fn push(&self, request: JupyterMessage) {
        self.state().waiting.push_back(request);
        self.changed.notify_all();
    }

    /// Waits for the next request; `None` when the queue is closed.
    pub fn next(&self) -> Option<JupyterMessage> {
        let mut state = self.state();
        loop {
            if state.closed {
                return None;
            }
            if let Some(request) = state.waiting.pop_front() {
                state.busy = true;
                return Some(request);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The reader has done what was asked: whoever hears of that may ask for more.
    pub fn rest(&self) {
        self.state().busy = false;
    }

    /// Takes away every cell that waits to be run.
    pub fn take_cells(&self) -> Vec<JupyterMessage> {
        let mut state = self.state();
        let (cells, others) = state
            .waiting
            .drain(..)
            .partition(|request| matches!(request.content, JupyterMessageContent::ExecuteRequest(_)));
        state.waiting = others;
        Vec::from(cells)
    }

    /// Whether a request would have to wait for another one.
    pub fn is_busy(&self) -> bool {
        let state = self.state();
        state.busy || !state.waiting.is_empty()
    }

    /// Ends the reader's loop.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// The reader says that it is gone.
    pub fn leave(&self) {
        self.state().left = true;
        self.changed.notify_all();
    }

    /// Waits until the reader is gone; says whether it is.
    pub fn wait_until_left(&self, patience: Duration) -> bool {
        let state = self.state();
        let waited = self.changed.wait_timeout_while(state, patience, |state| !state.left);
        waited.map_or_else(|poisoned| poisoned.into_inner().0.left, |(state, _)| state.left)
    }
}
