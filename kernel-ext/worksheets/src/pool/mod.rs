//! Kernels that have warmed up before anybody needs them.
//!
//! ```text
//! lab, check, pool ── keeper ── starts ──> kernel --spare ── notice in .worksheets/pool
//!                                              ▲                      │ taken
//! Jupyter ── starts ──> kernel ── launcher ────┴── handover ◂─────────┘
//! ```
//!
//! Whoever needs a kernel takes the notice of one that waits and hands over its connection file, its folder and its
//! environment. What may not be in this folder: anything of evcxr, and what messages mean.

mod handover;
mod keeper;
mod launcher;
mod notice;
mod spare;

pub use handover::Handover;
pub use keeper::Pool;
pub use launcher::stand_in;
pub use spare::{Launcher, Spare, Wish};

use std::env;
use std::io;
use tokio::signal::unix::{SignalKind, signal};

/// How many kernels wait where nobody says otherwise; 0 turns the pool off, also for kernels that are started.
pub const SIZE: &str = "WORKSHEETS_POOL";

/// The number in [`SIZE`], usually 1.
pub fn spares_wanted() -> usize {
    env::var(SIZE).ok().and_then(|size| size.trim().parse().ok()).unwrap_or(1)
}

/// Keeps so many kernels waiting, until SIGINT or SIGTERM.
///
/// # Errors
/// When signals cannot be caught, or no thread can be started.
pub fn run(size: usize, say: fn(&str)) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let _pool = Pool::keep(size, say)?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}
