//! The one seed from which all random numbers of the process come.

use crate::config::ConfigValue;
use engine_api::{Json, Philox};
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed {
    pub number: i64,
    /// Whether the user has chosen it.
    given: bool,
}

impl Seed {
    /// One that follows from the seed of the process.
    pub fn next() -> Self {
        let mut random = next_generator();
        Self { number: (i64::from(random.bits()) << 31) ^ i64::from(random.bits()), given: false }
    }

    /// One that is another, but follows from this.
    pub fn second(self) -> Self {
        Self { number: self.number ^ 0x5eed, ..self }
    }
}

impl From<i64> for Seed {
    fn from(number: i64) -> Self {
        Self { number, given: true }
    }
}

impl ConfigValue for Seed {
    const EXPECTED: &'static str = "a whole number";

    /// Nothing when it follows from that of the process.
    fn to_json(&self) -> Json {
        self.given.then_some(self.number).into()
    }

    fn from_json(json: &Json) -> Option<Self> {
        json.as_i64().map(Self::from)
    }
}
