//! Files that are read whole and checked against a hash, or replaced whole.
//!
//! What may not be in this file: what the bytes mean.

use std::fmt::Write;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

use engine_api::{Bytes, Error, LoadFile};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

/// Larger files are refused: a small gzip file can unpack to more than the memory holds.
const LARGEST: u64 = 1 << 30;

pub fn load(request: LoadFile) -> Result<Bytes, Error> {
    load_at_most(&request, LARGEST)
}

fn load_at_most(request: &LoadFile, largest: u64) -> Result<Bytes, Error> {
    let path = &request.path;
    let outside = |message| Error::Outside { place: path.clone(), message };
    let file = fs::File::open(path).map_err(|error| outside(cannot_open(&error, path)))?;
    let bytes = if request.gzip {
        read_at_most(MultiGzDecoder::new(file), largest, |error, begin| cannot_unpack(error, begin, request))
    } else {
        read_at_most(file, largest, |error, _| format!("cannot be read ({error})"))
    };
    let bytes = bytes.map_err(outside)?;
    check_hash(&bytes, request).map_err(outside)?;
    Ok(Bytes(bytes))
}

/// Reads all; `explain` makes the message of a failure from it and from what could be read before.
fn read_at_most(
    reader: impl Read,
    largest: u64,
    explain: impl FnOnce(&std::io::Error, &[u8]) -> String,
) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    reader.take(largest + 1).read_to_end(&mut bytes).map_err(|error| explain(&error, &bytes))?;
    if bytes.len() as u64 > largest {
        return Err(format!("holds more than {largest} bytes, the most that is read at once"));
    }
    Ok(bytes)
}

/// The SHA-256 of a file, in lower-case hexadecimal.
pub fn hash_of(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash, mut buffer) = (fs::File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// Writes a file beside the old one and puts it into its place, so that a full disk loses nothing; folders that are
/// missing are made.
pub fn replace(path: &str, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = Path::new(path).parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = format!("{path}.part");
    fs::write(&beside, content)?;
    fs::rename(&beside, path)
}

fn check_hash(bytes: &[u8], request: &LoadFile) -> Result<(), String> {
    let expected = request.sha256.to_ascii_lowercase();
    if expected.is_empty() {
        return Ok(());
    }
    let found = hexadecimal(&Sha256::digest(bytes));
    if found == expected {
        return Ok(());
    }
    let unpacked = if request.gzip { "unpacked " } else { "" };
    let hashes = both_hashes(&expected, &found, bytes.len());
    Err(format!("the {unpacked}content is not the expected one{hashes}\n  {}", restore(&request.path)))
}

fn both_hashes(expected: &str, found: &str, len: usize) -> String {
    format!("\n  expected SHA-256 {expected}\n  found SHA-256    {found} ({len} bytes)")
}

fn cannot_open(error: &std::io::Error, path: &str) -> String {
    match error.kind() {
        ErrorKind::NotFound => format!("there is no such file\n  {}", restore(path)),
        _ => format!("cannot be opened ({error})"),
    }
}

fn cannot_unpack(error: &std::io::Error, begin: &[u8], request: &LoadFile) -> String {
    let what = match error.kind() {
        ErrorKind::UnexpectedEof => "the gzip file ends too early: it was cut short".to_string(),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => format!("not a gzip file, or a damaged one ({error})"),
        _ => format!("cannot be read ({error})"),
    };
    let expected = request.sha256.to_ascii_lowercase();
    let hashes = if expected.is_empty() {
        String::new()
    } else {
        both_hashes(&expected, &hexadecimal(&Sha256::digest(begin)), begin.len())
    };
    format!("{what}{hashes}\n  {}", restore(&request.path))
}

fn restore(path: &str) -> String {
    format!("hint: a file that belongs to the course is restored by `git checkout -- {path}`")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    /// SHA-256 of "abc": FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Loads a file with this content; the answer is the bytes or the error's text without the folder.
    fn load_content(content: &[u8], gzip: bool, sha256: &str) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.bin");
        fs::write(&path, content).unwrap();
        let path = path.to_str().unwrap().to_string();
        load_at_most(&LoadFile { path, gzip, sha256: sha256.into() }, 1000)
            .map(|bytes| bytes.0)
            .map_err(|error| error.to_string().replace(folder.path().to_str().unwrap(), ""))
    }

    #[test]
    fn whole_files_arrive() {
        let members = [gzip(b"a"), gzip(b"bc")].concat();
        let upper = ABC.to_ascii_uppercase();
        for (content, packed, sha256) in [
            (b"abc".to_vec(), false, ""),
            (b"abc".to_vec(), false, ABC),
            (b"abc".to_vec(), false, upper.as_str()),
            (gzip(b"abc"), true, ""),
            (gzip(b"abc"), true, ABC),
            (members, true, ABC),
        ] {
            assert_eq!(load_content(&content, packed, sha256), Ok(b"abc".to_vec()), "gzip {packed}, hash {sha256}");
        }
        assert_eq!(load_content(&[7; 1000], false, ""), Ok(vec![7; 1000]), "the largest size itself is allowed");
    }

    #[test]
    fn errors_say_what_happened_to_which_file() {
        let good = gzip(b"abc");
        let mut altered = good.clone();
        let last = altered.len() - 8;
        altered[last] ^= 1; // the first byte of the checksum
        let bomb = gzip(&[0; 100_000]);
        assert!(bomb.len() < 1000);
        for (content, packed, sha256, parts) in [
            (&good[..good.len() - 4], true, ABC, &["cut short", "expected SHA-256 ba78", "found SHA-256 "][..]),
            (&altered, true, ABC, &["a damaged one", "checksum", "git checkout -- /data.bin"]),
            (b"abc", true, ABC, &["cut short"]),
            (b"this is plain text", true, ABC, &["not a gzip file"]),
            (&bomb, true, "", &["more than 1000 bytes"]),
            (&[0; 1001], false, "", &["more than 1000 bytes"]),
            (
                b"abd",
                false,
                ABC,
                &["the content", ABC, "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9"],
            ),
            (&gzip(b"abd"), true, ABC, &["the unpacked content", "(3 bytes)", "git checkout -- /data.bin"]),
        ] {
            let message = load_content(content, packed, sha256).unwrap_err();
            for part in parts.iter().chain(&["/data.bin: "]) {
                assert!(message.contains(part), "`{part}` is missing in: {message}");
            }
        }
    }

    #[test]
    fn missing_files_are_named() {
        let request = LoadFile { path: "no/such/file.gz".into(), gzip: true, sha256: String::new() };
        assert_eq!(
            load(request).unwrap_err().to_string(),
            "no/such/file.gz: there is no such file\n  hint: a file that belongs to the course is restored by `git \
             checkout -- no/such/file.gz`"
        );
        let folder = LoadFile { path: ".".into(), gzip: false, sha256: String::new() };
        assert!(load(folder).unwrap_err().to_string().starts_with(".: cannot be read ("));
    }
}
