//! Pictures as they are seen: their pixels, block by block, and what their SVG is made of, compared with what was looked
//! at once. `UPDATE_PICTURES=1 cargo test -p course --test pictures` stores them anew; then look at them.

#![allow(clippy::unwrap_used)]

use course::plot::*;
use course::prelude::*;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many blocks a picture is cut into, across and down.
const BLOCKS: (usize, usize) = (12, 8);
/// How far the mean colour of a block may be away, of 255.
const TOLERANCE: i32 = 4;
/// The elements that are counted.
const ELEMENTS: [&str; 6] = ["<text", "<rect", "<circle", "<polyline", "<polygon", "<image"];

fn pictures() -> Vec<(&'static str, Figure)> {
    set_random_seed(3);
    let mut net = Sequential::new();
    net.add(Input::new([2]));
    net.add(Dense::new(8).activation("tanh"));
    net.add(Dense::new(1).activation("sigmoid"));
    let (points, classes) = toy::moons(60, 0.1);
    let wave = |phase: f64| -> Vec<f64> { (0..50).map(|step| (f64::from(step) / 8.0 + phase).sin()).collect() };
    let (x, w) = (placeholder([2, 2]), variable(&array![[1.0, 2.0], [3.0, 4.0]]));
    let input = Input::new([8, 8, 1]).tensor();
    let first = Conv2D::new(4, 3).padding("same").call(&input);
    let sum = Add::new().call([&first, &Conv2D::new(4, 3).padding("same").call(&first)]);
    let bowl = |a: f64, b: f64| a * a + 3.0 * b * b;
    let image = Array2::from_shape_fn((5, 6), |(row, column)| ((row * 3 + column) % 4) as f32);
    let kernels =
        Array4::from_shape_fn((3, 3, 1, 4), |(row, column, _, output)| (row as f32 - 1.0) * (column + output) as f32);
    vec![
        (
            "lines",
            Figure::new().line(&wave(0.0)).label("sin").line(&wave(1.57)).label("cos").title("Waves").xlabel("x"),
        ),
        ("points", Figure::new().scatter(&wave(0.0), &wave(0.7)).axis_equal()),
        ("bars", Figure::new().bar(&["cat", "dog"], &[3.0, -1.0]).ylabel("gain")),
        ("histogram", Figure::new().hist(&wave(0.3), 8).grid(false)),
        (
            "contours",
            Figure::new().contourf((-1.0, 1.0), (0.0, 2.0), &image).levels(&[0.5, 1.5, 2.5]).colorbar("height"),
        ),
        ("heat map", Figure::new().imshow(&image).colorbar("").axes(true)),
        ("numbers", show_tensor(&image)),
        ("kernels", show_kernels(&kernels)),
        ("channels", show_channels(&kernels.permuted_axes([2, 0, 1, 3]).to_owned())),
        ("boundary", decision_boundary(&mut net, &points, &classes)),
        ("surface", loss_surface(bowl, (-2.0, 2.0), (-1.0, 1.0), &[(1.5, 0.8), (0.5, -0.2)])),
        ("graph", (&x * &w + &x).sin().graph_def().plot()),
        ("model", plot_model(&Model::new(&input, &sum), PlotModel::new())),
        ("orders", tensor_orders()),
        ("convolution", convolution_steps(&image, &array![[1.0, -1.0], [0.5, 0.0]], 1).frames()[5].1.clone()),
        ("pooling", max_pooling_steps(&image, 2).frames()[1].1.clone()),
        ("confusion", confusion_matrix(&[0_u8, 1, 2, 2, 1], &[0_u8, 2, 2, 2, 1]).plot()),
    ]
}

/// The mean colours of the blocks, row by row.
fn blocks(figure: &Figure) -> Vec<[i32; 3]> {
    let pixels = figure.rgba();
    let (height, width, _) = pixels.dim();
    let (across, down) = BLOCKS;
    let block = |number: usize| {
        let (row, column) = (number / across, number % across);
        let rows = row * height / down..(row + 1) * height / down;
        let columns = column * width / across..(column + 1) * width / across;
        let part = pixels.slice(s![rows, columns, ..]);
        [0, 1, 2].map(|channel| {
            let values = part.index_axis(Axis(2), channel);
            (values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64).round() as i32
        })
    };
    (0..across * down).map(block).collect()
}

fn elements(figure: &Figure) -> String {
    let svg = figure.svg().unwrap();
    let counts: Vec<String> =
        ELEMENTS.iter().map(|element| format!("{} {}", &element[1..], svg.matches(element).count())).collect();
    counts.join(", ")
}

/// The stored form: a line with the name and the elements, then a line a row of blocks.
fn text(name: &str, elements: &str, blocks: &[[i32; 3]]) -> String {
    let mut text = format!("{name}: {elements}\n");
    for row in blocks.chunks(BLOCKS.0) {
        let colours: Vec<String> =
            row.iter().map(|[red, green, blue]| format!("{red:02x}{green:02x}{blue:02x}")).collect();
        let _ = writeln!(text, "{}", colours.join(" "));
    }
    text
}

fn channels(colour: &str) -> [i32; 3] {
    [0, 2, 4].map(|start| i32::from_str_radix(&colour[start..start + 2], 16).unwrap())
}

#[test]
fn pictures_look_as_they_did() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pictures.txt");
    let drawn: Vec<_> =
        pictures().into_iter().map(|(name, figure)| (name, elements(&figure), blocks(&figure))).collect();
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        let all: String = drawn.iter().map(|(name, elements, blocks)| text(name, elements, blocks)).collect();
        fs::write(&file, all).unwrap();
    }
    let stored = fs::read_to_string(&file).unwrap();
    let mut lines = stored.lines();
    for (name, elements, blocks) in drawn {
        assert_eq!(lines.next(), Some(format!("{name}: {elements}").as_str()));
        let rows: Vec<&str> = lines.by_ref().take(BLOCKS.1).collect();
        for (number, (colour, block)) in rows.iter().flat_map(|row| row.split(' ')).zip(blocks).enumerate() {
            let far = channels(colour).iter().zip(block).map(|(one, other)| (one - other).abs()).max().unwrap();
            let (row, column) = (number / BLOCKS.0, number % BLOCKS.0);
            assert!(far <= TOLERANCE, "{name}, block in row {row}, column {column}: {colour} and {block:02x?}");
        }
    }
}

#[test]
fn strange_data_are_drawn_or_refused_in_words() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let none: [f64; 0] = [];
    let figures = [
        Figure::new().plot(&[0.0, nan, 2.0], &[inf, 1.0, -inf]),
        Figure::new().plot(&none, &none).scatter(&[1.0], &[1.0]),
        Figure::new().hist(&none, 5),
        Figure::new().hist(&[nan, inf], 5),
        Figure::new().hist(&[3.0], 4),
        Figure::new().bar(&[], &none),
        Figure::new().bar(&["a", "b"], &[nan, -2.0]),
        Figure::new().contourf((0.0, 1.0), (0.0, 1.0), &array![[nan, 1.0], [2.0, inf]]).colorbar("x"),
        Figure::new().contourf((0.0, 0.0), (0.0, 1.0), &array![[1.0, 1.0], [1.0, 1.0]]),
        Figure::new().imshow(&array![[nan, nan]]).colorbar(""),
        Figure::new().draw(&Canvas::new().circle((nan, 0.0), 3.0).arrow((0.0, 0.0), (0.0, 0.0)).text((0.0, 1.0), "")),
        Figure::new().line(&[1.0, 2.0]).xlim(2.0, 2.0).ylim(nan, 1.0),
        Figure::new().line(&[1.0]).title("损失 · الخسارة · हानि · 🙂 <&>\u{7}").label("größe"),
        show_tensor(&Array4::<f64>::from_elem((9, 9, 9, 9), nan)),
        Figure::subplots(3, []),
    ];
    for figure in figures {
        let svg = figure.svg().unwrap_or_else(|error| panic!("{figure}: {error}"));
        assert!(svg.starts_with("<svg") && !svg.contains("NaN") && !svg.contains("inf\""), "{figure}");
        assert_eq!(figure.rgba().dim().2, 4, "{figure}");
    }
}

#[test]
fn large_data_are_drawn_quickly_and_small() {
    let values: Vec<f64> = (0..1_000_000).map(|place| (f64::from(place) * 0.618).sin() * f64::from(place)).collect();
    let order: Vec<f64> = (0..values.len()).map(|place| place as f64).collect();
    let many = 60_000;
    for (name, figure) in [
        ("60000 points", Figure::new().scatter(&order[..many].to_vec(), &values[..many].to_vec())),
        ("a million points", Figure::new().scatter(&order, &values)),
        ("a line of a million", Figure::new().plot(&order, &values)),
        ("a histogram of a million", Figure::new().hist(&values, 100)),
        ("a large matrix", Figure::new().imshow(&Array2::from_shape_vec((1000, 1000), values.clone()).unwrap())),
    ] {
        let start = Instant::now();
        let svg = figure.svg().unwrap();
        let most = if name == "60000 points" { Duration::from_millis(300) } else { Duration::from_secs(3) };
        assert!(start.elapsed() < most, "{name}: {:?}", start.elapsed());
        // A matrix of noise cannot be packed.
        assert!(svg.len() < if name == "a large matrix" { 3_000_000 } else { 200_000 }, "{name}: {} bytes", svg.len());
    }
}

#[test]
fn figures_become_files() {
    let folder = std::env::temp_dir().join(format!("course-pictures-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let figure = Figure::new().line(&[1.0, 2.0, 0.0]).size(320, 240);
    for (name, start) in [("a.svg", &b"<svg"[..]), ("a.png", b"\x89PNG"), ("a.jpg", b"\xff\xd8")] {
        figure.savefig(folder.join(name)).unwrap();
        assert!(fs::read(folder.join(name)).unwrap().starts_with(start), "{name}");
    }
    // Two pixels for each, so that the file is sharp.
    assert_eq!(load_img(folder.join("a.png")).unwrap().dim(), (480, 640, 3));
    let error = figure.savefig(folder.join("a.tiff")).unwrap_err().to_string();
    assert!(error.contains("tiff"), "{error}");
    let film = Film::new([("one", figure.clone()), ("two", figure)]);
    film.save(folder.join("a.html")).unwrap();
    let page = fs::read_to_string(folder.join("a.html")).unwrap();
    assert_eq!((page.matches("<figure").count(), page.matches("<input type=\"range\"").count()), (2, 1));
    fs::remove_dir_all(folder).unwrap();
}
