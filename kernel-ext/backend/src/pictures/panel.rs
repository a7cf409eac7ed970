//! One panel: its title, its axes, its marks.

use engine_api::{Error, Mark, Panel};
use plotters::chart::ChartBuilder;
use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TRANSPARENT, TextStyle};

use super::bars;
use super::colors;
use super::contours::Contours;
use super::layout::{Frame, TITLE_LINE_HEIGHT};
use super::legend::{self, Entry};
use super::lines;
use super::matrix::Matrix;
use super::plane::{Place, Plane, Surface, failed};
use super::points;
use super::shapes;
use super::svg::UNITS;

/// Draws a panel where the layout put it.
pub fn draw(surface: &Surface, panel: &Panel, frame: &Frame, sharers: usize) -> Result<(), Error> {
    draw_title(surface, panel, frame)?;
    let [left, top, right, bottom] = frame.outer().map(|pixels| (pixels * UNITS).round() as i32);
    let area = surface.clone().shrink((left, top), (right - left, bottom - top));
    let mut chart = ChartBuilder::on(&area)
        .x_label_area_size((frame.below * UNITS) as i32)
        .y_label_area_size((frame.before * UNITS) as i32)
        .build_cartesian_2d(frame.horizontal.clone(), frame.vertical.clone())
        .map_err(failed)?;
    let is_image = panel.marks.iter().any(|mark| matches!(mark, Mark::Image { .. } | Mark::Contours { .. }));
    if panel.axes {
        let label = font(super::layout::LABEL_SIZE, colors::INK);
        let tick = font(super::layout::TICK_SIZE, colors::INK);
        let grid = if is_image || panel.no_grid { TRANSPARENT.stroke_width(10) } else { colors::GRID.stroke_width(10) };
        chart
            .configure_mesh()
            .bold_line_style(grid)
            .light_line_style(TRANSPARENT)
            .axis_style(colors::AXIS.stroke_width(10))
            .set_all_tick_mark_size(40)
            .label_style(tick)
            .axis_desc_style(label)
            .x_desc(panel.x_label.as_str())
            .y_desc(panel.y_label.as_str())
            .draw()
            .map_err(failed)?;
    }
    let plane = Plane::new(surface, chart.plotting_area(), sharers);
    draw_marks(&plane, panel)?;
    if let Some(colorbar) = &frame.colorbar {
        colorbar.draw(surface, frame.plane)?;
    }
    if panel.axes && is_image { draw_border(&plane) } else { Ok(()) }
}

fn draw_marks(plane: &Plane, panel: &Panel) -> Result<(), Error> {
    let mut entries = Vec::new();
    let mut occupied: Vec<Place> = Vec::new();
    let mut number = 0;
    let on_colours = panel.marks.iter().any(|mark| matches!(mark, Mark::Contours { .. } | Mark::Image { .. }));
    for mark in &panel.marks {
        let (label, color) = (label(mark), colors::series(number));
        match mark {
            Mark::Line { x, y, .. } => occupied.extend(lines::draw(plane, x, y, color)?),
            Mark::Points { x, y, .. } => occupied.extend(points::draw(plane, x, y, color, on_colours)?),
            Mark::Image { rows, columns, values, colormap, numbers } => {
                Matrix { rows: *rows, columns: *columns, values, colormap: *colormap }.draw(plane, *numbers)?;
                continue;
            }
            Mark::Bars { left, right, height, .. } => occupied.extend(bars::draw(plane, left, right, height, color)?),
            Mark::Contours { x, y, rows, columns, values, levels, colormap } => {
                let (rows, columns, colormap) = (*rows, *columns, *colormap);
                Contours { x: *x, y: *y, rows, columns, values, levels, colormap }.draw(plane)?;
                continue;
            }
            Mark::Shapes { shapes } => {
                plane.finish()?;
                shapes.iter().try_for_each(|shape| shapes::draw(plane, shape))?;
                continue;
            }
        }
        number += 1;
        if !label.is_empty() {
            entries.push(Entry { label, color, line: matches!(mark, Mark::Line { .. }) });
        }
    }
    plane.finish()?;
    legend::draw(plane, &entries, &occupied)
}

fn draw_border(plane: &Plane) -> Result<(), Error> {
    let [left, top, right, bottom] = plane.bounds();
    plane.draw(&Rectangle::new([(left, top), (right, bottom)], colors::AXIS.stroke_width(10)))
}

/// The entry of a mark in the legend.
pub fn label(mark: &Mark) -> &str {
    match mark {
        Mark::Line { label, .. } | Mark::Points { label, .. } | Mark::Bars { label, .. } => label,
        Mark::Image { .. } | Mark::Contours { .. } | Mark::Shapes { .. } => "",
    }
}

fn draw_title(surface: &Surface, panel: &Panel, frame: &Frame) -> Result<(), Error> {
    let weight = if panel.axes { FontStyle::Bold } else { FontStyle::Normal };
    for (i, line) in panel.title.lines().enumerate() {
        let style = ("sans-serif", frame.title_size * UNITS, weight)
            .into_font()
            .color(&colors::INK)
            .pos(Pos::new(HPos::Center, VPos::Center));
        let y = frame.title_top + (i as f64 + 0.5) * TITLE_LINE_HEIGHT * frame.title_size;
        let place = ((frame.title_middle * UNITS) as i32, (y * UNITS) as i32);
        surface.draw(&Text::new(line, place, style)).map_err(failed)?;
    }
    Ok(())
}

fn font(size: f64, color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size * UNITS).into_font().color(&color)
}
