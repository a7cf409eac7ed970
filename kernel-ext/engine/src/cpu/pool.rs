//! A small fixed pool of threads. Work is cut into as many parts as there are threads, always in the
//! same way, so results do not change from run to run. Workers spin shortly after each piece of work,
//! since the next one usually follows within microseconds, and sleep after that: an idle notebook
//! costs nothing.

use std::cell::UnsafeCell;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;

/// How often a worker looks for work before it sleeps; about 50 microseconds.
const SPINS: u32 = 20_000;

/// How often the caller looks for the end of a task before it lets others run.
const PATIENCE: u32 = 2_000;

/// The most threads that are used without being asked for: the course's networks are small.
const MOST_THREADS: usize = 8;

type Task<'a> = &'a (dyn Fn(usize) + Sync);

struct Shared {
    /// The present task's number in the upper half, the next part that nobody has begun in the lower.
    /// Whoever raises it by one while the number is the same does that part.
    next: AtomicU64,
    /// The present task; only read by those that have a part of it.
    task: UnsafeCell<Task<'static>>,
    /// Parts of the present task that are not done yet.
    left: AtomicUsize,
    parts: usize,
    panicked: AtomicBool,
    sleepers: Mutex<()>,
    wake: Condvar,
    asleep: AtomicUsize,
}

// SAFETY: `task` is written only while no part is left to anybody, and read only between beginning a
// part and reporting it as done; the atomics order the two.
unsafe impl Sync for Shared {}
// SAFETY: as above; the task itself may be shared between threads.
unsafe impl Send for Shared {}

/// The threads that kernels share.
pub struct Pool {
    threads: usize,
    shared: Arc<Shared>,
    /// Held while a task runs: the pool serves one caller at a time.
    busy: Mutex<()>,
    /// How many tasks have been given to it.
    tasks: AtomicU64,
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
            next: AtomicU64::new(threads as u64),
            task: UnsafeCell::new(&|_| ()),
            left: AtomicUsize::new(0),
            parts: threads,
            panicked: AtomicBool::new(false),
            sleepers: Mutex::new(()),
            wake: Condvar::new(),
            asleep: AtomicUsize::new(0),
        });
        for worker in 1..threads {
            let shared = Arc::clone(&shared);
            // Where a thread cannot be started, the others do its parts.
            let _ = thread::Builder::new().name(format!("course-{worker}")).spawn(move || serve(&shared));
        }
        Self { threads, shared, busy: Mutex::new(()), tasks: AtomicU64::new(0) }
    }

    /// How many parts work is cut into.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// How many tasks have been given to [`Pool::run`] so far.
    pub fn tasks(&self) -> u64 {
        self.tasks.load(Ordering::Relaxed)
    }

    /// Calls `task(part)` for every part below the number of threads, on as many threads as come in
    /// time: a part that nobody else has begun is done by the caller, so a busy machine costs little.
    pub fn run(&self, task: Task<'_>) {
        self.tasks.fetch_add(1, Ordering::Relaxed);
        if self.threads == 1 {
            return task(0);
        }
        let Ok(_busy) = self.busy.try_lock() else {
            // Somebody else's task is running: do all parts here rather than wait.
            return (0..self.threads).for_each(task);
        };
        let shared = &*self.shared;
        // SAFETY: only the lifetime is changed. The reference is used by those that have begun a part,
        // and this call does not return before all parts are done, since `do_parts` catches panics.
        let task: Task<'static> = unsafe { std::mem::transmute::<Task<'_>, Task<'static>>(task) };
        // SAFETY: all parts of the last task are done, so nobody reads the cell.
        unsafe { *shared.task.get() = task };
        shared.left.store(self.threads, Ordering::Relaxed);
        let number = (shared.next.load(Ordering::Relaxed) >> 32).wrapping_add(1);
        shared.next.store(number << 32, Ordering::SeqCst);
        if shared.asleep.load(Ordering::SeqCst) > 0 {
            drop(lock(&shared.sleepers));
            shared.wake.notify_all();
        }
        do_parts(shared);
        let mut spins = 0_u32;
        while shared.left.load(Ordering::Acquire) > 0 {
            spins += 1;
            // Whoever has the last part may be waiting for this very processor.
            if spins.is_multiple_of(PATIENCE) { thread::yield_now() } else { std::hint::spin_loop() }
        }
        assert!(!shared.panicked.swap(false, Ordering::Relaxed), "a thread of the pool panicked");
    }

    /// Cuts `0..len` at multiples of `grain` into one range a thread and calls `task` with each. Work
    /// below about 20 microseconds (`cost` in floating-point operations) stays on the calling thread.
    pub fn split(&self, len: usize, grain: usize, cost: u64, task: &(dyn Fn(Range<usize>) + Sync)) {
        self.split_parts(len, grain, cost, &|_, range| task(range));
    }

    /// As [`Pool::split`], and tells each range its number, which is below the number of threads: what
    /// belongs to a number is used by one thread at a time.
    pub fn split_parts(&self, len: usize, grain: usize, cost: u64, task: &(dyn Fn(usize, Range<usize>) + Sync)) {
        const WORTH_SHARING: u64 = 400_000;
        let grains = len.div_ceil(grain.max(1));
        if self.threads == 1 || grains < 2 || cost < WORTH_SHARING {
            return task(0, 0..len);
        }
        let threads = self.threads;
        self.run(&|part| {
            let bound = |part: usize| (grains * part / threads * grain).min(len);
            let range = bound(part)..bound(part + 1);
            if !range.is_empty() {
                task(part, range);
            }
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn has_parts(shared: &Shared, next: u64) -> bool {
    ((next & u64::from(u32::MAX)) as usize) < shared.parts
}

/// Does parts of the present task until all have been begun.
fn do_parts(shared: &Shared) {
    let mut next = shared.next.load(Ordering::Acquire);
    while has_parts(shared, next) {
        // The upper half makes this fail when the task is another one by now.
        match shared.next.compare_exchange_weak(next, next + 1, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => {
                // SAFETY: this part is not done yet, so the task is alive and the cell is not written.
                let task = unsafe { *shared.task.get() };
                let part = (next & u64::from(u32::MAX)) as usize;
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| task(part)));
                if outcome.is_err() {
                    shared.panicked.store(true, Ordering::Relaxed);
                }
                shared.left.fetch_sub(1, Ordering::Release);
                next = shared.next.load(Ordering::Acquire);
            }
            Err(other) => next = other,
        }
    }
}

fn serve(shared: &Shared) {
    loop {
        do_parts(shared);
        wait_for_work(shared);
    }
}

/// Returns once there may be parts that nobody has begun.
fn wait_for_work(shared: &Shared) {
    for _ in 0..SPINS {
        if has_parts(shared, shared.next.load(Ordering::Acquire)) {
            return;
        }
        std::hint::spin_loop();
    }
    let mut guard = lock(&shared.sleepers);
    shared.asleep.fetch_add(1, Ordering::SeqCst);
    while !has_parts(shared, shared.next.load(Ordering::SeqCst)) {
        guard = shared.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
    shared.asleep.fetch_sub(1, Ordering::SeqCst);
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
    use std::sync::atomic::{AtomicUsize, Ordering};

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
    fn a_panic_in_any_part_reaches_the_caller_and_the_pool_lives() {
        let pool = Pool::new(2);
        for bad in [0, 1] {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                pool.run(&|part| assert!(part != bad, "part {part} fails"));
            }));
            assert!(outcome.is_err());
            pool.run(&|_| ());
        }
    }

    #[test]
    fn every_part_of_many_short_tasks_is_done_once() {
        let pool = Pool::new(3);
        let done = [const { AtomicUsize::new(0) }; 3];
        for _ in 0..20_000 {
            pool.run(&|part| {
                done[part].fetch_add(1, Ordering::Relaxed);
            });
        }
        assert!(done.iter().all(|done| done.load(Ordering::Relaxed) == 20_000));
    }
}
