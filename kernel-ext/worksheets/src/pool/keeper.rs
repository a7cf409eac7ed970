//! Keeps kernels waiting: starts one where one is missing, and ends what does not fit what is installed any more.

use super::notice::Notice;
use crate::{project, template};
use std::env;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often the keeper looks.
const TICK: Duration = Duration::from_millis(200);
/// Whoever has just got a kernel has the processors for so long, before the next one warms up.
const REST: Duration = Duration::from_secs(8);
/// A kernel that ends before it is taken is tried again after this time.
const PENALTY: Duration = Duration::from_secs(60);
/// No kernel waits where less memory than this is free, in KiB: it would hold a third of it.
const MEMORY: u64 = 1200 << 10;

/// Some waiting kernels, kept by a thread. Dropping it ends those that nobody has taken.
pub struct Pool {
    stop: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
}

impl Pool {
    /// Keeps `size` kernels waiting. `say` hears of each that is warm.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn keep(size: usize, say: impl FnMut(&str) + Send + 'static) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let mut keeper = Keeper { root: project::root(), size, spares: Vec::new(), start_after: None };
        let say = Mutex::new(say);
        let keeper = thread::Builder::new().name("pool".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                keeper.look(&mut *say.lock().unwrap_or_else(PoisonError::into_inner));
                thread::park_timeout(TICK);
            }
            keeper.end_all();
        })?;
        Ok(Self { stop, keeper: Some(keeper) })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(keeper) = self.keeper.take() {
            keeper.thread().unpark();
            let _ = keeper.join();
        }
    }
}

struct Keeper {
    root: PathBuf,
    size: usize,
    /// The kernels that were started and have not ended, taken or not.
    spares: Vec<Started>,
    /// No kernel is started before this time.
    start_after: Option<Instant>,
}

struct Started {
    process: Child,
    since: Instant,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its notice is not out yet.
    Starting,
    Waiting,
    Warm,
    Taken,
}

impl Keeper {
    fn look(&mut self, say: &mut dyn FnMut(&str)) {
        for spare in &mut self.spares {
            let now = spare.now(&self.root);
            if now != spare.state {
                match now {
                    State::Warm => say(&format!("a kernel waits ({:.1} s)", spare.since.elapsed().as_secs_f32())),
                    State::Taken => self.start_after = Some(Instant::now() + REST),
                    State::Starting | State::Waiting => {}
                }
                spare.state = now;
            }
        }
        self.bury();
        self.end_outdated();
        let waiting = self.spares.iter().filter(|spare| spare.state != State::Taken).count();
        if waiting < self.size && self.start_after.is_none_or(|time| time <= Instant::now()) && has_memory() {
            match start(&self.root) {
                Ok(process) => {
                    self.spares.push(Started { process, since: Instant::now(), state: State::Starting });
                }
                Err(_) => self.start_after = Some(Instant::now() + PENALTY),
            }
        }
    }

    /// Forgets the kernels that have ended.
    fn bury(&mut self) {
        let mut failed = false;
        self.spares.retain_mut(|spare| {
            let lives = matches!(spare.process.try_wait(), Ok(None));
            failed |= !lives && spare.state != State::Taken;
            lives
        });
        if failed {
            self.start_after = Some(Instant::now() + PENALTY);
        }
    }

    /// Ends what waits and was started from something else than is installed now.
    fn end_outdated(&mut self) {
        let root = &self.root;
        let is_outdated =
            |spare: &Started| Notice::of(root, spare.process.id()).is_some_and(|notice| !notice.is_current(root));
        self.spares.iter_mut().filter(|spare| is_outdated(spare)).for_each(|spare| {
            if spare.end(root) {
                // It ends on demand, which is no failure.
                spare.state = State::Taken;
            }
        });
    }

    fn end_all(&mut self) {
        for spare in &mut self.spares {
            if spare.state != State::Taken && spare.end(&self.root) {
                let _ = spare.process.wait();
            }
        }
    }
}

impl Started {
    fn now(&self, root: &Path) -> State {
        match Notice::of(root, self.process.id()) {
            Some(notice) if notice.warm => State::Warm,
            Some(_) => State::Waiting,
            None if self.state == State::Starting => State::Starting,
            None => State::Taken,
        }
    }

    /// Ends the kernel, unless somebody has taken it.
    fn end(&mut self, root: &Path) -> bool {
        let id = self.process.id();
        let is_ours = self.state == State::Starting || Notice::of(root, id).is_some_and(|notice| notice.take());
        if is_ours && let Ok(id) = i32::try_from(id) {
            // SAFETY: kill takes two numbers and touches no memory; the process is our child and not yet waited for.
            unsafe { libc::kill(id, libc::SIGTERM) };
        }
        is_ours
    }
}

/// Starts a kernel as the kernelspec says, in a process group of its own, so that Ctrl-C does not reach one that
/// somebody has taken.
fn start(root: &Path) -> io::Result<Child> {
    let mut command = Command::new(env::current_exe()?);
    command.envs(template::kernel_environment(root).map_err(|error| io::Error::other(error.to_string()))?);
    command.args(["kernel", "--spare"]).current_dir(root).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

/// Whether memory is left for a kernel that only waits. Where the system does not say, there is.
fn has_memory() -> bool {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).is_none_or(|free: u64| free > MEMORY)
}
