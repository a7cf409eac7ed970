//! Samples of any type become a batch of `f32`, just before they are used.

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

/// Writes the samples named by `order` (or, without it, those from `first` on) one after the other.
///
/// # Safety
/// `data` describes an array that is alive and unchanged during the call, and all sample numbers are
/// below its number of samples.
pub unsafe fn gather(data: &Data, order: Option<&[u32]>, first: usize, count: usize, to: &mut [f32]) {
    // SAFETY: forwarded to the caller.
    unsafe {
        match data.dtype {
            DType::U8 => gather_as::<u8>(data, order, first, count, to, f32::from),
            DType::I32 => gather_as::<i32>(data, order, first, count, to, |value| value as f32),
            DType::I64 => gather_as::<i64>(data, order, first, count, to, |value| value as f32),
            DType::F32 => gather_as::<f32>(data, order, first, count, to, |value| value),
            DType::F64 => gather_as::<f64>(data, order, first, count, to, |value| value as f32),
        }
    }
}

/// # Safety
/// As [`gather`], and the array holds numbers of type `T`.
unsafe fn gather_as<T: Copy>(
    data: &Data,
    order: Option<&[u32]>,
    first: usize,
    count: usize,
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
