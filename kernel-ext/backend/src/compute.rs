//! Requests to the engine: stores of variables and compiled programs.

use engine_api::{
    CreateProgram, CreateStore, Drop, Error, InferShape, PlanText, Program, ReadVariable, RunBatches, RunReport, Shape,
    Store, WriteOptimizer, WriteVariable,
};

fn absent<T>(what: &str) -> Result<T, Error> {
    Err(Error::Unknown { name: what.into(), known: Vec::new() })
}

pub fn infer_shape(_: InferShape) -> Result<Shape, Error> {
    absent("infer_shape")
}

pub fn create_store(_: CreateStore) -> Result<Store, Error> {
    absent("create_store")
}

pub fn read_variable(_: ReadVariable) -> Result<Vec<f32>, Error> {
    absent("read_variable")
}

pub fn write_variable(_: WriteVariable) -> Result<(), Error> {
    absent("write_variable")
}

pub fn create_program(_: CreateProgram) -> Result<Program, Error> {
    absent("create_program")
}

pub fn run_batches(_: RunBatches) -> Result<RunReport, Error> {
    absent("run_batches")
}

pub fn write_optimizer(_: WriteOptimizer) -> Result<(), Error> {
    absent("write_optimizer")
}

pub fn plan_text(_: PlanText) -> Result<String, Error> {
    absent("plan_text")
}

pub fn drop_handle(_: Drop) -> Result<(), Error> {
    absent("drop_handle")
}
