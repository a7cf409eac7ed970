//! What a product may do besides, so that the op that follows needs no step: the plan sets an attribute.

use crate::cpu::tile::Finish;
use engine_api::{Attr, Op};

/// What becomes of a product before it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing.
    Plain,
    /// What is negative is cut off.
    Relu,
    /// It counts only where the last input, which has the output's shape, is positive: the gradient of a relu.
    Mask,
}

impl Ending {
    const ATTRIBUTE: &'static str = "ending";

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Relu => "relu",
            Self::Mask => "mask",
        }
    }

    /// What the plan has set.
    pub fn of(op: &Op) -> Self {
        match op.attr(Self::ATTRIBUTE) {
            Some(Attr::Text(name)) if name == "relu" => Self::Relu,
            Some(Attr::Text(name)) if name == "mask" => Self::Mask,
            _ => Self::Plain,
        }
    }

    /// The op with this ending.
    pub fn set(self, op: &Op) -> Op {
        op.clone().with(Self::ATTRIBUTE, Attr::Text(self.name().into()))
    }

    /// How the product ends, whose third input is its bias or its mask.
    pub fn finish(self, third: Option<&[f32]>) -> Finish<'_> {
        match (self, third) {
            (Self::Mask, Some(mask)) => Finish::Mask(mask),
            (ending, bias) => Finish::of_layer(bias, ending == Self::Relu),
        }
    }

    /// What the kernel of a product is called in listings.
    pub fn describe(self, product: &str, inputs: usize) -> String {
        let bias = if inputs == 3 && self != Self::Mask { " + bias" } else { "" };
        let ending = if self == Self::Plain { String::new() } else { format!(" + {}", self.name()) };
        format!("{product}{bias}{ending}")
    }
}
