//! The one seed from which all random numbers of the process come.

use engine_api::Philox;
use std::sync::atomic::{AtomicU64, Ordering};

static SEED: AtomicU64 = AtomicU64::new(0);
static NEXT_STREAM: AtomicU64 = AtomicU64::new(0);

/// Makes weights, shuffles and everything else random the same from run to run.
///
/// Without it the seed is 0, so two runs of the same program agree anyway; another seed gives
/// another run. Each initialiser and each `fit` draws from a stream of its own.
///
/// Source: `keras.utils.set_random_seed`; the numbers are Philox's, not NumPy's.
///
/// ```
/// use course::prelude::*;
/// let weights = |seed| {
///     set_random_seed(seed);
///     let mut model = Sequential::new();
///     model.add(Input::new([2]));
///     model.add(Dense::new(2));
///     model.get_weights()[0].clone()
/// };
/// assert_eq!(weights(7), weights(7));
/// assert_ne!(weights(7), weights(8));
/// ```
pub fn set_random_seed(seed: u64) {
    SEED.store(seed, Ordering::Relaxed);
    restart();
}

/// Lets the streams of the present seed begin anew.
pub(crate) fn restart() {
    NEXT_STREAM.store(0, Ordering::Relaxed);
}

/// A generator that nobody else uses.
pub(crate) fn next_generator() -> Philox {
    Philox::new(SEED.load(Ordering::Relaxed), NEXT_STREAM.fetch_add(1, Ordering::Relaxed))
}

/// A seed for numbers that are drawn behind the waist.
pub(crate) fn next_seed() -> i64 {
    let mut random = next_generator();
    (i64::from(random.bits()) << 31) ^ i64::from(random.bits())
}
