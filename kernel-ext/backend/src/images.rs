//! Image files, and images in another size.
//!
//! What may not be in this file: plots, and what an image shows.

use crate::files::replace;
use engine_api::{Bytes, Error, Pixels, ReadImage, ResizeImage, WriteImage};
use image::imageops::FilterType;
use image::{ColorType, DynamicImage, ExtendedColorType, ImageBuffer, ImageFormat, ImageReader};
use std::io::Cursor;

/// Larger images are refused, before their pixels are unpacked.
const MOST_PIXELS: u64 = 1 << 28;

pub fn read(request: ReadImage) -> Result<Pixels, Error> {
    let ReadImage { path, channels } = request;
    let outside = |message: String| Error::Outside { place: path.clone(), message };
    let open = || ImageReader::open(&path)?.with_guessed_format();
    let reader = open().map_err(|error| outside(format!("cannot be opened ({error})")))?;
    let (width, height) = open()
        .map_err(|error| outside(error.to_string()))?
        .into_dimensions()
        .map_err(|error| outside(format!("not a picture in PNG, JPEG or BMP ({error})")))?;
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(outside(format!(
            "{height} x {width} pixels are more than the {MOST_PIXELS} that are read at once"
        )));
    }
    let image = reader.decode().map_err(|error| outside(format!("damaged, or cut short ({error})")))?;
    Ok(pixels(convert(image, channels).map_err(outside)?))
}

/// The image with so many channels of a byte each; 0 keeps those that it has.
fn convert(image: DynamicImage, channels: usize) -> Result<DynamicImage, String> {
    let has = usize::from(image.color().channel_count());
    Ok(match if channels == 0 { has } else { channels } {
        1 => image.into_luma8().into(),
        2 => image.into_luma_alpha8().into(),
        3 => image.into_rgb8().into(),
        4 => image.into_rgba8().into(),
        other => return Err(format!("an image has 1 to 4 channels, not {other}")),
    })
}

fn pixels(image: DynamicImage) -> Pixels {
    let (height, width) = (image.height() as usize, image.width() as usize);
    let channels = usize::from(image.color().channel_count());
    Pixels { height, width, channels, bytes: Bytes(image.into_bytes()) }
}

pub fn write(request: WriteImage) -> Result<(), Error> {
    let WriteImage { path, image } = request;
    let outside = |message: String| Error::Outside { place: path.clone(), message };
    let format = ImageFormat::from_path(&path).ok().filter(|format| format.writing_enabled());
    let Some(format) = format else {
        return Err(outside("the name of an image file ends in .png, .jpg or .bmp".into()));
    };
    // What a format cannot hold is left out: a JPEG has no opacity.
    let kept = match (format, image.channels) {
        (ImageFormat::Jpeg, 2) => 1,
        (ImageFormat::Jpeg, 4) => 3,
        (_, channels) => channels,
    };
    let image = pixels(convert(dynamic(image).map_err(outside)?, kept).map_err(outside)?);
    let color = match image.channels {
        1 => ColorType::L8,
        2 => ColorType::La8,
        3 => ColorType::Rgb8,
        _ => ColorType::Rgba8,
    };
    let (width, height, color) = (image.width as u32, image.height as u32, ExtendedColorType::from(color));
    let mut content = Cursor::new(Vec::new());
    image::write_buffer_with_format(&mut content, &image.bytes.0, width, height, color, format)
        .map_err(|error| outside(format!("cannot be written ({error})")))?;
    replace(&path, content.get_ref()).map_err(|error| outside(format!("cannot be written ({error})")))
}

pub fn resize(request: ResizeImage) -> Result<Pixels, Error> {
    let ResizeImage { image, height, width, nearest } = request;
    let fault = |message: String| Error::Outside { place: "resize".into(), message };
    if (height as u64).saturating_mul(width as u64) > MOST_PIXELS || height == 0 || width == 0 {
        return Err(fault(format!("{height} x {width} pixels cannot be: 1 to {MOST_PIXELS} of them can")));
    }
    let filter = if nearest { FilterType::Nearest } else { FilterType::Triangle };
    Ok(pixels(dynamic(image).map_err(fault)?.resize_exact(width as u32, height as u32, filter)))
}

fn dynamic(image: Pixels) -> Result<DynamicImage, String> {
    let Pixels { height, width, channels, bytes } = image;
    let text = format!("{} bytes are no image of {height} x {width} x {channels}", bytes.0.len());
    let (width, height) = (u32::try_from(width), u32::try_from(height));
    let (Ok(width), Ok(height)) = (width, height) else { return Err(text) };
    let image = match channels {
        1 => ImageBuffer::from_raw(width, height, bytes.0).map(DynamicImage::ImageLuma8),
        2 => ImageBuffer::from_raw(width, height, bytes.0).map(DynamicImage::ImageLumaA8),
        3 => ImageBuffer::from_raw(width, height, bytes.0).map(DynamicImage::ImageRgb8),
        4 => ImageBuffer::from_raw(width, height, bytes.0).map(DynamicImage::ImageRgba8),
        _ => None,
    };
    image.ok_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours() -> Pixels {
        Pixels { height: 1, width: 2, channels: 3, bytes: Bytes(vec![255, 0, 0, 0, 0, 255]) }
    }

    #[test]
    fn images_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["new/a.png", "new/a.bmp"] {
            let path = folder.path().join(name).to_str().unwrap().to_string();
            write(WriteImage { path: path.clone(), image: colours() }).unwrap();
            assert_eq!(read(ReadImage { path: path.clone(), channels: 0 }).unwrap(), colours(), "{name}");
            let grey = read(ReadImage { path, channels: 1 }).unwrap();
            assert_eq!((grey.channels, grey.bytes.0.len()), (1, 2));
        }
        let path = folder.path().join("b.jpg").to_str().unwrap().to_string();
        let image = Pixels { height: 8, width: 8, channels: 4, bytes: Bytes([200, 100, 50, 255].repeat(64)) };
        write(WriteImage { path: path.clone(), image }).unwrap();
        let back = read(ReadImage { path, channels: 0 }).unwrap();
        assert_eq!(back.channels, 3);
        assert!(back.bytes.0.chunks(3).all(|pixel| pixel[0].abs_diff(200) < 4 && pixel[2].abs_diff(50) < 4));
    }

    #[test]
    fn other_sizes_repeat_or_mix_pixels() {
        let image = Pixels { height: 1, width: 2, channels: 1, bytes: Bytes(vec![0, 100]) };
        let resized = |nearest| {
            let request = ResizeImage { image: image.clone(), height: 1, width: 4, nearest };
            resize(request).unwrap().bytes.0
        };
        assert_eq!(resized(true), [0, 0, 100, 100]);
        assert_eq!(resized(false), [0, 25, 75, 100]);
        let request = ResizeImage { image: image.clone(), height: 0, width: 4, nearest: true };
        assert!(resize(request).unwrap_err().to_string().contains("0 x 4 pixels cannot be"));
    }

    #[test]
    fn files_that_are_no_images_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
        std::fs::write(place("text.png"), "no picture").unwrap();
        write(WriteImage { path: place("good.png"), image: colours() }).unwrap();
        let good = std::fs::read(place("good.png")).unwrap();
        std::fs::write(place("short.png"), &good[..good.len() - 20]).unwrap();
        for (name, message) in [
            ("none.png", "cannot be opened"),
            ("text.png", "not a picture in PNG, JPEG or BMP"),
            ("short.png", "damaged, or cut short"),
        ] {
            let error = read(ReadImage { path: place(name), channels: 0 }).unwrap_err().to_string();
            assert!(error.contains(message) && error.contains(name), "{error}");
        }
        let error = write(WriteImage { path: place("a.txt"), image: colours() }).unwrap_err().to_string();
        assert!(error.ends_with("the name of an image file ends in .png, .jpg or .bmp"), "{error}");
    }
}
