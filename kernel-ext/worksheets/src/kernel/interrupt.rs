//! The wish to stop a cell, and how it is carried out.
//!
//! While the cell compiles, cargo and rustc are killed and all variables live. While it runs, the code
//! is asked (`interrupted?` on the side channel); if it does not end within [`PATIENCE`], its process is
//! killed, and with it the variables.

use super::processes;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a running cell may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the watch looks again.
const TICK: Duration = Duration::from_millis(50);

/// What a cell is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Compiling,
    Running,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    requested: Option<Instant>,
    began: Option<Instant>,
    ran: Duration,
    child: Option<Arc<Mutex<Child>>>,
}

/// Shared by the one who asks, the one who compiles and the side channel.
#[derive(Debug)]
pub struct Interrupt(Mutex<State>);

impl Default for Interrupt {
    fn default() -> Self {
        Self(Mutex::new(State { phase: Phase::Idle, requested: None, began: None, ran: Duration::ZERO, child: None }))
    }
}

impl Interrupt {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says which process runs cells; the handle stays right when evcxr replaces the process.
    pub fn watch(&self, child: Arc<Mutex<Child>>) {
        self.state().child = Some(child);
    }

    /// A cell is taken up.
    pub fn cell_starts(&self) {
        let mut state = self.state();
        state.phase = Phase::Compiling;
        state.ran = Duration::ZERO;
    }

    /// The compiled cell is called.
    pub fn run_begins(&self) {
        let mut state = self.state();
        state.phase = Phase::Running;
        state.began = Some(Instant::now());
    }

    /// The compiled cell has returned.
    pub fn run_ends(&self) {
        let mut state = self.state();
        state.phase = Phase::Compiling;
        if let Some(began) = state.began.take() {
            state.ran += began.elapsed();
        }
    }

    /// The cell is over. Says how long it ran, and whether somebody wanted it to stop.
    pub fn cell_ends(&self) -> (Duration, bool) {
        self.run_ends();
        let mut state = self.state();
        state.phase = Phase::Idle;
        (state.ran, state.requested.take().is_some())
    }

    /// Whether somebody wants the cell to stop.
    pub fn is_requested(&self) -> bool {
        self.state().requested.is_some()
    }

    /// Asks the present cell to stop, or the one that waits for the kernel to be warm. Returns when it
    /// has, which is within six seconds.
    pub async fn request(&self, one_waits: bool) {
        {
            let mut state = self.state();
            if state.phase == Phase::Idle && !one_waits {
                return;
            }
            state.requested.get_or_insert_with(Instant::now);
        }
        while self.enforce() {
            tokio::time::sleep(TICK).await;
        }
    }

    /// Does what the phase calls for; says whether there is still something to watch.
    fn enforce(&self) -> bool {
        let (phase, requested) = {
            let state = self.state();
            (state.phase, state.requested)
        };
        let Some(requested) = requested else { return false };
        match phase {
            Phase::Idle => return false,
            Phase::Compiling => processes::kill_descendants(self.child()),
            Phase::Running if requested.elapsed() > PATIENCE => self.kill_child(),
            Phase::Running => {}
        }
        true
    }

    /// Kills the process that runs cells, and what its cells have started.
    pub fn kill_child(&self) {
        if let Some(child) = self.child() {
            processes::kill_group(child);
        }
    }

    /// Kills everything below the kernel.
    pub fn kill_everything(&self) {
        self.kill_child();
        processes::kill_descendants(None);
    }

    fn child(&self) -> Option<u32> {
        let child = self.state().child.clone()?;
        // Whoever holds this lock is waiting for a process that has ended already.
        child.try_lock().ok().map(|child| child.id())
    }
}
