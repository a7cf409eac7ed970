//! The metrics of a model.

use super::Metric;
use crate::Result;
use crate::error::{Error, Report};
use crate::named::lists_of;

/// The metrics of a model: `["accuracy"]`, `"accuracy"`, or `()` for none; for a model with several outputs one for
/// each, or [`Metrics::per_output`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// One list, or one for each output.
    lists: Vec<Vec<Metric>>,
}

impl Metrics {
    /// The metrics of each output of a model.
    ///
    /// ```
    /// use course::prelude::*;
    /// let x = Input::new([4]).tensor();
    /// let class = Dense::new(3).activation("softmax").named("class").call(&x);
    /// let mut model = Model::new(&x, [&class, &Dense::new(1).named("size").call(&x)]);
    /// let metrics = Metrics::per_output(vec![["accuracy", "auc"].into(), "mae".into()]);
    /// model.compile("adam", ["categorical_crossentropy", "mse"], metrics);
    /// let x = Array2::<f32>::zeros((6, 4));
    /// let y = (to_categorical(&[0, 1, 2, 0, 1, 2], 3), Array2::<f32>::zeros((6, 1)));
    /// let logs = model.evaluate(&x, &(&y.0, &y.1));
    /// let names: Vec<&str> = logs.values().iter().map(|(name, _)| name.as_str()).collect();
    /// assert_eq!(names, ["loss", "class_loss", "size_loss", "class_accuracy", "class_auc", "size_mae"]);
    /// ```
    pub fn per_output(metrics: Vec<Self>) -> Self {
        Self { lists: metrics.into_iter().map(|metrics| metrics.lists.concat()).collect() }
    }

    /// Whether one of the metrics is of this kind.
    pub(crate) fn any(&self, is: impl Fn(&Metric) -> bool) -> bool {
        self.lists.iter().flatten().any(is)
    }

    /// The metrics of each output.
    pub(crate) fn for_outputs(&self, outputs: usize) -> Result<Vec<Vec<Metric>>> {
        let all = self.lists.concat();
        match self.lists.len() {
            0 => Ok(vec![Vec::new(); outputs]),
            1 if outputs == 1 => Ok(vec![all]),
            given if given == outputs => Ok(self.lists.clone()),
            1 if all.len() == outputs => Ok(all.into_iter().map(|metric| vec![metric]).collect()),
            given => {
                let report = Report::new("compile", "there is not one list of metrics for each output");
                let received = if given == 1 { format!("{} metrics", all.len()) } else { format!("{given} lists") };
                let hint =
                    "give one metric an output, or `Metrics::per_output(vec![[\"accuracy\"].into(), ().into()])`";
                Err(Error::value(report.expected(format!("{outputs} lists"), received).hint(hint)))
            }
        }
    }
}

impl From<()> for Metrics {
    fn from((): ()) -> Self {
        Self::default()
    }
}

lists_of!(Metrics, Metric);

impl From<Vec<Metric>> for Metrics {
    fn from(metrics: Vec<Metric>) -> Self {
        Self { lists: if metrics.is_empty() { Vec::new() } else { vec![metrics] } }
    }
}
