//! The requests that concern files and what stands in them: arrays, tables, images, downloads.

use crate::Bytes;
use crate::wire::{wire_enum, wire_struct};

/// Reads a whole file and checks it.
#[derive(Clone, Debug)]
pub struct LoadFile {
    /// Where it lies.
    pub path: String,
    /// Whether to unpack it with gzip.
    pub gzip: bool,
    /// The SHA-256 that the (unpacked) bytes must have, in lower-case hexadecimal; empty for any.
    pub sha256: String,
}

/// An array in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedArray {
    /// Its name, such as `dense/kernel`.
    pub name: String,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<f32>,
}

/// Writes arrays into a file in the safetensors format, in place of what was there; their order is kept.
#[derive(Clone, Debug)]
pub struct WriteArrays {
    /// Where the file shall lie; folders that are missing are made.
    pub path: String,
    /// What it shall hold.
    pub arrays: Vec<NamedArray>,
}

/// Reads all arrays of a file in the safetensors format, in the order in which they were written, or by name.
#[derive(Clone, Debug)]
pub struct ReadArrays {
    /// Where the file lies.
    pub path: String,
}

/// Reads a table of comma-separated values.
#[derive(Clone, Debug)]
pub struct ReadCsv {
    /// The file.
    pub file: LoadFile,
    /// What stands between values: one ASCII character.
    pub separator: u8,
    /// Whether the first line names the columns.
    pub header: bool,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub values: ColumnValues,
}

/// What a column of a table holds.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValues {
    /// Numbers; NaN where the table has none.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<String>),
}

/// An image: a byte a channel, channels of a pixel side by side, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// How many rows it has.
    pub height: usize,
    /// How many pixels a row has.
    pub width: usize,
    /// 1 for grey, 2 for grey with opacity, 3 for colours, 4 for colours with opacity.
    pub channels: usize,
    /// Its values.
    pub bytes: Bytes,
}

/// Reads a picture from a PNG, JPEG or BMP file.
#[derive(Clone, Debug)]
pub struct ReadImage {
    /// Where the file lies.
    pub path: String,
    /// With how many channels it is wanted; 0 for those that it has.
    pub channels: usize,
}

/// Writes an image into a file whose name says its format, in place of what was there.
#[derive(Clone, Debug)]
pub struct WriteImage {
    /// Where the file shall lie; folders that are missing are made.
    pub path: String,
    /// What it shall hold.
    pub image: Pixels,
}

/// Asks for an image in another size.
#[derive(Clone, Debug)]
pub struct ResizeImage {
    /// The image.
    pub image: Pixels,
    /// How many rows it shall have.
    pub height: usize,
    /// How many pixels a row shall have.
    pub width: usize,
    /// Whether pixels are only repeated or left out, and never mixed.
    pub nearest: bool,
}

/// Begins to bring a file from the network, unless it is there already; follow it with [`WatchDownload`].
#[derive(Clone, Debug)]
pub struct StartDownload {
    /// Where it comes from, `http` or `https`.
    pub url: String,
    /// Where it shall lie; folders that are missing are made.
    pub path: String,
    /// The SHA-256 that it must have, in hexadecimal.
    pub sha256: String,
}

/// A file that is being brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Download(pub u64);

/// Asks how far a download is; the answer to one that failed is the error.
#[derive(Clone, Copy, Debug)]
pub struct WatchDownload {
    /// The download; after `done` and after an error its number means nothing.
    pub download: Download,
    /// How many microseconds to wait for its end.
    pub wait_us: u64,
    /// Whether to stop it. What has come is kept, and another download goes on from there.
    pub cancel: bool,
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadReport {
    /// How many bytes have come.
    pub received: u64,
    /// How many there are; 0 while nobody knows.
    pub total: u64,
    /// Whether it has ended.
    pub done: bool,
}

wire_struct!(DownloadReport { received, total, done });
wire_struct!(Pixels { height, width, channels, bytes });
wire_struct!(Column { name, values });
wire_enum!(ColumnValues { 0 => Numbers { 0: numbers }, 1 => Texts { 0: texts } });
wire_struct!(NamedArray { name, shape, values });
