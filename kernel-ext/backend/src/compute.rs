//! Requests to the engine: stores of variables and compiled programs, by number.

use engine_api::{
    CreateProgram, CreateStore, Drop, Error, InferShape, PlanTable, Program, ReadPlan, ReadVariable, RunBatches,
    RunReport, Shape, Store, WriteOptimizer, WriteVariable,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

type Shared<T> = Arc<Mutex<T>>;

/// A program and the number of the store that it works on.
struct Compiled {
    program: engine::Program,
    store: Shared<engine::Store>,
}

/// Everything that callers hold numbers of. Stores live as long as their number or a program needs them.
#[derive(Default)]
struct Handles {
    last: u64,
    stores: HashMap<u64, Shared<engine::Store>>,
    programs: HashMap<u64, Shared<Compiled>>,
}

fn handles() -> MutexGuard<'static, Handles> {
    static HANDLES: OnceLock<Mutex<Handles>> = OnceLock::new();
    lock(HANDLES.get_or_init(Mutex::default))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Handles {
    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

fn store(handle: Store) -> Result<Shared<engine::Store>, Error> {
    let found = handles().stores.get(&handle.0).cloned();
    found.ok_or_else(|| Error::Internal(format!("there is no store number {}", handle.0)))
}

fn program(handle: Program) -> Result<Shared<Compiled>, Error> {
    let found = handles().programs.get(&handle.0).cloned();
    found.ok_or_else(|| Error::Internal(format!("there is no program number {}", handle.0)))
}

pub fn infer_shape(request: InferShape) -> Result<Shape, Error> {
    engine::infer_shape(&request.op, &request.inputs, &request.label)
}

pub fn create_store(request: CreateStore) -> Result<Store, Error> {
    let store = engine::Store::new(&request.variables)?;
    let mut handles = handles();
    let handle = handles.next();
    handles.stores.insert(handle, Arc::new(Mutex::new(store)));
    Ok(Store(handle))
}

pub fn read_variable(request: ReadVariable) -> Result<Vec<f32>, Error> {
    lock(&*store(request.store)?).read(request.index)
}

pub fn write_variable(request: WriteVariable) -> Result<(), Error> {
    lock(&*store(request.store)?).write(request.index, &request.values)
}

pub fn create_program(request: CreateProgram) -> Result<Program, Error> {
    let store = store(request.store)?;
    let program = engine::Program::new(request, &lock(&store))?;
    let mut handles = handles();
    let handle = handles.next();
    handles.programs.insert(handle, Arc::new(Mutex::new(Compiled { program, store })));
    Ok(Program(handle))
}

pub fn run_batches(request: RunBatches) -> Result<RunReport, Error> {
    let compiled = program(request.program)?;
    let Compiled { program, store } = &mut *lock(&compiled);
    // SAFETY: whoever sends the request keeps its arrays alive and unchanged until the answer, as
    // `engine_api::RunBatches` demands.
    unsafe { program.run(&mut lock(store), &request) }
}

pub fn write_optimizer(request: WriteOptimizer) -> Result<(), Error> {
    let compiled = program(request.program)?;
    lock(&compiled).program.set_optimizer_option(&request.option, request.value)
}

pub fn read_plan(request: ReadPlan) -> Result<PlanTable, Error> {
    let compiled = program(request.program)?;
    let Compiled { program, store } = &mut *lock(&compiled);
    program.explain(&lock(store), request.mode, request.batch_size)
}

pub fn drop_handle(request: Drop) -> Result<(), Error> {
    let mut handles = handles();
    // Taken out under the lock, freed after it.
    let (program, store) = (handles.programs.remove(&request.handle), handles.stores.remove(&request.handle));
    drop(handles);
    drop((program, store));
    Ok(())
}
