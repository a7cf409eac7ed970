//! Kernels of ops that only move numbers.

use super::Value;
use crate::autodiff::Backward;
use crate::cpu::copy::BlockCopy;
use crate::cpu::{Kernel, Work};
use engine_api::{Attr, Op};

/// Copies a block of each input into the output, whose other numbers become `filling`.
pub fn kernel(name: &'static str, filling: Option<f32>, copies: Vec<BlockCopy>) -> Kernel {
    Kernel::new(name, move |work: &mut Work<'_>| {
        if let Some(filling) = filling {
            work.output.fill(filling);
        }
        for (copy, input) in copies.iter().zip(work.inputs) {
            copy.run(input, work.output, work.pool);
        }
    })
}

/// Writes a slice of `size` numbers from `start` along an axis.
pub fn emit_slice(backward: &mut Backward, x: Value, axis: usize, start: usize, size: usize) -> Value {
    if backward.shape(x)[axis] == size {
        return x;
    }
    let op = Op::new("slice").with("axis", Attr::Int(axis as i64)).with("start", Attr::Int(start as i64));
    backward.emit(op.with("size", Attr::Int(size as i64)), &[x])
}
