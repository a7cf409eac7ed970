//! A compiled computation: it makes a plan for each batch size that occurs and runs data through it.

use crate::cpu::convert::{self, Samples};
use crate::cpu::{Moment, Pool};
use crate::explain;
use crate::lower;
use crate::optimizers::Optimizer;
use crate::plan::{Feeds, Plan, Purpose};
use crate::store::Store;
use engine_api::{Constraints, CreateProgram, Data, Error, Mode, PlanTable, RunBatches, RunReport, Shape, Update};
use std::time::{Duration, Instant};

/// A computation over the variables of one [`Store`].
pub struct Program {
    request: CreateProgram,
    shapes: Vec<Shape>,
    plans: Vec<Plan>,
    optimizer: Option<Optimizer>,
    /// What is made of weights after a step.
    constraints: Option<Plan>,
    /// How many batches have been run.
    runs: u64,
    /// How many steps the optimizer has made.
    steps: u64,
}

/// Where a run of batches is: what is asked for, and what has been found.
struct Progress<'a> {
    request: &'a RunBatches,
    order: Option<&'a [u32]>,
    /// How many sums each result gives.
    widths: Vec<usize>,
    report: RunReport,
    /// Whether the plan of the coming batch has its numbers already.
    is_fed: bool,
}

impl Progress<'_> {
    /// How many samples the batch that begins at place `first` has.
    fn batch_at(&self, first: usize) -> usize {
        self.request.batch_size.min(self.request.samples - first)
    }

    /// Adds what a batch has given to the sums.
    fn add(&mut self, plan: &Plan) {
        let mut sums = self.report.sums.as_mut_slice();
        for (index, &width) in self.widths.iter().enumerate() {
            let (own, rest) = sums.split_at_mut(width);
            // The loss is a mean over the batch, a metric has one row a sample.
            let weight = if index == 0 { plan.purpose.batch as f64 } else { 1.0 };
            for row in plan.result(index).chunks_exact(width.max(1)) {
                own.iter_mut().zip(row).for_each(|(sum, &number)| *sum += weight * f64::from(number));
            }
            sums = rest;
        }
    }

    /// Gathers the batch that begins at place `first`.
    ///
    /// # Safety
    /// As [`Program::run`], and every sample number is below the number of samples of each array.
    unsafe fn feed(&self, mut feeds: Feeds, first: usize, pool: &Pool) {
        let samples = Samples { order: self.order, first, count: self.batch_at(first) };
        for (index, data) in self.request.data.iter().enumerate() {
            if let Some(to) = feeds.at(index) {
                // SAFETY: forwarded to the caller.
                unsafe { convert::gather(data, samples, to, pool) };
            }
        }
    }
}

/// What constraints are planned for.
const AFTER_STEP: Purpose = Purpose { mode: Mode::Forward, batch: 1, weighted: false, plain_updates: false };

/// How many plans are kept: full and partial batches of training, validation and prediction.
const MOST_PLANS: usize = 8;

impl Program {
    /// Checks the graph, with its batch size unknown.
    ///
    /// # Errors
    /// What the shape rules find wrong; nodes that do not exist; an optimizer that does not exist.
    pub fn new(request: CreateProgram, store: &Store) -> Result<Self, Error> {
        let shapes = lower::check(&request.graph)?;
        expect_updates(&request.updates, &shapes, store, false)?;
        let mut constraints = None;
        if let Some(Constraints { graph, updates }) =
            request.training.as_ref().and_then(|spec| spec.constraints.clone())
        {
            expect_updates(&updates, &lower::check(&graph)?, store, true)?;
            let (inputs, outputs) = (Vec::new(), Vec::new());
            let request = CreateProgram { store: request.store, graph, inputs, outputs, updates, training: None };
            constraints = Some(Plan::new(&request, store, AFTER_STEP)?);
        }
        let mut nodes: Vec<usize> = request.inputs.iter().chain(&request.outputs).copied().collect();
        let mut optimizer = None;
        if let Some(training) = &request.training {
            nodes.extend(&training.targets);
            nodes.push(training.loss);
            nodes.extend(training.weighted.iter().flat_map(|weighted| [weighted.weights, weighted.loss]));
            nodes.extend(training.metrics.iter().map(|metric| metric.node));
            optimizer = Some(Optimizer::new(&training.optimizer, store.trainable_len(), store.trainable_places())?);
        }
        if let Some(node) = nodes.iter().find(|&&node| node >= shapes.len()) {
            return Err(Error::Internal(format!("node {node} does not exist; the graph has {}", shapes.len())));
        }
        if let Some(training) = &request.training {
            expect_scalar(&shapes[training.loss], "the loss")?;
            if let Some(weighted) = &training.weighted {
                expect_scalar(&shapes[weighted.loss], "the weighted loss")?;
            }
        }
        Ok(Self { request, shapes, plans: Vec::new(), optimizer, constraints, runs: 0, steps: 0 })
    }

    /// Changes an option of the optimizer.
    ///
    /// # Errors
    /// When the program does not train, or its optimizer has no such option.
    pub fn set_optimizer_option(&mut self, option: &str, value: f64) -> Result<(), Error> {
        let optimizer = self.optimizer.as_mut().ok_or_else(|| Error::Internal("this program does not train".into()))?;
        if optimizer.set(option, value) { Ok(()) } else { Err(optimizer.unknown_option(option)) }
    }

    /// The plan for one batch size, with measured times. The weights stay as they are.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn explain(&mut self, store: &Store, mode: Mode, batch: usize) -> Result<PlanTable, Error> {
        let index = self.plan(store, mode, batch, false)?;
        let plan = &mut self.plans[index];
        let times = plan.measure(&mut store.values.to_vec(), Pool::global());
        Ok(explain::table(plan, &times))
    }

    /// Runs batches until the data or the time is used up.
    ///
    /// # Errors
    /// Data that does not fit the program.
    ///
    /// # Safety
    /// The addresses in the request name arrays of the stated sizes that are alive during the call; the
    /// inputs do not change meanwhile, and nobody else uses the room for outputs.
    pub unsafe fn run(&mut self, store: &mut Store, request: &RunBatches) -> Result<RunReport, Error> {
        let deadline = Instant::now() + Duration::from_micros(request.budget_us);
        // SAFETY: the caller vouches for the address and the number of samples.
        let order = (request.order != 0)
            .then(|| unsafe { std::slice::from_raw_parts(request.order as *const u32, request.samples) });
        self.check(request, order)?;
        let widths = self.widths(request.mode);
        let report = RunReport { next: request.first, batches: 0, sums: vec![0.0; widths.iter().sum()] };
        let mut progress = Progress { request, order, widths, report, is_fed: false };
        while progress.report.next < request.samples {
            // SAFETY: forwarded to the caller; `check` has seen that all samples exist.
            unsafe { self.run_batch(store, &mut progress)? };
            progress.report.batches += 1;
            if Instant::now() >= deadline {
                break;
            }
        }
        Ok(progress.report)
    }

    /// How many sums each result gives: the loss one, a metric one or one a column.
    fn widths(&self, mode: Mode) -> Vec<usize> {
        let Some(training) = self.request.training.as_ref().filter(|_| !mode.gives_outputs()) else {
            return Vec::new();
        };
        let width = |metric: &engine_api::Metric| self.shapes[metric.node].sample_len().unwrap_or(1);
        std::iter::once(1).chain(training.metrics.iter().map(width)).collect()
    }

    /// # Safety
    /// As [`Self::run`], and every sample number is below the number of samples of each array.
    unsafe fn run_batch(&mut self, store: &mut Store, progress: &mut Progress) -> Result<(), Error> {
        let (request, pool, first) = (progress.request, Pool::global(), progress.report.next);
        let batch = progress.batch_at(first);
        let index = self.plan(store, request.mode, batch, self.is_weighted(request))?;
        self.follow_schedule(request.mode);
        self.runs += 1;
        let update_scale = self.optimizer.as_ref().and_then(Optimizer::plain_scale).unwrap_or(0.0);
        let (plan, moment) = (&mut self.plans[index], Moment { update_scale, run: self.runs });
        if !progress.is_fed {
            // SAFETY: forwarded to the caller.
            unsafe { progress.feed(plan.feeds(), first, pool) };
        }
        progress.report.next += batch;
        let next = progress.report.next;
        progress.is_fed = if request.detect_anomaly {
            plan.run_checked(&mut store.values, moment, pool)?;
            false
        } else if next < request.samples && progress.batch_at(next) == batch {
            // SAFETY: forwarded to the caller.
            let fill = |feeds: Feeds| unsafe { progress.feed(feeds, next, pool) };
            plan.run_and_feed(&mut store.values, moment, pool, &fill)?
        } else {
            plan.run(&mut store.values, moment, pool);
            false
        };
        if request.mode.gives_outputs() {
            for (index, &address) in request.outputs.iter().enumerate() {
                let result = plan.result(index);
                // SAFETY: the caller has room for all samples of the output at the address.
                unsafe {
                    let to = (address as *mut f32).add(first * (result.len() / batch));
                    std::ptr::copy_nonoverlapping(result.as_ptr(), to, result.len());
                }
            }
            return Ok(());
        }
        progress.add(plan);
        if let (Mode::Train, Some(optimizer)) = (request.mode, &mut self.optimizer) {
            if plan.purpose.plain_updates {
                for range in plan.left_to_optimizer().to_vec() {
                    optimizer.step(&mut store.values[range.clone()], &mut plan.gradients()[range], pool);
                }
            } else {
                let trainable = store.trainable_len();
                optimizer.step(&mut store.values[..trainable], plan.gradients(), pool);
            }
            if let Some(constraints) = &mut self.constraints {
                constraints.run(&mut store.values, moment, pool);
            }
        }
        Ok(())
    }

    /// Whether a run brings weights of samples besides inputs and targets.
    fn is_weighted(&self, request: &RunBatches) -> bool {
        let training = self.request.training.as_ref().filter(|_| !request.mode.gives_outputs());
        training.is_some_and(|training| {
            let others = self.request.inputs.len() + training.targets.len();
            training.weighted.is_some() && request.data.len() == others + 1
        })
    }

    /// Sets the learning rate for the step that comes.
    fn follow_schedule(&mut self, mode: Mode) {
        if let (Mode::Train, Some(training), Some(optimizer)) = (mode, &self.request.training, &mut self.optimizer) {
            if let Some(schedule) = &training.schedule {
                optimizer.set("learning_rate", schedule.at(self.steps));
            }
            self.steps += 1;
        }
    }

    /// The place of the plan for a batch size, which is made when it is needed first.
    fn plan(&mut self, store: &Store, mode: Mode, batch: usize, weighted: bool) -> Result<usize, Error> {
        let plain = self.optimizer.as_ref().is_some_and(|optimizer| optimizer.plain_scale().is_some());
        let purpose = Purpose { mode, batch, weighted, plain_updates: plain && mode == Mode::Train };
        if let Some(index) = self.plans.iter().position(|plan| plan.purpose == purpose) {
            return Ok(index);
        }
        let plan = Plan::new(&self.request, store, purpose)?;
        if self.plans.len() == MOST_PLANS {
            self.plans.remove(0);
        }
        self.plans.push(plan);
        Ok(self.plans.len() - 1)
    }

    fn check(&self, request: &RunBatches, order: Option<&[u32]>) -> Result<(), Error> {
        let training = self.request.training.as_ref();
        if !request.mode.gives_outputs() && training.is_none() {
            return Err(Error::Internal("a program made for prediction can neither train nor evaluate".into()));
        }
        let targets: &[usize] = match (training, request.mode) {
            (Some(training), Mode::Evaluate | Mode::Train) => &training.targets,
            _ => &[],
        };
        let weights = training.and_then(|training| training.weighted).filter(|_| self.is_weighted(request));
        let weights = weights.map(|weighted| weighted.weights);
        let fed: Vec<usize> = self.request.inputs.iter().chain(targets).copied().chain(weights).collect();
        if fed.len() != request.data.len() {
            return Err(Error::Internal(format!("expected {} arrays, received {}", fed.len(), request.data.len())));
        }
        if request.mode.gives_outputs() && request.outputs.len() != self.request.outputs.len() {
            return Err(Error::Internal(format!("expected room for {} outputs", self.request.outputs.len())));
        }
        if request.batch_size == 0 {
            return Err(Error::Shape {
                place: "batch_size".into(),
                message: "expected a whole number above 0, received 0".into(),
                hint: "32 is a good first choice".into(),
            });
        }
        for (node, data) in fed.iter().zip(&request.data) {
            self.check_data(*node, data, request.samples, order)?;
        }
        Ok(())
    }

    fn check_data(&self, node: usize, data: &Data, samples: usize, order: Option<&[u32]>) -> Result<(), Error> {
        let label = &self.request.graph.nodes[node].label;
        let sample_len = self.shapes[node].sample_len().unwrap_or(0);
        convert::check(data, sample_len, label)?;
        let largest = match order {
            Some(order) => order.iter().max().map_or(0, |&largest| largest as usize + 1),
            None => samples,
        };
        if largest <= data.samples {
            return Ok(());
        }
        Err(Error::Shape {
            place: label.clone(),
            message: format!("sample {} was asked for, but there are {}", largest - 1, data.samples),
            hint: "give as many targets as inputs".into(),
        })
    }
}

/// Checks that variables can become what they shall: those that an optimizer changes, or those that it does not.
fn expect_updates(updates: &[Update], shapes: &[Shape], store: &Store, trainable: bool) -> Result<(), Error> {
    for update in updates {
        let (entry, shape) = (store.entry(update.variable)?, shapes.get(update.node));
        let fits = shape.is_some_and(|shape| *shape == Shape::known(&entry.shape));
        if !fits || entry.trainable != trainable {
            let (kind, node) = (if entry.trainable { "" } else { "not " }, update.node);
            return Err(Error::Internal(format!(
                "variable `{}` of shape {:?}, which is {kind}trained, cannot become node {node} of shape {shape:?}",
                entry.name, entry.shape
            )));
        }
    }
    Ok(())
}

fn expect_scalar(shape: &Shape, what: &str) -> Result<(), Error> {
    if shape.rank() == 0 {
        return Ok(());
    }
    Err(Error::Shape {
        place: what.into(),
        message: format!("expected a scalar, received shape {shape}"),
        hint: "end the loss in `batch_mean`".into(),
    })
}
