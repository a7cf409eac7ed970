//! How a model is computed, step by step.

use super::model::Model;
use crate::display::{Bundle, Show, shows_itself};
use crate::error::{Error, Report, Result, expect_good};
use crate::text::{escape, thousands};
use engine_api::{Mode, PLAN_COLUMNS, PlanTable};
use std::fmt;

/// The steps in which a model is computed: op, kernel, shape, work and time of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan(PlanTable);

impl Model {
    /// The steps of a training step for batches of this size, or before `compile` those of a
    /// prediction. Times are the best of five runs on whatever numbers lie in memory; no weight changes.
    ///
    /// ```
    /// use course::prelude::*;
    /// let mut model = Sequential::new();
    /// model.add(Input::new([784]));
    /// model.add(Dense::new(10).activation("softmax"));
    /// model.compile("sgd", "categorical_crossentropy", ());
    /// let plan = model.plan(16).to_string();
    /// assert!(plan.contains("dense + bias") && plan.contains("batch 16: "), "{plan}");
    /// ```
    ///
    /// # Panics
    /// When the shape of the input is not known yet, or the batch size is 0.
    #[track_caller]
    pub fn plan(&mut self, batch_size: usize) -> Plan {
        expect_good(self.try_plan(batch_size))
    }

    /// As [`Model::plan`].
    ///
    /// # Errors
    /// When the shape of the input is not known yet, or the batch size is 0.
    pub fn try_plan(&mut self, batch_size: usize) -> Result<Plan> {
        if batch_size == 0 {
            let report = Report::new(self.place("plan"), "`batch_size` is out of range");
            return Err(Error::value(report.expected("1 or more", batch_size)));
        }
        let mode = if self.compiled.is_some() { Mode::Train } else { Mode::Predict };
        Ok(Plan(self.program()?.plan(mode, batch_size)?))
    }
}

impl Plan {
    /// The numbers behind the table.
    pub fn table(&self) -> &PlanTable {
        &self.0
    }

    fn html(&self) -> String {
        let cell = "padding:2px 10px;border-bottom:1px solid #d0d7de;color:#24292f;";
        let mut html = String::from(
            "<div style=\"display:inline-block;background:#fff;color:#24292f;padding:10px 12px;border-radius:6px\">\
             <table style=\"border-collapse:collapse;border:1px solid #d0d7de;margin:0\"><tr>",
        );
        for (column, title) in PLAN_COLUMNS.iter().enumerate() {
            let align = align(column);
            html += &format!("<th style=\"{cell}font-weight:600;background:#f6f8fa;text-align:{align}\">{title}</th>");
        }
        html += "</tr>";
        for row in self.0.rows() {
            html += "<tr style=\"background:#fff\">";
            for (column, text) in row.iter().enumerate() {
                let text = match (column, text.parse()) {
                    (4.., Ok(count)) => thousands(count),
                    _ => escape(text),
                };
                html += &format!("<td style=\"{cell}text-align:{}\">{text}</td>", align(column));
            }
            html += "</tr>";
        }
        html + "</table><div style=\"padding:6px 0 0 2px;font-size:90%\">" + &escape(&self.0.totals()) + "</div></div>"
    }
}

/// Texts stand at the left, numbers at the right.
fn align(column: usize) -> &'static str {
    if column < 4 { "left" } else { "right" }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Show for Plan {
    fn bundle(&self) -> Bundle {
        Bundle::text(self.to_string()).with("text/html", self.html())
    }
}

shows_itself!(Plan);
