//! Memory that is asked for with care: a notebook shall live when a batch is too large.

use super::buffer::Buffer;
use engine_api::Error;

/// Room for `len` numbers, all 0.
///
/// # Errors
/// [`Error::Memory`] when there is less than that.
pub fn buffer(len: usize, place: &str) -> Result<Buffer, Error> {
    let needed = 4 * len as u64;
    let available = available();
    let fits = available.is_none_or(|available| needed <= available);
    let buffer = if fits { Buffer::zeroed(len) } else { None };
    buffer.ok_or_else(|| Error::Memory { place: place.into(), needed, available })
}

/// The bytes that programs can still get without others losing theirs, where the system says so.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(1024 * kilobytes)
}
