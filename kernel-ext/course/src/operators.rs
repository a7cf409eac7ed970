//! Arithmetic with symbolic tensors.

use crate::error::{Result, expect_good};
use crate::{Tensor, ops};
use engine_api::Op;
use ndarray::ArrayD;
use std::ops::{Add, Div, Mul, Neg, Sub};

impl Tensor {
    /// A tensor of fixed numbers.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = Input::new([2]).tensor();
    /// let y = &(&x * &Tensor::constant(&array![10.0, 100.0].into_dyn())) + 1.0;
    /// assert_eq!(Function::new(&[&x], &[&y]).call(&[&array![[1.0, 2.0]]])[0], array![[11.0, 201.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// When the backend cannot be reached.
    #[track_caller]
    pub fn constant(values: &ArrayD<f32>) -> Self {
        let op = Op::constant(values.shape(), values.iter().copied().collect());
        expect_good(Self::apply(op, &[], "constant"))
    }
}

/// Each operator on two tensors, with NumPy's broadcasting, and on a tensor and a number.
macro_rules! operators {
    ($($trait:ident $method:ident $op:literal |$x:ident, $number:ident| $with_number:expr;)*) => {$(
        impl $trait for &Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: Self) -> Tensor {
                expect_good(ops::binary($op, self, other, $op))
            }
        }

        impl $trait<f64> for &Tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, $number: f64) -> Tensor {
                let $x = self;
                let result: Result<Tensor> = $with_number;
                expect_good(result)
            }
        }
    )*};
}

operators! {
    Add add "add" |x, number| ops::affine(x, 1.0, number, "add");
    Sub sub "subtract" |x, number| ops::affine(x, 1.0, -number, "subtract");
    Mul mul "multiply" |x, number| ops::affine(x, number, 0.0, "multiply");
    Div div "divide" |x, number| ops::affine(x, 1.0 / number, 0.0, "divide");
}

impl Neg for &Tensor {
    type Output = Tensor;
    #[track_caller]
    fn neg(self) -> Tensor {
        self * -1.0
    }
}
