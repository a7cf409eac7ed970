//! A plan as a table: what runs, in which order, on how much, and how long.

use crate::wire::wire_struct;
use std::fmt;

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStep {
    /// For whom it is computed: a layer's name such as `dense_1`, `loss`, `gradient`.
    pub label: String,
    /// The op.
    pub op: String,
    /// The kernel that computes it, with what was fused into it.
    pub kernel: String,
    /// The shape of what it computes.
    pub shape: Vec<usize>,
    /// Floating-point operations.
    pub flops: u64,
    /// Bytes that are read and written.
    pub bytes: u64,
    /// How long it took, the best of several runs.
    pub nanoseconds: u64,
}

/// A plan for one batch size and purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTable {
    /// The batch size.
    pub batch: usize,
    /// The steps in their order.
    pub steps: Vec<PlanStep>,
    /// The bytes of memory that the steps share.
    pub memory: u64,
}

wire_struct!(PlanStep { label, op, kernel, shape, flops, bytes, nanoseconds });
wire_struct!(PlanTable { batch, steps, memory });

/// What stands above the columns of a [`PlanTable`].
pub const PLAN_COLUMNS: [&str; 7] = ["layer", "op", "kernel", "output", "FLOPs", "bytes", "µs"];

impl PlanTable {
    /// The steps as texts, one for each of [`PLAN_COLUMNS`].
    pub fn rows(&self) -> Vec<[String; 7]> {
        let text = |step: &PlanStep| {
            let shape: Vec<String> = step.shape.iter().map(usize::to_string).collect();
            [
                step.label.clone(),
                step.op.clone(),
                step.kernel.clone(),
                format!("({})", shape.join(", ")),
                step.flops.to_string(),
                step.bytes.to_string(),
                format!("{:.1}", step.nanoseconds as f64 / 1e3),
            ]
        };
        self.steps.iter().map(text).collect()
    }

    /// The sums in words.
    pub fn totals(&self) -> String {
        let sum = |part: fn(&PlanStep) -> u64| self.steps.iter().map(part).sum::<u64>();
        format!(
            "batch {}: {} steps, {} FLOPs, {} bytes moved, {:.1} µs, {} bytes of memory",
            self.batch,
            self.steps.len(),
            sum(|step| step.flops),
            sum(|step| step.bytes),
            sum(|step| step.nanoseconds) as f64 / 1e3,
            self.memory
        )
    }
}

impl fmt::Display for PlanTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 7]> = std::iter::once(PLAN_COLUMNS.map(String::from)).chain(self.rows()).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 7] = std::array::from_fn(width);
        for row in &rows {
            for (column, (text, width)) in row.iter().zip(widths).enumerate() {
                // Texts stand at the left, numbers at the right.
                if column < 4 { write!(f, "{text:<width$}  ")? } else { write!(f, "{text:>width$}  ")? }
            }
            writeln!(f)?;
        }
        f.write_str(&self.totals())
    }
}
