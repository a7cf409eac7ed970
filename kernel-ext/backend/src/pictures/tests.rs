//! Whole pictures: what is in them, how large they are, and what becomes of strange figures.

use std::time::{Duration, Instant};

use engine_api::{Colormap, Draw, Error, Figure, Mark, Panel};

mod xml;

fn line(label: &str, y: &[f64]) -> Mark {
    Mark::Line { label: label.into(), x: (1..=y.len()).map(|x| x as f64).collect(), y: y.to_vec() }
}

fn panel(title: &str, marks: Vec<Mark>) -> Panel {
    let (title, x_label, y_label) = (title.into(), "epoch".into(), "loss".into());
    Panel { title, x_label, y_label, marks, axes: true, ..Panel::default() }
}

fn figure(panels: Vec<Panel>, columns: usize) -> Figure {
    Figure { panels, columns, width: 640, height: 400 }
}

pub fn history() -> Figure {
    let loss = [0.39, 0.19, 0.14, 0.11, 0.09, 0.077, 0.066, 0.058, 0.05, 0.045];
    let validation = [0.21, 0.16, 0.13, 0.12, 0.105, 0.101, 0.098, 0.096, 0.0955, 0.097];
    let curves = |f: fn(f64) -> f64| vec![line("train", &loss.map(f)), line("validation", &validation.map(f))];
    figure(vec![panel("loss", curves(|loss| loss)), panel("accuracy", curves(|loss| 1.0 - 0.3 * loss))], 2)
}

fn image(rows: usize, columns: usize, colormap: Colormap, numbers: bool) -> Mark {
    let values = (0..rows * columns).map(|value| value as f32).collect();
    Mark::Image { rows, columns, values, colormap, numbers }
}

/// The picture, which is well-formed whatever is in it.
fn drawn(figure: &Figure) -> String {
    let svg = super::draw(Draw { figure: figure.clone() }).unwrap().svg;
    xml::check(&svg).unwrap_or_else(|error| panic!("{error} in {svg}"));
    svg
}

fn count(svg: &str, part: &str) -> usize {
    svg.matches(part).count()
}

#[test]
fn pictures_hold_what_figures_hold() {
    let tile = Panel {
        title: "label 7\npredicted 1".into(),
        marks: vec![image(28, 28, Colormap::Gray, false)],
        ..Panel::default()
    };
    let matrix = panel("confusion matrix", vec![image(10, 10, Colormap::Blues, true)]);
    let points = Mark::Points { label: "data".into(), x: vec![1.0; 50], y: vec![2.0; 50] };
    let (history, tiles) = (history(), figure(vec![tile; 10], 5));
    for (figure, part, times) in [
        (&history, "stroke-width=\"2\"", 4),
        (&history, "stroke-width=\"3\"", 4),
        (&history, ">validation</text>", 2),
        (&history, "font-weight=\"600\"", 2),
        (&history, ">epoch</text>", 2),
        (&history, ">10</text>", 2),
        (&tiles, "<image", 10),
        (&tiles, "image-rendering:pixelated", 10),
        (&tiles, "<text", 20),
        (&tiles, "<polyline", 0),
        (&figure(vec![matrix.clone()], 1), "<image", 0),
        (&figure(vec![matrix], 1), "<rect", 1 + 100 + 1),
        (&figure(vec![panel("", vec![points])], 1), "<circle", 50 + 1),
    ] {
        let svg = drawn(figure);
        assert_eq!(count(&svg, part), times, "`{part}` in {svg}");
    }
}

#[test]
fn pictures_stand_for_themselves() {
    let svg = drawn(&history());
    for part in [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"400\" viewBox=\"0 0 640 400\" role=\"img\"",
        "<title>loss: loss over epoch: train, validation; accuracy: loss over epoch: train, validation</title>",
        "<rect width=\"640\" height=\"400\" fill=\"#ffffff\"/>",
    ] {
        assert!(svg.contains(part), "`{part}` is missing in {svg}");
    }
    assert_eq!(count(&svg, "http"), 1, "nothing is fetched from elsewhere");
    assert_eq!(svg, drawn(&history()), "the same figure gives the same picture");
}

#[test]
fn pixels_are_exact() {
    let values: Vec<f32> = (0..256).map(|value| value as f32).chain([f32::NAN; 4]).collect();
    let mark = Mark::Image { rows: 13, columns: 20, values, colormap: Colormap::Gray, numbers: false };
    let svg = drawn(&figure(vec![panel("gray", vec![mark])], 1));
    let (_, rest) = svg.split_once("data:image/png;base64,").unwrap();
    let png = xml::unpacked_base64(rest.split('"').next().unwrap());
    let pixels = image::load_from_memory(&png).unwrap().to_rgba8();
    assert_eq!(pixels.dimensions(), (20, 13));
    for (i, pixel) in pixels.pixels().enumerate() {
        let expected = if i < 256 { [i as u8, i as u8, i as u8, 255] } else { [0; 4] };
        assert_eq!(pixel.0, expected, "pixel {i}");
    }
}

#[test]
fn strange_figures_have_sensible_pictures() {
    let (nan, infinity) = (f64::NAN, f64::INFINITY);
    let nothing = Mark::Image { rows: 0, columns: 5, values: vec![], colormap: Colormap::Gray, numbers: true };
    let gaps: Vec<f64> = (0..100_000).map(|i| if i % 2 == 0 { f64::from(i) } else { nan }).collect();
    for (name, marks, dots) in [
        ("empty", vec![], 0),
        ("no values", vec![line("a", &[])], 0),
        ("no finite values", vec![line("a", &[nan, infinity])], 0),
        ("one point", vec![line("a", &[5.0])], 1),
        ("constant", vec![line("a", &[7.0; 9])], 0),
        ("gaps", vec![line("a", &[1.0, 2.0, nan, 1.5, -infinity, 2.5, 1.0])], 1),
        ("only gaps and points", vec![line("a", &gaps)], 0),
        ("huge", vec![line("a", &[1e300, -1e300]), line("b", &[f64::MAX, f64::MIN])], 0),
        ("tiny", vec![line("a", &[5e-324, 1e-320])], 0),
        ("close", vec![line("a", &[1.0, 1.0 + f64::EPSILON])], 0),
        ("no squares", vec![nothing], 0),
        ("many squares", vec![image(2500, 10, Colormap::Viridis, true)], 0),
        ("text: <&\"> \u{1} 数 שלום\nsecond line", vec![line("a<b", &[1.0, 2.0])], 0),
    ] {
        for (width, height) in [(640, 400), (40, 30), (1, 1)] {
            let svg = drawn(&Figure { panels: vec![panel(name, marks.clone())], columns: 3, width, height });
            assert!(!svg.contains("NaN") && !svg.contains("inf\"") && svg.len() < 200_000, "{name}: {svg}");
            assert_eq!(count(&svg, "<circle"), dots, "{name}: {svg}");
        }
    }
    assert!(drawn(&figure(vec![], 1)).contains("<title>a picture</title>"));
}

#[test]
fn crowds_stay_small_and_quick() {
    let wave = |i: usize| (i as f64 * 0.37).sin() * (i as f64 * 1e-3).cos();
    let points = |n: usize, label: &str| Mark::Points {
        label: label.into(),
        x: (0..n).map(wave).collect(),
        y: (0..n).map(|i| wave(i * i)).collect(),
    };
    let classes = (0..10).map(|class| points(6000, &class.to_string())).collect();
    let lines =
        (0..6).map(|run| line(&run.to_string(), &(0..20_000).map(|i| wave(i + run)).collect::<Vec<_>>())).collect();
    for (name, marks, limit) in [
        ("60000 points", vec![points(60_000, "a")], Some(300)),
        ("60000 points of ten classes", classes, Some(300)),
        ("60000 values", vec![line("a", &(0..60_000).map(wave).collect::<Vec<_>>())], Some(300)),
        ("six lines", lines, Some(300)),
        ("a million points", vec![points(1_000_000, "a")], None),
        ("a million values", vec![line("a", &(0..1_000_000).map(wave).collect::<Vec<_>>())], None),
    ] {
        let figure = figure(vec![panel(name, marks)], 1);
        let size = drawn(&figure).len();
        assert!(size < 200_000, "{name}: {size} bytes");
        if let Some(limit) = limit {
            let quickest = (0..3).map(|_| time(&figure)).min().unwrap();
            assert!(quickest < Duration::from_millis(limit), "{name}: {quickest:?}");
        }
    }
}

fn time(figure: &Figure) -> Duration {
    let request = Draw { figure: figure.clone() };
    let start = (Instant::now(), processor_time());
    super::draw(request).unwrap();
    match (start.1, processor_time()) {
        (Some(before), Some(after)) => after - before,
        _ => start.0.elapsed(),
    }
}

/// What this thread has used of a processor, where the system tells: other processes do not count.
fn processor_time() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    statistics.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

#[test]
fn wrong_figures_are_refused() {
    let short = Mark::Points { label: "a".into(), x: vec![1.0, 2.0], y: vec![1.0] };
    let partial = Mark::Image { rows: 2, columns: 3, values: vec![0.0; 5], colormap: Colormap::Gray, numbers: false };
    for (figure, message) in [
        (figure(vec![panel("", vec![short])], 1), "panel 0: `a` has 2 values of x and 1 of y"),
        (figure(vec![panel("", vec![]), panel("", vec![partial])], 1), "panel 1: an image of 2 x 3 has 5 values"),
        (figure(vec![], 0), "0 panels beside each other"),
        (Figure { width: 0, ..history() }, "a size of 0 x 400 pixels"),
        (Figure { height: 10_001, ..history() }, "a size of 640 x 10001 pixels"),
    ] {
        match super::draw(Draw { figure }) {
            Err(Error::Shape { message: found, .. }) => assert_eq!(found, message),
            other => panic!("{other:?} instead of: {message}"),
        }
    }
}
