//! Functions of symbolic tensors, for losses, layers and graphs of one's own.

use super::named;
use crate::{Tensor, ops};
use engine_api::{Attr, Op};

/// A function of each number.
macro_rules! of_each_number {
    ($($(#[$doc:meta])* $method:ident $name:literal $op:literal;)*) => {
        impl Tensor {$(
            $(#[$doc])*
            ///
            /// # Shapes
            /// Any shape; the result has the same.
            #[must_use]
            #[track_caller]
            pub fn $method(&self) -> Tensor {
                named($name, |name| ops::unary($op, self, name))
            }
        )*}
    };
}

of_each_number! {
    /// The absolute value of each number.
    abs "Abs" "abs";
    /// The exponential of each number.
    exp "Exp" "exp";
    /// The natural logarithm of each number.
    log "Log" "log";
    /// The square root of each number.
    sqrt "Sqrt" "sqrt";
    /// The square of each number.
    square "Square" "square";
    /// The sign of each number: -1, 0 or 1.
    sign "Sign" "sign";
    /// The sine of each number, in radians.
    sin "Sin" "sin";
    /// The cosine of each number, in radians.
    cos "Cos" "cos";
    /// The tangent of each number, in radians.
    tan "Tan" "tan";
    /// The hyperbolic tangent of each number.
    tanh "Tanh" "tanh";
    /// 1 / (1 + exp(-x)) of each number.
    sigmoid "Sigmoid" "sigmoid";
    /// Each number, but 0 for negative ones.
    relu "Relu" "relu";
    /// log(1 + exp(x)) of each number.
    softplus "Softplus" "softplus";
}

/// A function of two numbers, with NumPy's broadcasting.
macro_rules! of_two_numbers {
    ($($(#[$doc:meta])* $method:ident $name:literal $op:literal;)*) => {
        impl Tensor {$(
            $(#[$doc])*
            ///
            /// # Panics
            /// When the shapes cannot be broadcast.
            #[must_use]
            #[track_caller]
            pub fn $method(&self, other: &Tensor) -> Tensor {
                named($name, |name| ops::binary($op, self, other, name))
            }
        )*}
    };
}

of_two_numbers! {
    /// The greater one of both numbers.
    maximum "Maximum" "maximum";
    /// The smaller one of both numbers.
    minimum "Minimum" "minimum";
    /// Each number to the power of the other.
    power "Pow" "power";
    /// 1 where the number is greater than the other, 0 elsewhere.
    greater "Greater" "greater";
    /// 1 where the number is less than the other, 0 elsewhere.
    less "Less" "less";
    /// 1 where both numbers are equal, 0 elsewhere.
    equal "Equal" "equal";
    /// The product of matrices; axes before the last two are those of a batch.
    ///
    /// # Shapes
    /// (..., n, k), (..., k, m) -> (..., n, m)
    dot "MatMul" "matmul";
}

/// Numbers along axes made one.
macro_rules! of_axes {
    ($($(#[$doc:meta])* $method:ident $name:literal $op:literal;)*) => {
        impl Tensor {$(
            $(#[$doc])*
            ///
            /// The axes vanish; negative ones count from the last, and none means all.
            ///
            /// # Panics
            /// When there is no such axis.
            #[must_use]
            #[track_caller]
            pub fn $method(&self, axes: &[i64]) -> Tensor {
                let all: Vec<i64> = (0..self.shape().rank() as i64).collect();
                let axes = if axes.is_empty() { &all } else { axes };
                named($name, |name| ops::reduce($op, self, axes, false, name))
            }
        )*}
    };
}

of_axes! {
    /// The sum along axes.
    sum "Sum" "sum";
    /// The mean along axes.
    mean "Mean" "mean";
    /// The greatest number along axes.
    max "Max" "max";
    /// The smallest number along axes.
    min "Min" "min";
    /// The product along axes.
    prod "Prod" "prod";
}

impl Tensor {
    /// Each number to this power.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = placeholder([3]);
    /// assert_eq!(x.powf(3.0).eval(&[(&x, &[1.0, 2.0, -3.0])]), array![1.0, 8.0, -27.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// When the backend cannot be reached.
    #[must_use]
    #[track_caller]
    pub fn powf(&self, exponent: f64) -> Self {
        named("Pow", |name| ops::binary("power", self, &ops::number(exponent, &format!("{name}/y"))?, name))
    }

    /// Each number, but at least `min` and at most `max`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = placeholder([3]);
    /// assert_eq!(x.clip(0.0, 1.0).eval(&[(&x, &[-1.0, 0.5, 2.0])]), array![0.0, 0.5, 1.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// When `min` is greater than `max`.
    #[must_use]
    #[track_caller]
    pub fn clip(&self, min: f64, max: f64) -> Self {
        let op = Op::new("clip").with("min", Attr::Float(min)).with("max", Attr::Float(max));
        named("clip_by_value", |name| Self::apply(op, &[self], name))
    }

    /// Exponentials along the last axis, divided by their sum.
    ///
    /// # Panics
    /// When the tensor has no axis.
    #[must_use]
    #[track_caller]
    pub fn softmax(&self) -> Self {
        named("Softmax", |name| Self::apply(Op::new("softmax").with("axis", Attr::Int(-1)), &[self], name))
    }

    /// The same numbers with other axes; one size may be -1.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = placeholder([2, 3]);
    /// assert_eq!(x.reshape(&[3, -1]).shape().to_string(), "(3, 2)");
    /// ```
    ///
    /// # Panics
    /// When the sizes do not hold as many numbers.
    #[must_use]
    #[track_caller]
    pub fn reshape(&self, sizes: &[i64]) -> Self {
        named("Reshape", |name| ops::view(self, sizes, name))
    }

    /// The axes in another order: axis `order[i]` becomes axis `i`.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = placeholder([2, 3]);
    /// assert_eq!(x.transpose(&[1, 0]).shape().to_string(), "(3, 2)");
    /// ```
    ///
    /// # Panics
    /// When `order` does not name each axis once.
    #[must_use]
    #[track_caller]
    pub fn transpose(&self, order: &[i64]) -> Self {
        named("transpose", |name| ops::transpose(self, order, name))
    }
}
