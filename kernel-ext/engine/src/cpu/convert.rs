//! Samples of any type become a batch of `f32`, just before they are used.

use super::pool::{Pool, SharedSlice};
use engine_api::{DType, Data, Error};

/// A source of samples whose description has been checked.
///
/// # Errors
/// When the array has another number of numbers a sample than the program takes.
pub fn check(data: &Data, sample_len: usize, what: &str) -> Result<(), Error> {
    if data.sample_len == sample_len {
        return Ok(());
    }
    Err(Error::Shape {
        place: what.into(),
        message: format!("expected {sample_len} numbers a sample, received {}", data.sample_len),
        hint: "give the data the shape that the model was built for".into(),
    })
}

/// A run of samples: those that `order` names from place `first` on or, without it, those from number `first` on.
#[derive(Clone, Copy)]
pub struct Samples<'a> {
    pub order: Option<&'a [u32]>,
    pub first: usize,
    pub count: usize,
}

/// What one number of a sample costs, in the unit of `Pool::split`: samples are far apart in memory.
const COST: u64 = 32;

/// Writes samples one after the other.
///
/// # Safety
/// `data` describes an array that is alive and unchanged during the call, and all sample numbers are
/// below its number of samples.
pub unsafe fn gather(data: &Data, samples: Samples, to: &mut [f32], pool: &Pool) {
    let (len, to) = (data.sample_len, SharedSlice::new(to));
    pool.split(samples.count, 1, COST * (samples.count * len) as u64, &|rows| {
        let part = Samples { first: samples.first + rows.start, count: rows.len(), ..samples };
        // SAFETY: the ranges of a split do not overlap; the rest is forwarded to the caller.
        unsafe {
            let to = to.range(rows.start * len..rows.end * len);
            match data.dtype {
                DType::U8 => gather_as::<u8>(data, part, to, f32::from),
                DType::I32 => gather_as::<i32>(data, part, to, |value| value as f32),
                DType::I64 => gather_as::<i64>(data, part, to, |value| value as f32),
                DType::F32 => gather_as::<f32>(data, part, to, |value| value),
                DType::F64 => gather_as::<f64>(data, part, to, |value| value as f32),
            }
        }
    });
}

/// # Safety
/// As [`gather`], and the array holds numbers of type `T`.
unsafe fn gather_as<T: Copy>(
    data: &Data,
    Samples { order, first, count }: Samples,
    to: &mut [f32],
    convert: impl Fn(T) -> f32 + Copy,
) {
    let len = data.sample_len;
    let start = data.address as *const T;
    for (row, to) in to[..count * len].chunks_exact_mut(len.max(1)).enumerate() {
        let sample = order.map_or(first + row, |order| order[first + row] as usize);
        debug_assert!(sample < data.samples);
        // SAFETY: the sample lies inside the array, which the caller keeps alive.
        let from = unsafe { std::slice::from_raw_parts(start.add(sample * len), len) };
        super::simd::with_wide_vectors(|| {
            for (to, &from) in to.iter_mut().zip(from) {
                *to = convert(from);
            }
        });
    }
}
