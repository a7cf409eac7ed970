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
    pub name: &'static str,
    /// How many numbers of working memory it needs.
    pub scratch: usize,
    run: Run,
}

impl Kernel {
    pub fn new(name: &'static str, run: impl Fn(&mut Work<'_>) + Send + Sync + 'static) -> Self {
        Self { name, scratch: 0, run: Box::new(run) }
    }

    pub fn with_scratch(mut self, len: usize) -> Self {
        self.scratch = len;
        self
    }

    pub fn run(&self, work: &mut Work<'_>) {
        (self.run)(work);
    }
}
