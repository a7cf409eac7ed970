//! Running the steps of a plan, and gathering what the next run reads meanwhile.

use super::{Place, Plan, Step};
use crate::cpu::pool::SharedSlice;
use crate::cpu::{Moment, Pool, Work, memory};
use crate::ops::MOST_INPUTS;
use engine_api::Error;
use std::ops::Range;
use std::time::{Duration, Instant};

/// The buffers that the places of a plan lie in.
#[derive(Clone, Copy)]
struct Memory {
    variables: *mut f32,
    arena: *mut f32,
    fed: *mut f32,
    gradients: *mut f32,
    constants: *const f32,
}

// SAFETY: the addresses are only turned into slices by `read` and `write`, whose contracts forbid races.
unsafe impl Sync for Memory {}

/// Where the numbers of the fed nodes go.
pub struct Feeds<'a> {
    places: &'a [Option<Range<usize>>],
    room: &'a mut [f32],
}

impl Feeds<'_> {
    /// Where to write the numbers of fed node number `index`; `None` when nothing needs them.
    pub fn at(&mut self, index: usize) -> Option<&mut [f32]> {
        Some(&mut self.room[self.places[index].clone()?])
    }
}

impl Memory {
    /// # Safety
    /// The buffers are alive, and nobody writes the place while the slice is in use.
    unsafe fn read<'a>(self, place: &Place) -> &'a [f32] {
        let (from, range) = match place {
            Place::Arena(range) => (self.arena.cast_const(), range),
            Place::Fed(range) => (self.fed.cast_const(), range),
            Place::Gradient(range) => (self.gradients.cast_const(), range),
            Place::Variable(range) => (self.variables.cast_const(), range),
            Place::Constant(range) => (self.constants, range),
        };
        // SAFETY: ranges lie inside their buffers: `Layout::plan` makes its own long enough, and the places
        // of variables are the store's. The caller vouches for the rest.
        unsafe { std::slice::from_raw_parts(from.add(range.start), range.len()) }
    }

    /// # Safety
    /// The buffers are alive, and nobody else uses the place while the slice is in use.
    unsafe fn write<'a>(self, place: &Place) -> &'a mut [f32] {
        let (from, range) = match place {
            Place::Gradient(range) => (self.gradients, range),
            Place::Variable(range) => (self.variables, range),
            Place::Fed(range) => (self.fed, range),
            Place::Arena(range) | Place::Constant(range) => (self.arena, range),
        };
        // SAFETY: as above, and the caller vouches for the place.
        unsafe { std::slice::from_raw_parts_mut(from.add(range.start), range.len()) }
    }
}

/// So many numbers take longer to gather than another thread takes to hear of it and to hand them over.
const WORTH_HANDING_OVER: usize = 8192;

impl Plan {
    /// What the coming run reads.
    pub fn feeds(&mut self) -> Feeds<'_> {
        Feeds { places: &self.feeds, room: &mut self.fed[0] }
    }

    /// Runs all steps.
    pub fn run(&mut self, variables: &mut [f32], moment: Moment, pool: &Pool) {
        let (memory, before) = (self.memory_of(variables), pool.tasks());
        self.run_steps(memory, moment, pool);
        self.shares_work = Some(pool.tasks() != before);
    }

    /// Runs all steps while another thread gathers, with `fill`, what the next run will read, if the steps leave
    /// a thread without work. Returns whether it did.
    ///
    /// # Errors
    /// [`Error::Memory`] when there is no room for what is gathered.
    pub fn run_and_feed(
        &mut self,
        variables: &mut [f32],
        moment: Moment,
        pool: &Pool,
        fill: &(dyn Fn(Feeds) + Sync),
    ) -> Result<bool, Error> {
        if self.shares_work != Some(false) || pool.threads() == 1 || self.fed[0].len() < WORTH_HANDING_OVER {
            self.run(variables, moment, pool);
            return Ok(false);
        }
        let len = self.fed[0].len();
        if self.fed[1].len() != len {
            self.fed[1] = memory::buffer(len, &format!("a batch of {}", self.purpose.batch))?;
        }
        let (memory, room) = (self.memory_of(variables), SharedSlice::new(&mut self.fed[1]));
        pool.run(&|part| match part {
            0 => self.run_steps(memory, moment, pool),
            // SAFETY: this part alone uses the room.
            1 => fill(Feeds { places: &self.feeds, room: unsafe { room.range(0..len) } }),
            _ => {}
        });
        self.fed.swap(0, 1);
        Ok(true)
    }

    fn run_steps(&self, memory: Memory, moment: Moment, pool: &Pool) {
        self.steps.iter().for_each(|step| self.run_step(step, memory, moment, pool));
    }

    /// Runs all steps and looks at what each has computed.
    ///
    /// # Errors
    /// [`Error::NotFinite`] after the first step with a number that is none or infinite.
    pub fn run_checked(&mut self, variables: &mut [f32], moment: Moment, pool: &Pool) -> Result<(), Error> {
        let memory = self.memory_of(variables);
        for step in &self.steps {
            self.run_step(step, memory, moment, pool);
            // SAFETY: the step is over, so nobody writes its output.
            let output = unsafe { memory.read(&step.output) };
            if let Some(place) = output.iter().position(|number| !number.is_finite()) {
                return Err(self.anomaly(step, place, output[place]));
            }
        }
        Ok(())
    }

    fn anomaly(&self, step: &Step, place: usize, number: f32) -> Error {
        let node = &self.nodes[step.node];
        let message = format!(
            "op `{}` gave {number} (number {place} of shape {:?}), while all numbers before it were finite",
            node.op.name, node.shape
        );
        Error::NotFinite { place: node.label.clone(), message }
    }

    /// How long each step takes on what lies in memory, the best of several runs; `variables` are the
    /// caller's to lose.
    pub fn measure(&mut self, variables: &mut [f32], pool: &Pool) -> Vec<Duration> {
        const RUNS: usize = 5;
        let memory = self.memory_of(variables);
        let mut best = vec![Duration::MAX; self.steps.len()];
        for _ in 0..RUNS {
            for (step, best) in self.steps.iter().zip(&mut best) {
                let begin = Instant::now();
                self.run_step(step, memory, Moment::default(), pool);
                *best = begin.elapsed().min(*best);
            }
        }
        best
    }

    fn memory_of(&mut self, variables: &mut [f32]) -> Memory {
        Memory {
            variables: variables.as_mut_ptr(),
            arena: self.memory.as_mut_ptr(),
            fed: self.fed[0].as_mut_ptr(),
            gradients: self.gradients.as_mut_ptr(),
            constants: self.constants.as_ptr(),
        }
    }

    fn run_step(&self, step: &Step, memory: Memory, moment: Moment, pool: &Pool) {
        let mut inputs: [&[f32]; MOST_INPUTS] = [&[]; MOST_INPUTS];
        for (input, place) in inputs.iter_mut().zip(&step.inputs) {
            // SAFETY: the layout gives a step's output and scratch memory of their own while its inputs are
            // alive, and weights are updated by steps that do not read them, so nothing that is read here
            // is written during the step.
            *input = unsafe { memory.read(place) };
        }
        // SAFETY: as above: output and scratch overlap neither each other nor any input.
        let (output, scratch) =
            unsafe { (memory.write(&step.output), memory.write(&Place::Arena(step.scratch.clone()))) };
        step.kernel.run(&mut Work { inputs: &inputs[..step.inputs.len()], output, scratch, moment, pool });
    }
}
