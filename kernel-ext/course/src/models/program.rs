//! A compiled model behind the waist, and how data runs through it.

use super::compile::{Compiled, Objective};
use super::lower::lower;
use super::network::Network;
use crate::weight::{StoreHandle, Weight, gather};
use crate::{Result, Tensor, waist};
use engine_api::{Data, Mode, PlanTable, ReadPlan, RunBatches, WriteOptimizer};
use std::sync::Arc;

/// How long the backend may work before it comes back, so that progress moves and an interrupt is
/// seen.
pub(super) const CHUNK_US: u64 = 50_000;

/// A compiled model. Its optimizer's state lives as long as it does.
#[derive(Debug)]
pub(super) struct Program {
    program: engine_api::Program,
    store: Arc<StoreHandle>,
    trained: std::sync::atomic::AtomicBool,
}

/// One pass over a data set.
pub(super) struct Pass<'a> {
    pub mode: Mode,
    /// One array an input, then one a target.
    pub data: Vec<Data>,
    /// In which order samples are taken; their natural order if absent.
    pub order: Option<&'a [u32]>,
    pub samples: usize,
    pub batch_size: usize,
    /// Whether to stop at the first number that is not finite.
    pub detect_anomaly: bool,
    /// Room for each output that is wanted.
    pub rooms: &'a mut [Vec<f32>],
}

impl<'a> Pass<'a> {
    /// A pass in natural order, without outputs.
    pub fn of(mode: Mode, data: Vec<Data>, samples: usize, batch_size: usize) -> Self {
        Self { mode, data, order: None, samples, batch_size, detect_anomaly: false, rooms: &mut [] }
    }

    /// The pass, with room for each output.
    pub fn into(self, rooms: &'a mut [Vec<f32>]) -> Self {
        Self { rooms, ..self }
    }
}

/// The sums so far of loss and metrics, and over how many samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    pub batches: usize,
    pub samples: f64,
    pub sums: Vec<f64>,
}

impl Program {
    pub fn compile(network: &Network, weights: &[Weight], compiled: Option<&Compiled>) -> Result<Self> {
        let objective = compiled.map(|compiled| compiled.objective(network)).transpose()?;
        Self::between(&network.inputs, &network.outputs, weights, compiled.zip(objective.as_ref()))
    }

    /// The program that computes outputs from inputs, and trains if it is told how.
    pub fn between(
        inputs: &[Tensor],
        outputs: &[Tensor],
        weights: &[Weight],
        training: Option<(&Compiled, &Objective)>,
    ) -> Result<Self> {
        let store = gather(weights)?;
        let program = waist::call(&lower(inputs, outputs, training, &store)?)?;
        Ok(Self { program, store, trained: false.into() })
    }

    /// Whether all these weights live in this program's store.
    pub fn owns(&self, weights: &[Weight]) -> bool {
        weights.iter().all(|weight| weight.index_in(&self.store).is_some())
    }

    /// Whether the optimizer has made a step, so that it has a state.
    pub fn trained(&self) -> bool {
        self.trained.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub fn set_optimizer(&self, option: &str, value: f64) -> Result<()> {
        waist::call(&WriteOptimizer { program: self.program, option: option.into(), value })
    }

    /// The plan for a batch size.
    pub fn plan(&self, mode: Mode, batch_size: usize) -> Result<PlanTable> {
        waist::call(&ReadPlan { program: self.program, mode, batch_size })
    }

    /// Runs a pass in chunks of a moment; `after_chunk` is told how far it is and may stop it.
    /// Returns the sums over all samples.
    pub fn run(&self, pass: Pass, mut after_chunk: impl FnMut(&Totals) -> Result<()>) -> Result<Totals> {
        let mut running = Running::new(pass, CHUNK_US);
        while running.advance(self)? {
            after_chunk(&running.totals)?;
        }
        Ok(running.totals)
    }
}

/// A pass that is under way. The arrays and the order that it was made of must outlive it.
pub(super) struct Running {
    request: RunBatches,
    pub totals: Totals,
}

impl Running {
    /// A pass whose chunks take about so many microseconds; 0 makes each batch a chunk.
    pub fn new(pass: Pass, chunk_us: u64) -> Self {
        let request = RunBatches {
            program: engine_api::Program(0),
            mode: pass.mode,
            data: pass.data,
            order: pass.order.map_or(0, |order| order.as_ptr() as u64),
            samples: pass.samples,
            batch_size: pass.batch_size,
            first: 0,
            budget_us: chunk_us,
            detect_anomaly: pass.detect_anomaly,
            outputs: pass.rooms.iter_mut().map(|room| room.as_mut_ptr() as u64).collect(),
        };
        Self { request, totals: Totals::default() }
    }

    /// The same from a later sample on, going on with these sums.
    pub fn from(mut self, first: usize, totals: Totals) -> Self {
        self.request.first = first;
        Self { totals, ..self }
    }

    /// Runs the next chunk; returns whether there was one.
    pub fn advance(&mut self, program: &Program) -> Result<bool> {
        let Self { request, totals } = self;
        if request.first >= request.samples {
            return Ok(false);
        }
        request.program = program.program;
        if request.mode == Mode::Train {
            program.trained.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        let report = waist::call(&*request)?;
        totals.sums.resize(report.sums.len(), 0.0);
        totals.sums.iter_mut().zip(&report.sums).for_each(|(sum, more)| *sum += more);
        totals.samples += (report.next - request.first) as f64;
        totals.batches += report.batches;
        request.first = report.next;
        Ok(true)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nobody is left who could be told, and a program that is gone already needs no freeing.
        let _ = waist::call(&engine_api::Drop { handle: self.program.0 });
    }
}
