//! Computing on the processor: threads, vector instructions, matrix products, and the form of a kernel.

pub mod buffer;
pub mod conv;
pub mod convert;
pub mod copy;
pub mod gemm;
pub mod math;
pub mod memory;
pub mod pool;
pub mod simd;
pub mod tile;

pub use pool::Pool;
use std::borrow::Cow;

/// What a kernel works on. Inputs and output never overlap.
pub struct Work<'a> {
    pub inputs: &'a [&'a [f32]],
    pub output: &'a mut [f32],
    pub scratch: &'a mut [f32],
    pub moment: Moment,
    pub pool: &'a Pool,
}

/// What changes from one run of a plan to the next besides the data.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// The factor by which a kernel that writes weights adds the gradient to them.
    pub update_scale: f32,
    /// The number of the run, from which random ops draw.
    pub run: u64,
}

type Run = Box<dyn Fn(&mut Work<'_>) + Send + Sync>;

/// A computation prepared for concrete shapes.
pub struct Kernel {
    /// What it is called in a listing.
    pub name: Cow<'static, str>,
    /// How many numbers of working memory it needs.
    pub scratch: usize,
    run: Run,
    in_place: Option<Run>,
}

impl Kernel {
    pub fn new(name: impl Into<Cow<'static, str>>, run: impl Fn(&mut Work<'_>) + Send + Sync + 'static) -> Self {
        Self { name: name.into(), scratch: 0, run: Box::new(run), in_place: None }
    }

    pub fn with_scratch(mut self, len: usize) -> Self {
        self.scratch = len;
        self
    }

    /// A form for the case that the first input is the output: its work has the other inputs only.
    pub fn with_in_place(mut self, run: impl Fn(&mut Work<'_>) + Send + Sync + 'static) -> Self {
        self.in_place = Some(Box::new(run));
        self
    }

    /// The form in which the first input is the output, if there is one and `inherit` has a place for both.
    pub fn into_in_place<P>(mut self, inherit: impl FnOnce() -> Option<P>) -> (Self, Option<P>) {
        match self.in_place.take().and_then(|run| Some((run, inherit()?))) {
            Some((run, place)) => (Self { run, ..self }, Some(place)),
            None => (self, None),
        }
    }

    pub fn run(&self, work: &mut Work<'_>) {
        (self.run)(work);
    }
}
