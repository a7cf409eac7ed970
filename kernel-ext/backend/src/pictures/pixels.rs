//! A picture as pixels, with letters that come along: no font of the system is needed.

use engine_api::{Bytes, Error, Pixels, Rasterize};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, OnceLock};

/// The side of the largest picture.
const LARGEST: f64 = 16_384.0;

/// The pixels of a document.
///
/// # Errors
/// When it is no SVG, or too large.
pub fn rasterize(request: Rasterize) -> Result<Pixels, Error> {
    let Rasterize { svg, scale } = request;
    let wrong = |message: String| Error::Outside { place: "a picture as pixels".into(), message };
    let options = Options { fontdb: Arc::clone(fonts()), font_family: FAMILY.into(), ..Options::default() };
    let tree = Tree::from_str(&svg, &options).map_err(|error| wrong(error.to_string()))?;
    let (width, height) = (f64::from(tree.size().width()) * scale, f64::from(tree.size().height()) * scale);
    if !(1.0..=LARGEST).contains(&width) || !(1.0..=LARGEST).contains(&height) {
        return Err(wrong(format!("{width} x {height} pixels: both can be 1 to {LARGEST}")));
    }
    let mut pixmap = Pixmap::new(width.round() as u32, height.round() as u32)
        .ok_or_else(|| wrong(format!("there is no memory for {width} x {height} pixels")))?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixmap.as_mut());
    let bytes = pixmap.pixels().iter().map(|pixel| pixel.demultiply());
    let bytes = bytes.flat_map(|color| [color.red(), color.green(), color.blue(), color.alpha()]).collect();
    Ok(Pixels { height: pixmap.height() as usize, width: pixmap.width() as usize, channels: 4, bytes: Bytes(bytes) })
}

const FAMILY: &str = "DejaVu Sans";

/// The letters of pictures, read once.
fn fonts() -> &'static Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(dejavu::sans::regular().to_vec());
        fonts.load_font_data(dejavu::sans::bold().to_vec());
        fonts.set_sans_serif_family(FAMILY);
        Arc::new(fonts)
    })
}
