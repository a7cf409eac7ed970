//! Plans as readable tables.

use crate::ops;
use crate::plan::Plan;
use std::fmt::Write;

/// A table with a line for each step: what asked for it, the kernel, its output, its work.
pub fn listing(plan: &Plan) -> String {
    let mut rows: Vec<[String; 5]> = vec![["layer", "kernel", "output", "FLOPs", "bytes"].map(String::from)];
    let (mut flops, mut bytes) = (0, 0);
    for step in &plan.steps {
        let node = &plan.nodes[step.node];
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&input| plan.nodes[input].shape.as_slice()).collect();
        let work = ops::find(&node.op.name).map_or(0, |operation| operation.flops(&node.op, &shapes, &node.shape));
        let len = |shape: &[usize]| shape.iter().product::<usize>();
        let moved = 4 * (shapes.iter().map(|shape| len(shape)).sum::<usize>() + len(&node.shape));
        flops += work;
        bytes += moved;
        rows.push([
            node.label.clone(),
            step.kernel.name.to_string(),
            format!("{:?}", node.shape),
            work.to_string(),
            moved.to_string(),
        ]);
    }
    let widths: [usize; 5] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let mut text = String::new();
    for row in &rows {
        let [layer, kernel, output, work, moved] = row;
        let [w0, w1, w2, w3, w4] = widths;
        let _ = writeln!(text, "{layer:<w0$}  {kernel:<w1$}  {output:<w2$}  {work:>w3$}  {moved:>w4$}");
    }
    let _ = writeln!(
        text,
        "batch {}: {} steps, {flops} FLOPs, {bytes} bytes moved, {} bytes of memory",
        plan.purpose.batch,
        plan.steps.len(),
        4 * plan.memory_len()
    );
    text
}
