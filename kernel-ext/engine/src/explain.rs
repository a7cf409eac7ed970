//! Plans as tables.

use crate::ops;
use crate::plan::Plan;
use engine_api::{PlanStep, PlanTable};
use std::time::Duration;

/// A row for each step, with how long it took.
pub fn table(plan: &Plan, times: &[Duration]) -> PlanTable {
    let len = |shape: &[usize]| shape.iter().product::<usize>();
    let rows = plan.steps.iter().zip(times).map(|(step, time)| {
        let node = &plan.nodes[step.node];
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&input| plan.nodes[input].shape.as_slice()).collect();
        let moved = shapes.iter().map(|shape| len(shape)).sum::<usize>() + len(&node.shape);
        PlanStep {
            label: node.label.clone(),
            op: node.op.name.clone(),
            kernel: step.kernel.name.to_string(),
            shape: node.shape.clone(),
            flops: ops::find(&node.op.name).map_or(0, |operation| operation.flops(&node.op, &shapes, &node.shape)),
            bytes: 4 * moved as u64,
            nanoseconds: time.as_nanos() as u64,
        }
    });
    PlanTable { batch: plan.purpose.batch, steps: rows.collect(), memory: 4 * plan.memory_len() as u64 }
}
