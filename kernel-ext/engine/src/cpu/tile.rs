//! The one inner loop of all matrix products: a tile of a product that stays in registers, from its
//! first factor to its last.
//!
//! The left factors are read one number at a time: `rows` of them lie `row_stride` apart. Along the sum
//! they come in runs, each of which begins at an offset of its own: one run is a matrix product, one
//! run for each row of a filter is a convolution. The right factors are vectors.

use super::simd::{Level, Plain, Vector, level};

/// The most rows of a tile: with two vectors a row, 24 sums, which leaves registers for the factors.
const MOST_ROWS: usize = 12;

/// What is done with each sum before it is stored.
#[derive(Clone, Copy)]
pub enum Finish<'a> {
    /// Store it.
    Store,
    /// Add the bias of its column.
    Bias(&'a [f32]),
    /// Add the bias of its column and cut off what is negative.
    BiasRelu(&'a [f32]),
    /// Cut off what is negative.
    Relu,
    /// Store it where a number of this array, which lies as the product does, is positive, and 0 elsewhere.
    Mask(&'a [f32]),
    /// Add `scale` times it to what is stored.
    AddScaled(f32),
}

impl<'a> Finish<'a> {
    /// The end of a layer with or without bias and relu.
    pub fn of_layer(bias: Option<&'a [f32]>, relu: bool) -> Self {
        match (bias, relu) {
            (Some(bias), true) => Self::BiasRelu(bias),
            (Some(bias), false) => Self::Bias(bias),
            (None, true) => Self::Relu,
            (None, false) => Self::Store,
        }
    }

    /// Whether what it reads is there for a product of so many numbers in rows of `columns`.
    pub fn check(self, len: usize, columns: usize) {
        match self {
            Self::Bias(bias) | Self::BiasRelu(bias) => assert!(bias.len() >= columns, "the bias is too short"),
            Self::Mask(mask) => assert!(mask.len() >= len, "the mask is too short"),
            Self::Store | Self::Relu | Self::AddScaled(_) => {}
        }
    }
}

/// A tile: where its factors are, where it goes, how it ends.
#[derive(Clone, Copy)]
pub struct Tile<'a> {
    pub rows: usize,
    /// At most two vectors.
    pub columns: usize,
    pub a: *const f32,
    pub row_stride: usize,
    /// Where each run of the sum begins, from `a` on.
    pub runs: &'a [usize],
    /// How many terms a run has, and how far apart their left factors are.
    pub run: usize,
    pub step: usize,
    /// The right factors of the first term, and how far away those of the next are.
    pub b: *const f32,
    pub b_step: usize,
    /// The whole product, row by row, the length of its rows, and the place of the tile's first number.
    pub c: *mut f32,
    pub c_stride: usize,
    pub place: usize,
    pub finish: Finish<'a>,
}

/// How large tiles are on this machine, and what computes them.
#[derive(Clone, Copy)]
pub struct Form {
    /// The most rows.
    pub rows: usize,
    /// The most columns: two vectors.
    pub columns: usize,
    /// How many times as fast as other loops tiles are, about: what a term of a sum costs is a part of what
    /// [`Pool::split`](super::pool::Pool::split) counts.
    pub speed: u64,
    compute: unsafe fn(&Tile),
}

impl Form {
    /// The form for the instructions of this machine.
    pub fn present() -> Self {
        match level() {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Self { rows: MOST_ROWS, columns: 32, speed: 6, compute: avx512 },
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Self { rows: 6, columns: 16, speed: 3, compute: avx2 },
            #[cfg(target_arch = "aarch64")]
            Level::Neon => Self { rows: 8, columns: 8, speed: 2, compute: neon },
            _ => Self { rows: 4, columns: 16, speed: 1, compute: portable },
        }
    }

    /// Computes a tile.
    ///
    /// # Safety
    /// The tile is at most as large as this form; all its factors and its place exist; no other thread
    /// uses the place.
    pub unsafe fn compute(self, tile: &Tile) {
        // SAFETY: `present` chose what the processor has; the caller vouches for the tile.
        unsafe { (self.compute)(tile) }
    }
}

/// Cuts a number of rows into parts of nearly equal height: 16 rows make two tiles of 8, not one of 12
/// and one of 4. Calls `visit` with the first row and the height of each.
pub fn for_each_height(rows: usize, most: usize, mut visit: impl FnMut(usize, usize)) {
    let tiles = rows.div_ceil(most);
    for tile in 0..tiles {
        let first = rows * tile / tiles;
        visit(first, rows * (tile + 1) / tiles - first);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,fma")]
unsafe fn avx512(tile: &Tile) {
    // SAFETY: this function has the instructions; forwarded to the caller.
    unsafe { of_height::<super::simd::Zmm>(tile) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(tile: &Tile) {
    // SAFETY: this function has the instructions; forwarded to the caller.
    unsafe { of_height::<super::simd::Ymm>(tile) }
}

#[cfg(target_arch = "aarch64")]
unsafe fn neon(tile: &Tile) {
    // SAFETY: every such processor has the instructions; forwarded to the caller.
    unsafe { of_height::<super::simd::Quad>(tile) }
}

unsafe fn portable(tile: &Tile) {
    // SAFETY: plain Rust needs no particular instructions; forwarded to the caller.
    unsafe { of_height::<Plain>(tile) }
}

/// # Safety
/// As [`Form::compute`], and the processor has the instructions of `V`.
#[inline(always)]
unsafe fn of_height<V: Vector>(tile: &Tile) {
    macro_rules! by_height {
        ($($height:literal)*) => {
            // SAFETY: forwarded to the caller.
            unsafe {
                match tile.rows {
                    $($height if tile.columns == 2 * V::LANES => compute::<V, $height, 2, false>(tile, V::LANES),
                    $height if tile.columns > V::LANES => {
                        compute::<V, $height, 2, true>(tile, tile.columns - V::LANES)
                    }
                    $height => compute::<V, $height, 1, true>(tile, tile.columns),)*
                    _ => unreachable!("tiles have at most {MOST_ROWS} rows"),
                }
            }
        };
    }
    by_height!(1 2 3 4 5 6 7 8 9 10 11 12)
}

/// A tile of `R` rows and `W` vectors, the last of which has `last` lanes when `PARTIAL`.
///
/// # Safety
/// As [`of_height`].
#[inline(always)]
unsafe fn compute<V: Vector, const R: usize, const W: usize, const PARTIAL: bool>(tile: &Tile, last: usize) {
    // SAFETY: the caller vouches for all factors and the place of the tile.
    unsafe {
        let load = |from: *const f32, place: usize| {
            if PARTIAL && place + 1 == W { V::load_first(from, last) } else { V::load(from) }
        };
        let mut sums = [[V::zero(); W]; R];
        let mut b = tile.b;
        for &offset in tile.runs {
            let mut a = tile.a.add(offset);
            for _ in 0..tile.run {
                let mut factors = [V::zero(); W];
                for (place, factor) in factors.iter_mut().enumerate() {
                    *factor = load(b.add(place * V::LANES), place);
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let number = V::splat(a.add(row * tile.row_stride));
                    for (sum, factor) in sums.iter_mut().zip(factors) {
                        *sum = number.multiply_add(factor, *sum);
                    }
                }
                a = a.wrapping_add(tile.step);
                b = b.wrapping_add(tile.b_step);
            }
        }
        // One loop for each end, so that each is short enough to be unrolled: a loop that stays one would
        // address the sums by number, and the sums would lie in memory instead of registers.
        let column = tile.place % tile.c_stride;
        macro_rules! store {
            (|$sum:ident, $at:ident, $place:ident| $value:expr) => {
                for (row, sums) in sums.iter().enumerate() {
                    for ($place, $sum) in sums.iter().enumerate() {
                        let $at = tile.place + row * tile.c_stride + $place * V::LANES;
                        let value = $value;
                        let to = tile.c.add($at);
                        if PARTIAL && $place + 1 == W { value.store_first(to, last) } else { value.store(to) }
                    }
                }
            };
        }
        let bias = |bias: &[f32], place: usize| load(bias.as_ptr().add(column + place * V::LANES), place);
        match tile.finish {
            Finish::Store => store!(|sum, at, place| *sum),
            Finish::Bias(biases) => store!(|sum, at, place| sum.add(bias(biases, place))),
            Finish::BiasRelu(biases) => store!(|sum, at, place| sum.add(bias(biases, place)).max(V::zero())),
            Finish::Relu => store!(|sum, at, place| sum.max(V::zero())),
            Finish::Mask(mask) => {
                store!(|sum, at, place| sum.where_positive(load(mask.as_ptr().add(at), place)));
            }
            Finish::AddScaled(scale) => {
                let scale = V::splat(&raw const scale);
                store!(|sum, at, place| scale.multiply_add(*sum, load(tile.c.add(at), place)));
            }
        }
    }
}
