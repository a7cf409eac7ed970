//! Small colour images of animals and vehicles: CIFAR-10.

use super::{get_file, load};
use crate::{Error, Result};
use ndarray::{Array1, Array4, ArrayView3};
use std::path::Path;

/// Images and labels for training, and others for testing.
pub type Cifar10 = ((Array4<u8>, Array1<u8>), (Array4<u8>, Array1<u8>));

/// What the labels 0 to 9 stand for.
pub const CLASS_NAMES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

const ARCHIVE: &str = "cifar-10-binary.tar.gz";
const SHA256: &str = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd";

/// Height and width.
const SIZE: usize = 32;
const COLOURS: usize = 3;
const PIXELS: usize = SIZE * SIZE * COLOURS;

/// Loads CIFAR-10: 50000 training and 10000 test images of 32 x 32 pixels in red, green and blue from 0 to 255.
/// [`CLASS_NAMES`] says what the labels mean.
///
/// The first call brings 170 MB from the network, as [`get_file`] does; later ones find them there.
///
/// # Shapes
/// ((50000, 32, 32, 3), (50000,)), ((10000, 32, 32, 3), (10000,)), all `u8`
///
/// # Errors
/// When the archive cannot be brought, or is not the original one; the message says where it may be put by hand.
///
/// Sources: Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009;
/// `keras/src/datasets/cifar10.py`.
///
/// ```no_run
/// use course::prelude::*;
/// let ((x_train, y_train), _) = cifar10::load_data()?;
/// println!("{}", cifar10::CLASS_NAMES[y_train[0] as usize]);
/// # Ok::<(), course::Error>(())
/// ```
pub fn load_data() -> Result<Cifar10> {
    let path = get_file(ARCHIVE, &format!("https://www.cs.toronto.edu/~kriz/{ARCHIVE}"), SHA256)?;
    read(&path, &load(&path, "")?)
}

/// Takes the unpacked archive apart.
fn read(path: &Path, archive: &[u8]) -> Result<Cifar10> {
    let (mut train, mut test) = (Vec::new(), Vec::new());
    let files = members(archive).ok_or_else(|| broken(path, "the archive is damaged"))?;
    // In the order of their names, which is that of the archive's batches.
    let mut batches: Vec<_> = files.into_iter().filter(|(name, _)| name.ends_with(".bin")).collect();
    batches.sort_unstable_by_key(|(name, _)| *name);
    for (name, content) in batches {
        if name.ends_with("test_batch.bin") { test.extend(content) } else { train.extend(content) }
    }
    Ok((images(path, &train)?, images(path, &test)?))
}

/// Images and labels from records of a label and the image's planes of red, green and blue.
fn images(path: &Path, records: &[u8]) -> Result<(Array4<u8>, Array1<u8>)> {
    let records = records.chunks_exact(1 + PIXELS);
    if records.len() == 0 || !records.remainder().is_empty() {
        return Err(broken(path, "a file inside holds no whole images"));
    }
    let mut images = Array4::zeros((records.len(), SIZE, SIZE, COLOURS));
    let mut labels = Array1::zeros(records.len());
    for ((mut image, label), record) in images.outer_iter_mut().zip(&mut labels).zip(records) {
        *label = record[0];
        let planes = ArrayView3::from_shape((COLOURS, SIZE, SIZE), &record[1..]);
        let planes = planes.map_err(|error| broken(path, &error.to_string()))?;
        image.assign(&planes.permuted_axes([1, 2, 0]));
    }
    Ok((images, labels))
}

/// The files of a tar archive with their names: a header of 512 bytes each, then the content, filled up to 512.
fn members(archive: &[u8]) -> Option<Vec<(&str, &[u8])>> {
    const BLOCK: usize = 512;
    let mut files = Vec::new();
    let mut rest = archive;
    while let Some((header, after)) = rest.split_at_checked(BLOCK) {
        let text = |from: usize, to: usize| {
            std::str::from_utf8(&header[from..to]).ok().map(|text| text.trim_matches(['\0', ' ']))
        };
        let name = text(0, 100)?;
        if name.is_empty() {
            break;
        }
        let size = usize::from_str_radix(text(124, 136)?, 8).ok()?;
        files.push((name, after.get(..size)?));
        rest = after.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
    }
    Some(files)
}

fn broken(path: &Path, message: &str) -> Error {
    let place = path.display().to_string();
    Error::Backend(engine_api::Error::Outside { place, message: message.into() })
}

#[cfg(test)]
mod tests {
    use super::{PIXELS, read};
    use ndarray::{array, s};
    use std::path::Path;

    /// A file of an archive, with its header as far as it matters.
    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 512];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        bytes[124..136].copy_from_slice(format!("{:011o} ", content.len()).as_bytes());
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    /// An image of which each plane has one number everywhere.
    fn record(label: u8, colours: [u8; 3]) -> Vec<u8> {
        std::iter::once(label).chain(colours.iter().flat_map(|&colour| vec![colour; PIXELS / 3])).collect()
    }

    #[test]
    fn an_archive_gives_images_with_their_colours_last() {
        let archive = [
            member("cifar-10-batches-bin/", &[]),
            member("cifar-10-batches-bin/data_batch_2.bin", &record(7, [4, 5, 6])),
            member("cifar-10-batches-bin/readme.html", b"<html>"),
            member("cifar-10-batches-bin/data_batch_1.bin", &record(3, [1, 2, 3])),
            member("cifar-10-batches-bin/test_batch.bin", &record(9, [7, 8, 9])),
            vec![0; 1024],
        ];
        let ((x_train, y_train), (x_test, y_test)) = read(Path::new("a.tar.gz"), &archive.concat()).unwrap();
        assert_eq!((x_train.dim(), y_train), ((2, 32, 32, 3), array![3, 7]));
        assert_eq!(x_train.slice(s![.., 31, 0, ..]), array![[1, 2, 3], [4, 5, 6]]);
        assert_eq!((x_test.slice(s![0, 5, 5, ..]), y_test), (array![7, 8, 9].view(), array![9]));
    }

    #[test]
    fn damaged_archives_are_refused() {
        let whole = member("data_batch_1.bin", &record(3, [1, 2, 3]));
        for (archive, message) in [
            (whole[..1000].to_vec(), "the archive is damaged"),
            (member("data_batch_1.bin", &record(3, [1, 2, 3])[1..]), "no whole images"),
            (Vec::new(), "no whole images"),
            (b"not an archive".repeat(100), "the archive is damaged"),
        ] {
            let error = read(Path::new("a.tar.gz"), &archive).unwrap_err().to_string();
            assert!(error.contains("a.tar.gz") && error.contains(message), "{error}");
        }
    }
}
