//! Arithmetic with symbolic tensors and numbers, with NumPy's broadcasting.

use super::named;
use crate::{Tensor, ops};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// An operator between two tensors, each borrowed or not.
macro_rules! between_tensors {
    ($trait:ident $method:ident $name:literal $op:literal: $($left:ty, $right:ty;)*) => {$(
        impl $trait<$right> for $left {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: $right) -> Tensor {
                named($name, |name| ops::binary($op, &self, &other, name))
            }
        }
    )*};
}

/// An operator between a tensor and a number, in either order.
macro_rules! with_number {
    ($trait:ident $method:ident $name:literal |$x:ident, $number:ident, $label:ident| $after:expr, $before:expr;
     $($tensor:ty)*) => {$(
        impl $trait<f64> for $tensor {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, $number: f64) -> Tensor {
                let $x = &self;
                named($name, |$label| $after)
            }
        }

        impl $trait<$tensor> for f64 {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: $tensor) -> Tensor {
                let ($x, $number) = (&other, self);
                named($name, |$label| $before)
            }
        }
    )*};
}

macro_rules! operators {
    ($($trait:ident $method:ident $name:literal $op:literal
       |$x:ident, $number:ident, $label:ident| $after:expr, $before:expr;)*) => {$(
        between_tensors! {
            $trait $method $name $op:
            &Tensor, &Tensor; &Tensor, Tensor; Tensor, &Tensor; Tensor, Tensor;
        }
        with_number! { $trait $method $name |$x, $number, $label| $after, $before; &Tensor Tensor }
    )*};
}

operators! {
    Add add "add" "add" |x, number, name| ops::affine(x, 1.0, number, name), ops::affine(x, 1.0, number, name);
    Sub sub "sub" "subtract" |x, number, name| ops::affine(x, 1.0, -number, name), ops::affine(x, -1.0, number, name);
    Mul mul "mul" "multiply" |x, number, name| ops::affine(x, number, 0.0, name), ops::affine(x, number, 0.0, name);
    Div div "truediv" "divide"
        |x, number, name| ops::affine(x, 1.0 / number, 0.0, name),
        ops::affine(&ops::unary("reciprocal", x, name)?, number, 0.0, name);
}

macro_rules! negative {
    ($($tensor:ty)*) => {$(
        impl Neg for $tensor {
            type Output = Tensor;
            #[track_caller]
            fn neg(self) -> Tensor {
                named("Neg", |name| ops::unary("negative", &self, name))
            }
        }
    )*};
}
negative! { &Tensor Tensor }
