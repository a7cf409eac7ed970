//! Matrix products for batches of samples: `C = A B`, register-blocked; large factors are packed.
//!
//! `A` is read one number at a time and may lie in memory in any way (so the same kernel serves the
//! transposed product of a weight gradient); `B` and `C` are row-major. Each number of `C` is summed in
//! the order of the inner axis, whatever the number of threads, so results do not depend on it.

use super::pool::{Pool, SharedSlice};
pub use super::tile::Finish;
use super::tile::{self, Form, Tile};
use std::cell::RefCell;
use std::ops::Range;

/// A matrix whose rows and columns may lie at any distance.
#[derive(Clone, Copy)]
pub struct Strided<'a> {
    pub data: &'a [f32],
    pub row_stride: usize,
    pub column_stride: usize,
}

impl<'a> Strided<'a> {
    /// The matrix from this row on.
    fn below(self, row: usize) -> Self {
        let data: &'a [f32] = &self.data[(row * self.row_stride).min(self.data.len())..];
        Self { data, ..self }
    }
}

/// The sizes of a product: `C` is `rows` x `columns`, `inner` is what is summed over.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub rows: usize,
    pub columns: usize,
    pub inner: usize,
}

/// Computes `C = A B`, finished as asked.
pub fn multiply(sizes: Sizes, a: Strided<'_>, b: &[f32], c: &mut [f32], finish: Finish<'_>, pool: &Pool) {
    let Sizes { rows, columns, inner } = sizes;
    if rows == 0 || columns == 0 {
        return;
    }
    let reach = (rows - 1) * a.row_stride + inner.saturating_sub(1) * a.column_stride;
    assert!(inner == 0 || reach < a.data.len(), "the left matrix is too small");
    assert!(b.len() >= inner * columns && c.len() >= rows * columns, "the right matrix or the product is too small");
    finish.check(rows * columns, columns);
    let cost = 2 * (rows * columns * inner) as u64 / Form::present().speed;
    let c = SharedSlice::new(&mut c[..rows * columns]);
    let product = Product { sizes, a, b, c, finish };
    // Columns are shared first: then each thread keeps its own columns of the weights in its cache.
    if columns >= 32 * pool.threads() || columns >= rows {
        pool.split(columns, 32, cost, &|range| product.tiles(0..rows, range));
    } else {
        pool.split(rows, 4, cost, &|range| product.tiles(range, 0..columns));
    }
}

struct Product<'a> {
    sizes: Sizes,
    a: Strided<'a>,
    b: &'a [f32],
    c: SharedSlice,
    finish: Finish<'a>,
}

impl Product<'_> {
    /// Walks over the tiles of a part of the product.
    fn tiles(&self, rows: Range<usize>, columns: Range<usize>) {
        /// Factors beyond this many numbers leave the nearest cache, and are copied to where tiles read
        /// them one after the other.
        const LARGE: usize = 1 << 15;
        let (form, inner) = (Form::present(), self.sizes.inner);
        let packs_b = rows.len() >= 4 * form.rows && inner * self.sizes.columns > LARGE;
        let packs_a = self.a.column_stride != 1 && inner * rows.len() > LARGE && columns.len() > form.columns;
        PACKED.with_borrow_mut(|packed| {
            let a_len = if packs_a { rows.len() * inner } else { 0 };
            let b_len = if packs_b { inner * form.columns } else { 0 };
            if packed.len() < a_len + b_len {
                packed.resize(a_len + b_len, 0.0);
            }
            let (packed_a, packed_b) = packed[..a_len + b_len].split_at_mut(a_len);
            let a = if packs_a { self.pack_a(&rows, packed_a) } else { self.a.below(rows.start) };
            for column in columns.clone().step_by(form.columns) {
                let width = (columns.end - column).min(form.columns);
                let (b, b_step) = if packs_b {
                    self.pack_b(column, width, packed_b)
                } else {
                    (self.b.get(column..).unwrap_or_default(), self.sizes.columns)
                };
                self.column_of_tiles(a, rows.clone(), (column, width), b, b_step);
            }
        });
    }

    /// The tiles of a few columns, one below the other.
    fn column_of_tiles(
        &self,
        a: Strided,
        rows: Range<usize>,
        (column, width): (usize, usize),
        b: &[f32],
        b_step: usize,
    ) {
        let (form, all) = (Form::present(), self.sizes.columns);
        tile::for_each_height(rows.len(), form.rows, |first, height| {
            // SAFETY: the tile lies inside the product, whose sizes `multiply` has checked, and threads work
            // on different parts.
            unsafe {
                form.compute(&Tile {
                    rows: height,
                    columns: width,
                    a: a.data.as_ptr().add(first * a.row_stride),
                    row_stride: a.row_stride,
                    runs: &[0],
                    run: self.sizes.inner,
                    step: a.column_stride,
                    b: b.as_ptr(),
                    b_step,
                    c: self.c.pointer(),
                    c_stride: all,
                    place: (rows.start + first) * all + column,
                    finish: self.finish,
                });
            }
        });
    }

    /// Copies rows of the left matrix to lie one after the other.
    fn pack_a<'p>(&self, rows: &Range<usize>, packed: &'p mut [f32]) -> Strided<'p> {
        let inner = self.sizes.inner;
        // Whole lines of the source are read before the next: its numbers lie beside each other by rows.
        for block in (0..rows.len()).step_by(16) {
            let count = (rows.len() - block).min(16);
            for term in 0..inner {
                let from = (rows.start + block) * self.a.row_stride + term * self.a.column_stride;
                for row in 0..count {
                    packed[(block + row) * inner + term] = self.a.data[from + row * self.a.row_stride];
                }
            }
        }
        Strided { data: packed, row_stride: inner, column_stride: 1 }
    }

    /// Copies columns of the right matrix to lie beside each other alone.
    fn pack_b<'p>(&self, column: usize, width: usize, packed: &'p mut [f32]) -> (&'p [f32], usize) {
        let step = Form::present().columns;
        for (to, from) in packed.chunks_exact_mut(step).zip(self.b.chunks_exact(self.sizes.columns)) {
            to[..width].copy_from_slice(&from[column..column + width]);
        }
        (packed, step)
    }
}

thread_local! {
    /// Copies of factors, as long as the largest so far.
    static PACKED: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

#[cfg(test)]
mod tests {
    use super::{Finish, Pool, Sizes, Strided, multiply};
    use engine_api::Philox;

    fn random(random: &mut Philox, len: usize) -> Vec<f32> {
        (0..len).map(|_| random.normal()).collect()
    }

    /// The definition, in double precision.
    fn naive(sizes: Sizes, a: impl Fn(usize, usize) -> f32, b: &[f32]) -> Vec<f32> {
        let Sizes { rows, columns, inner } = sizes;
        let number = |row: usize, column: usize| -> f64 {
            (0..inner).map(|k| f64::from(a(row, k)) * f64::from(b[k * columns + column])).sum()
        };
        (0..rows * columns).map(|place| number(place / columns, place % columns) as f32).collect()
    }

    fn close(computed: &[f32], expected: &[f32]) -> bool {
        computed.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-4 * b.abs().max(1.0))
    }

    #[test]
    #[cfg_attr(miri, ignore = "an interpreter would take hours")]
    fn products_of_every_size_and_finish_match_the_definition() {
        let mut numbers = Philox::new(1, 0);
        let pools = [Pool::new(1), Pool::new(2)];
        for rows in [1, 2, 7, 12, 13, 16, 33] {
            for columns in [1, 7, 8, 10, 16, 17, 31, 32, 65] {
                for inner in [0, 1, 5, 64] {
                    let sizes = Sizes { rows, columns, inner };
                    let (a, b) = (random(&mut numbers, rows * inner), random(&mut numbers, inner * columns));
                    let (bias, before) = (random(&mut numbers, columns), random(&mut numbers, rows * columns));
                    let plain = naive(sizes, |row, k| a[row * inner + k], &b);
                    let finished = |finish: &dyn Fn(usize, f32) -> f32| -> Vec<f32> {
                        plain.iter().enumerate().map(|(place, &sum)| finish(place, sum)).collect()
                    };
                    let cases = [
                        (Finish::Store, plain.clone()),
                        (Finish::Bias(&bias), finished(&|place, sum| sum + bias[place % columns])),
                        (Finish::BiasRelu(&bias), finished(&|place, sum| (sum + bias[place % columns]).max(0.0))),
                        (Finish::Relu, finished(&|_, sum| sum.max(0.0))),
                        (Finish::Mask(&before), finished(&|place, sum| if before[place] > 0.0 { sum } else { 0.0 })),
                        (Finish::AddScaled(-0.5), finished(&|place, sum| before[place] - 0.5 * sum)),
                    ];
                    for pool in &pools {
                        for (finish, expected) in &cases {
                            let mut c = before.clone();
                            let a = Strided { data: &a, row_stride: inner, column_stride: 1 };
                            multiply(sizes, a, &b, &mut c, *finish, pool);
                            assert!(close(&c, expected), "{sizes:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "an interpreter would take hours")]
    fn large_factors_are_packed_and_change_nothing() {
        let mut numbers = Philox::new(4, 0);
        let sizes = Sizes { rows: 67, columns: 301, inner: 530 };
        let (a, b) = (random(&mut numbers, 67 * 530), random(&mut numbers, 530 * 301));
        let expected = naive(sizes, |row, k| a[k * 67 + row], &b);
        for threads in [1, 2] {
            let mut c = vec![0.0; 67 * 301];
            let strided = Strided { data: &a, row_stride: 1, column_stride: 67 };
            multiply(sizes, strided, &b, &mut c, Finish::Store, &Pool::new(threads));
            let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-3 * b.abs().max(1.0);
            assert!(c.iter().zip(&expected).all(close));
        }
    }

    #[test]
    fn a_transposed_left_matrix_is_read_in_place() {
        let mut numbers = Philox::new(2, 0);
        let sizes = Sizes { rows: 37, columns: 10, inner: 16 };
        let (a, b) = (random(&mut numbers, 37 * 16), random(&mut numbers, 160));
        let mut c = vec![0.0; 370];
        let strided = Strided { data: &a, row_stride: 1, column_stride: 37 };
        multiply(sizes, strided, &b, &mut c, Finish::Store, &Pool::new(2));
        assert!(close(&c, &naive(sizes, |row, k| a[k * 37 + row], &b)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "an interpreter would take hours")]
    fn threads_do_not_change_a_single_bit() {
        let mut numbers = Philox::new(3, 0);
        let sizes = Sizes { rows: 64, columns: 256, inner: 100 };
        let (a, b) = (random(&mut numbers, 6400), random(&mut numbers, 25600));
        let product = |threads| {
            let mut c = vec![0.0; 64 * 256];
            let a = Strided { data: &a, row_stride: 100, column_stride: 1 };
            multiply(sizes, a, &b, &mut c, Finish::Store, &Pool::new(threads));
            c
        };
        assert_eq!(product(1), product(3));
    }
}
