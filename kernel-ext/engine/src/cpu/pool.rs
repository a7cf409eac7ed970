//! A small fixed pool of threads. Work is cut into as many parts as there are threads, always in the
//! same way, so results do not change from run to run. Workers spin shortly after each piece of work,
//! since the next one usually follows within microseconds, and sleep after that: an idle notebook
//! costs nothing.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;

/// How often a worker looks for work before it sleeps; about 50 microseconds.
const SPINS: u32 = 20_000;

/// The most threads that are used without being asked for: the course's networks are small.
const MOST_THREADS: usize = 8;

type Task<'a> = &'a (dyn Fn(usize) + Sync);

struct Shared {
    /// Rises by one with each task.
    generation: AtomicUsize,
    /// The present task; valid while workers are counted in `running`.
    task: Mutex<Option<Task<'static>>>,
    running: AtomicUsize,
    panicked: AtomicBool,
    sleepers: Mutex<()>,
    wake: Condvar,
    asleep: AtomicUsize,
}

/// The threads that kernels share.
pub struct Pool {
    threads: usize,
    shared: Arc<Shared>,
    /// Held while a task runs: the pool serves one caller at a time.
    busy: Mutex<()>,
}

impl Pool {
    /// The pool of this process: `COURSE_THREADS` threads, or as many as the processor has, at most 8.
    pub fn global() -> &'static Self {
        static POOL: OnceLock<Pool> = OnceLock::new();
        POOL.get_or_init(|| {
            let asked = std::env::var("COURSE_THREADS").ok().and_then(|text| text.trim().parse().ok());
            let present = || thread::available_parallelism().map_or(1, |count| count.get().min(MOST_THREADS));
            Self::new(asked.filter(|&count| count > 0).unwrap_or_else(present))
        })
    }

    pub fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared {
            generation: AtomicUsize::new(0),
            task: Mutex::new(None),
            running: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            sleepers: Mutex::new(()),
            wake: Condvar::new(),
            asleep: AtomicUsize::new(0),
        });
        let started = (1..threads).take_while(|&worker| {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name(format!("course-{worker}")).spawn(move || serve(&shared, worker)).is_ok()
        });
        Self { threads: 1 + started.count(), shared, busy: Mutex::new(()) }
    }

    /// How many threads work, the caller included.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Calls `task(part)` for every part below the number of threads, at the same time.
    pub fn run(&self, task: Task<'_>) {
        if self.threads == 1 {
            return task(0);
        }
        let Ok(_busy) = self.busy.try_lock() else {
            // Somebody else's task is running: do all parts here rather than wait.
            return (0..self.threads).for_each(task);
        };
        let shared = &*self.shared;
        // SAFETY: only the lifetime is changed. The reference is used by workers only while `running`
        // counts them, and `Finish` below waits for that, also when this thread's own part panics.
        let task_for_workers: Task<'static> = unsafe { std::mem::transmute::<Task<'_>, Task<'static>>(task) };
        *lock(&shared.task) = Some(task_for_workers);
        shared.running.store(self.threads - 1, Ordering::Relaxed);
        shared.generation.fetch_add(1, Ordering::SeqCst);
        if shared.asleep.load(Ordering::SeqCst) > 0 {
            drop(lock(&shared.sleepers));
            shared.wake.notify_all();
        }
        let finish = Finish(shared);
        task(0);
        drop(finish);
        assert!(!shared.panicked.swap(false, Ordering::Relaxed), "a thread of the pool panicked");
    }

    /// Cuts `0..len` at multiples of `grain` into one range a thread and calls `task` with each. Work
    /// below about 20 microseconds (`cost` in floating-point operations) stays on the calling thread.
    pub fn split(&self, len: usize, grain: usize, cost: u64, task: &(dyn Fn(Range<usize>) + Sync)) {
        const WORTH_SHARING: u64 = 400_000;
        let grains = len.div_ceil(grain.max(1));
        if self.threads == 1 || grains < 2 || cost < WORTH_SHARING {
            return task(0..len);
        }
        let threads = self.threads;
        self.run(&|part| {
            let bound = |part: usize| (grains * part / threads * grain).min(len);
            let range = bound(part)..bound(part + 1);
            if !range.is_empty() {
                task(range);
            }
        });
    }
}

/// Waits for the workers when it is dropped.
struct Finish<'a>(&'a Shared);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let mut spins = 0_u32;
        while self.0.running.load(Ordering::Acquire) > 0 {
            spins += 1;
            if spins < SPINS { std::hint::spin_loop() } else { thread::yield_now() }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(shared: &Shared, worker: usize) {
    let mut seen = 0;
    loop {
        seen = wait_for_work(shared, seen);
        let task = *lock(&shared.task);
        if let Some(task) = task {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| task(worker)));
            if outcome.is_err() {
                shared.panicked.store(true, Ordering::Relaxed);
            }
        }
        shared.running.fetch_sub(1, Ordering::Release);
    }
}

/// Returns the new generation once it differs from `seen`.
fn wait_for_work(shared: &Shared, seen: usize) -> usize {
    for _ in 0..SPINS {
        let now = shared.generation.load(Ordering::Acquire);
        if now != seen {
            return now;
        }
        std::hint::spin_loop();
    }
    let mut guard = lock(&shared.sleepers);
    shared.asleep.fetch_add(1, Ordering::SeqCst);
    let now = loop {
        let now = shared.generation.load(Ordering::SeqCst);
        if now != seen {
            break now;
        }
        guard = shared.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
    };
    shared.asleep.fetch_sub(1, Ordering::SeqCst);
    now
}

/// A mutable slice that several threads write at different places.
#[derive(Clone, Copy)]
pub struct SharedSlice {
    data: *mut f32,
    len: usize,
}

// SAFETY: the pointer is only turned into slices by `range`, whose contract demands disjoint ranges.
unsafe impl Send for SharedSlice {}
// SAFETY: as above.
unsafe impl Sync for SharedSlice {}

impl SharedSlice {
    pub fn new(slice: &mut [f32]) -> Self {
        Self { data: slice.as_mut_ptr(), len: slice.len() }
    }

    /// The numbers in `range`.
    ///
    /// # Safety
    /// The slice is still alive, and no other thread uses an overlapping range at the same time.
    pub unsafe fn range<'a>(self, range: Range<usize>) -> &'a mut [f32] {
        assert!(range.start <= range.end && range.end <= self.len, "a part lies outside of its slice");
        // SAFETY: the range lies inside the slice; the caller keeps ranges apart and the slice alive.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(range.start), range.len()) }
    }

    /// The address of the first number.
    pub fn pointer(self) -> *mut f32 {
        self.data
    }
}

#[cfg(test)]
mod tests {
    use super::{Pool, SharedSlice};

    #[test]
    fn every_number_is_visited_once_for_any_number_of_threads() {
        for threads in [1, 2, 3, 7] {
            let pool = Pool::new(threads);
            for len in [0, 1, 15, 16, 17, 1000] {
                let mut visits = vec![0.0; len];
                let shared = SharedSlice::new(&mut visits);
                pool.split(len, 16, u64::MAX, &|range| {
                    // SAFETY: the ranges of a split do not overlap.
                    unsafe { shared.range(range) }.iter_mut().for_each(|visits| *visits += 1.0);
                });
                assert!(visits.iter().all(|&visits| visits == 1.0), "{threads} threads, {len} numbers");
            }
        }
    }

    #[test]
    fn a_panic_in_a_worker_reaches_the_caller_and_the_pool_lives() {
        let pool = Pool::new(2);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.run(&|part| assert!(part == 0, "part {part} fails"));
        }));
        assert!(outcome.is_err());
        pool.run(&|_| ());
    }
}
