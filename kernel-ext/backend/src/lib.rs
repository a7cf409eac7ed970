//! What stands behind the waist: it takes requests apart and hands them to the room that answers.
//!
//! What may not be in this file: any answer of its own.

mod compute;
mod downloads;
mod files;
mod images;
mod json;
mod linear_algebra;
pub mod pictures;
mod safetensors;
mod tables;

pub use {image, plotters};

use engine_api::{
    BUILD, Call, CreateProgram, CreateStore, DecomposeSymmetric, Draw, Drop, Error, ExpandGradients, InferShape,
    LoadFile, ParseJson, Rasterize, ReadArrays, ReadCsv, ReadImage, ReadPlan, ReadVariable, Reader, Reply, ResizeImage,
    RunBatches, StartDownload, Table, WatchDownload, Wire, WriteArrays, WriteImage, WriteOptimizer, WriteVariable,
    Writer, answer, free_reply,
};

static TABLE: Table = Table { build: BUILD, call, free: free_reply };

/// The backend's end of the waist.
pub fn table() -> &'static Table {
    &TABLE
}

unsafe extern "C" fn call(method: u32, request: *const u8, len: usize) -> Reply {
    // SAFETY: the caller of the table keeps `len` bytes at `request` alive during the call.
    let request = unsafe { std::slice::from_raw_parts(request, len) };
    answer(|| dispatch(method, request))
}

fn dispatch(method: u32, request: &[u8]) -> Result<Vec<u8>, Error> {
    match method {
        InferShape::ID => serve(request, compute::infer_shape),
        ExpandGradients::ID => serve(request, |ExpandGradients { graph }| engine::expand_gradients(&graph)),
        CreateStore::ID => serve(request, compute::create_store),
        ReadVariable::ID => serve(request, compute::read_variable),
        WriteVariable::ID => serve(request, compute::write_variable),
        CreateProgram::ID => serve(request, compute::create_program),
        RunBatches::ID => serve(request, compute::run_batches),
        WriteOptimizer::ID => serve(request, compute::write_optimizer),
        ReadPlan::ID => serve(request, compute::read_plan),
        Drop::ID => serve(request, compute::drop_handle),
        Draw::ID => serve(request, pictures::draw),
        Rasterize::ID => serve(request, pictures::rasterize),
        LoadFile::ID => serve(request, files::load),
        DecomposeSymmetric::ID => serve(request, linear_algebra::decompose_symmetric),
        WriteArrays::ID => serve(request, safetensors::write),
        ReadArrays::ID => serve(request, safetensors::read),
        ReadCsv::ID => serve(request, tables::read_csv),
        ReadImage::ID => serve(request, images::read),
        WriteImage::ID => serve(request, images::write),
        ResizeImage::ID => serve(request, images::resize),
        StartDownload::ID => serve(request, downloads::start),
        WatchDownload::ID => serve(request, downloads::watch),
        ParseJson::ID => serve(request, json::parse),
        _ => Err(Error::Internal(format!("the backend has no call number {method}"))),
    }
}

fn serve<C: Call>(bytes: &[u8], handler: impl FnOnce(C) -> Result<C::Answer, Error>) -> Result<Vec<u8>, Error> {
    let answer = handler(C::read(&mut Reader(bytes))?)?;
    let mut writer = Writer::default();
    answer.write(&mut writer);
    Ok(writer.0)
}
