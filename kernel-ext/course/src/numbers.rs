//! Arrays of any number type, as the training loop sees them: an address, a type, a shape.
//!
//! A data set is never converted: what is stored as bytes stays bytes up to the executor.

use crate::{Error, Result, error::Report};
use engine_api::DType;
use ndarray::{ArrayBase, ArrayViewD, Data, Dimension, IxDyn};

/// An array of numbers: every ndarray array or view of `u8`, `i32`, `i64`, `usize`, `f32` or
/// `f64`, every `Vec` of them, and single numbers.
pub trait Numbers {
    /// A row-major look at the numbers; a copy is made only when they do not lie row by row.
    fn numbers(&self) -> View<'_>;
}

/// One array, or several: the samples of a model with several inputs, `&(&a, &b)`, or its targets.
pub trait Arrays {
    /// A look at each array.
    fn arrays(&self) -> Vec<View<'_>>;
}

impl<A: Numbers> Arrays for A {
    fn arrays(&self) -> Vec<View<'_>> {
        vec![self.numbers()]
    }
}

macro_rules! arrays {
    ($($($name:ident)*;)*) => {$(
        impl<$($name: Numbers),*> Arrays for ($($name,)*) {
            fn arrays(&self) -> Vec<View<'_>> {
                #[allow(non_snake_case, reason = "the names of the types serve for the arrays")]
                let ($($name,)*) = self;
                vec![$($name.numbers()),*]
            }
        }
    )*};
}
arrays! { A B; A B C; A B C D; }

impl Arrays for Vec<&dyn Numbers> {
    fn arrays(&self) -> Vec<View<'_>> {
        self.iter().map(|array| array.numbers()).collect()
    }
}

/// A type of number that arrays may hold.
pub trait Number: Copy + 'static {
    /// Wraps numbers that live elsewhere.
    fn borrow(numbers: &[Self]) -> Values<'_>;
    /// Wraps numbers that live in the wrapper.
    fn keep(numbers: Vec<Self>) -> Values<'static>;
    /// Copies an array's numbers in row-major order.
    fn in_order(numbers: ArrayViewD<Self>) -> Values<'static>;
    /// The number in single precision.
    fn single(self) -> f32;
    /// The number in double precision.
    fn double(self) -> f64;
}

/// The numbers of an array, row by row.
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// Unsigned bytes, such as pixels.
    U8(std::borrow::Cow<'a, [u8]>),
    /// 32-bit whole numbers.
    I32(std::borrow::Cow<'a, [i32]>),
    /// 64-bit whole numbers.
    I64(std::borrow::Cow<'a, [i64]>),
    /// Single precision.
    F32(std::borrow::Cow<'a, [f32]>),
    /// Double precision.
    F64(std::borrow::Cow<'a, [f64]>),
}

macro_rules! number {
    ($($number:ty => $variant:ident),*) => {$(
        impl Number for $number {
            fn borrow(numbers: &[Self]) -> Values<'_> {
                Values::$variant(numbers.into())
            }
            fn keep(numbers: Vec<Self>) -> Values<'static> {
                Values::$variant(numbers.into())
            }
            fn in_order(numbers: ArrayViewD<Self>) -> Values<'static> {
                Self::keep(numbers.iter().copied().collect())
            }
            fn single(self) -> f32 {
                self as f32
            }
            fn double(self) -> f64 {
                self as f64
            }
        }
    )*};
}
number!(u8 => U8, i32 => I32, i64 => I64, f32 => F32, f64 => F64);

impl Number for usize {
    fn borrow(numbers: &[Self]) -> Values<'_> {
        Values::I64(numbers.iter().map(|&number| number as i64).collect())
    }
    fn keep(numbers: Vec<Self>) -> Values<'static> {
        Values::I64(numbers.into_iter().map(|number| number as i64).collect())
    }
    fn in_order(numbers: ArrayViewD<Self>) -> Values<'static> {
        Self::keep(numbers.iter().copied().collect())
    }
    fn single(self) -> f32 {
        self as f32
    }
    fn double(self) -> f64 {
        self as f64
    }
}

/// Does the same for whichever type the numbers have.
macro_rules! for_each_type {
    ($values:expr, $numbers:ident => $body:expr) => {
        match $values {
            $crate::numbers::Values::U8($numbers) => $body,
            $crate::numbers::Values::I32($numbers) => $body,
            $crate::numbers::Values::I64($numbers) => $body,
            $crate::numbers::Values::F32($numbers) => $body,
            $crate::numbers::Values::F64($numbers) => $body,
        }
    };
}

/// A look at an array: its sizes and its numbers.
#[derive(Clone, Debug)]
pub struct View<'a> {
    shape: Vec<usize>,
    values: Values<'a>,
}

impl<'a> View<'a> {
    /// The sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The size of the first axis.
    pub fn samples(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    /// How many numbers a sample has.
    pub fn sample_len(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// The numbers as they are, when they are bytes.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match &self.values {
            Values::U8(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// All numbers in double precision.
    pub fn to_f64(&self) -> Vec<f64> {
        for_each_type!(&self.values, numbers => numbers.iter().map(|&number| number.double()).collect())
    }

    /// All numbers in single precision.
    pub fn to_f32(&self) -> Vec<f32> {
        for_each_type!(&self.values, numbers => numbers.iter().map(|&number| number.single()).collect())
    }

    /// The samples `from..to` in the form in which they cross the waist.
    pub(crate) fn data(&self, from: usize, to: usize) -> engine_api::Data {
        let sample_len = self.sample_len();
        let (address, dtype) = match &self.values {
            Values::U8(numbers) => (numbers[from * sample_len..].as_ptr() as u64, DType::U8),
            Values::I32(numbers) => (numbers[from * sample_len..].as_ptr() as u64, DType::I32),
            Values::I64(numbers) => (numbers[from * sample_len..].as_ptr() as u64, DType::I64),
            Values::F32(numbers) => (numbers[from * sample_len..].as_ptr() as u64, DType::F32),
            Values::F64(numbers) => (numbers[from * sample_len..].as_ptr() as u64, DType::F64),
        };
        engine_api::Data { address, dtype, samples: to - from, sample_len }
    }

    /// Refuses NaN and infinities, which would spoil every weight in the first step.
    pub(crate) fn check_finite(&self, place: &str, name: &str) -> Result<()> {
        let found = match &self.values {
            Values::F32(numbers) => first_bad(numbers, |number| number.is_finite()),
            Values::F64(numbers) => first_bad(numbers, |number| number.is_finite()),
            _ => None,
        };
        let Some(flat) = found else { return Ok(()) };
        let value = for_each_type!(&self.values, numbers => numbers[flat].double());
        let problem = format!("`{name}` holds {value} at index {:?}", self.index(flat));
        Err(Error::data(Report::new(place, problem).hint(format!(
            "drop or fill such samples first; `{name}.iter().filter(|v| !v.is_finite()).count()` counts them"
        ))))
    }

    /// The place in every axis of a number, given its place in the row-major order.
    fn index(&self, mut flat: usize) -> Vec<usize> {
        let mut index = vec![0; self.shape.len()];
        for axis in (0..self.shape.len()).rev() {
            index[axis] = flat % self.shape[axis];
            flat /= self.shape[axis];
        }
        index
    }
}

/// The place of the first number that is not good. Whole blocks are tested without branches, since
/// this passes over every data set once a `fit`.
fn first_bad<T: Copy>(numbers: &[T], good: impl Fn(T) -> bool) -> Option<usize> {
    const BLOCK: usize = 1024;
    let bad_block =
        numbers.chunks(BLOCK).position(|block| !block.iter().fold(true, |all, &number| all & good(number)))?;
    let begin = bad_block * BLOCK;
    numbers[begin..].iter().position(|&number| !good(number)).map(|place| begin + place)
}

/// The shape as Python prints it: `(4,)`, `(2, 3)`.
pub(crate) fn shape_text(shape: &[usize]) -> String {
    engine_api::Shape::known(shape).to_string()
}

impl<S: Data, D: Dimension> Numbers for ArrayBase<S, D>
where
    S::Elem: Number,
{
    fn numbers(&self) -> View<'_> {
        let values = match self.as_slice() {
            Some(numbers) => S::Elem::borrow(numbers),
            None => S::Elem::in_order(self.view().into_dyn()),
        };
        View { shape: self.shape().to_vec(), values }
    }
}

impl<A: Numbers + ?Sized> Numbers for &A {
    fn numbers(&self) -> View<'_> {
        (**self).numbers()
    }
}

macro_rules! single_numbers {
    ($($number:ty),*) => {$(
        impl Numbers for $number {
            fn numbers(&self) -> View<'_> {
                View { shape: Vec::new(), values: <$number>::keep(vec![*self]) }
            }
        }
    )*};
}
single_numbers!(f32, f64, i32, i64);

impl<T: Number> Numbers for Vec<T> {
    fn numbers(&self) -> View<'_> {
        View { shape: vec![self.len()], values: T::borrow(self) }
    }
}

impl<T: Number, const N: usize> Numbers for [T; N] {
    fn numbers(&self) -> View<'_> {
        View { shape: vec![N], values: T::borrow(self) }
    }
}

/// An array of these sizes; the number of values fits by construction of the callers.
pub(crate) fn array(shape: &[usize], values: Vec<f32>) -> ndarray::ArrayD<f32> {
    match ndarray::ArrayD::from_shape_vec(IxDyn(shape), values) {
        Ok(array) => array,
        Err(error) => panic!("{} values for shape {shape:?}: {error}", shape.iter().product::<usize>()),
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;
    use ndarray::{Array2, Axis, array};

    #[test]
    fn arrays_that_lie_row_by_row_are_not_copied() {
        let pixels = Array2::<u8>::zeros((3, 4));
        assert_eq!(Numbers::numbers(&pixels).data(0, 3).address, pixels.as_ptr() as u64);
        assert_eq!(Numbers::numbers(&pixels).data(1, 3).address, pixels.as_ptr() as u64 + 4);
    }

    #[test]
    fn arrays_that_do_not_are_put_in_order() {
        let turned = array![[1_i32, 2, 3], [4, 5, 6]].reversed_axes();
        assert_eq!(Numbers::numbers(&turned).to_f64(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        let column = array![[1.0_f64, 2.0], [3.0, 4.0]].index_axis(Axis(1), 1).to_owned();
        assert_eq!(Numbers::numbers(&column).to_f32(), [2.0, 4.0]);
    }

    #[test]
    fn the_first_number_that_is_not_finite_is_named() {
        let data = array![[0.0_f32, 1.0], [f32::NAN, 2.0]];
        let error = Numbers::numbers(&data).check_finite("fit", "x").unwrap_err();
        assert!(error.to_string().starts_with("fit: `x` holds NaN at index [1, 0]"), "{error}");
    }
}
