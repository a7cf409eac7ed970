//! Files from the network: gone on with where they broke off, and checked against a hash.
//!
//! A download runs on a thread of its own, so that whoever asks for it can show how far it is, and stop it.
//!
//! What may not be in this file: which files there are, and what they hold.

use crate::files::hash_of;
use engine_api::{Download, DownloadReport, Error, StartDownload, WatchDownload};
use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use ureq::Agent;

/// How long a connection may take, and how long it may bring nothing.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a connection that broke off is made anew.
const ATTEMPTS: usize = 3;

#[derive(Clone, Copy, Default)]
struct Extent {
    received: u64,
    /// 0 while nobody knows it.
    total: u64,
}

#[derive(Default)]
struct State {
    extent: Extent,
    cancelled: bool,
    end: Option<Result<(), String>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    moved: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The downloads that are under way, with the addresses that they come from.
#[derive(Default)]
struct Running {
    last: u64,
    downloads: HashMap<u64, (String, Arc<Shared>)>,
}

fn running() -> MutexGuard<'static, Running> {
    static RUNNING: OnceLock<Mutex<Running>> = OnceLock::new();
    lock(RUNNING.get_or_init(Mutex::default))
}

pub fn start(request: StartDownload) -> Result<Download, Error> {
    let shared = Arc::new(Shared::default());
    let mut running = running();
    running.last += 1;
    let number = running.last;
    running.downloads.insert(number, (request.url.clone(), shared.clone()));
    drop(running);
    std::thread::spawn(move || {
        let tell = |extent: Extent| {
            let mut state = lock(&shared.state);
            state.extent = extent;
            !state.cancelled
        };
        let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fetch(&request, &tell)));
        lock(&shared.state).end = Some(end.unwrap_or_else(|_| Err("the download panicked".into())));
        shared.moved.notify_all();
    });
    Ok(Download(number))
}

pub fn watch(request: WatchDownload) -> Result<DownloadReport, Error> {
    let Download(number) = request.download;
    let found = running().downloads.get(&number).cloned();
    let (url, shared) = found.ok_or_else(|| Error::Internal(format!("there is no download number {number}")))?;
    let mut state = lock(&shared.state);
    state.cancelled |= request.cancel;
    if state.end.is_none() && !request.cancel {
        let wait = Duration::from_micros(request.wait_us);
        state = shared.moved.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
    }
    let (Extent { received, total }, end) = (state.extent, state.end.take());
    let done = end.is_some() || request.cancel;
    drop(state);
    if done {
        running().downloads.remove(&number);
    }
    match end {
        Some(Err(message)) => Err(Error::Outside { place: url, message }),
        _ => Ok(DownloadReport { received, total, done }),
    }
}

/// Why a transfer ended.
enum Failure {
    /// It may go on if it is tried again.
    Broken(String),
    Final(String),
}

/// Brings the file to its place, unless it is there; `tell` is told how far it is and says whether to go on.
fn fetch(request: &StartDownload, tell: &dyn Fn(Extent) -> bool) -> Result<(), String> {
    let (path, expected) = (Path::new(&request.path), request.sha256.to_ascii_lowercase());
    let there = path.is_file().then(|| hash_of(path).ok()).flatten();
    if there.as_ref() == Some(&expected) {
        return Ok(());
    }
    bring(request, path, &expected, tell).map_err(|message| match there {
        Some(hash) => format!("{message}\n  what lies there is another file: its SHA-256 is {hash}, not {expected}"),
        None => message,
    })
}

fn bring(request: &StartDownload, path: &Path, expected: &str, tell: &dyn Fn(Extent) -> bool) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .map_err(|error| format!("the folder {} cannot be made ({error})", folder.display()))?;
    }
    let part = format!("{}.part", request.path);
    for attempt in 1.. {
        match transfer(&request.url, Path::new(&part), tell) {
            Ok(()) => break,
            Err(Failure::Broken(_)) if attempt < ATTEMPTS => {}
            Err(Failure::Broken(message) | Failure::Final(message)) => return Err(message),
        }
    }
    let found = hash_of(Path::new(&part)).map_err(|error| format!("{part} cannot be read ({error})"))?;
    if found != expected {
        // Going on from wrong bytes would never end well.
        let _ = fs::remove_file(&part);
        return Err(format!(
            "the file is not the expected one\n  expected SHA-256 {expected}\n  found SHA-256    {found}\n  hint: the \
             server has another version, or something on the way altered it"
        ));
    }
    fs::rename(&part, path).map_err(|error| format!("{} cannot be written ({error})", path.display()))
}

/// Appends to the file what it lacks.
fn transfer(url: &str, part: &Path, tell: &dyn Fn(Extent) -> bool) -> Result<(), Failure> {
    let have = fs::metadata(part).map_or(0, |metadata| metadata.len());
    let offline = |error: &dyn std::fmt::Display| {
        Failure::Broken(format!(
            "cannot be reached ({error})\n  hint: is this computer online? A file that was downloaded elsewhere can be \
             put to {}",
            part.with_extension("").display()
        ))
    };
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE));
    let mut call = Agent::from(config.build()).get(url);
    if have > 0 {
        call = call.header("Range", format!("bytes={have}-"));
    }
    let mut response = call.call().map_err(|error| offline(&error))?;
    let first = match response.status().as_u16() {
        206 if have > 0 => have,
        200 => 0,
        416 if have > 0 => {
            // There is nothing behind what we have: if it is not the file, it has to come anew.
            return Ok(());
        }
        _ => return Err(Failure::Final(format!("the server answered {}", response.status()))),
    };
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let rest: Option<u64> = header("content-length").and_then(|text| text.parse().ok());
    let total = rest.map_or(0, |rest| first + rest);
    let file_error = |error: std::io::Error| Failure::Final(format!("{} cannot be written ({error})", part.display()));
    let mut file = OpenOptions::new().create(true).append(first > 0).write(true).truncate(first == 0).open(part);
    let file = file.as_mut().map_err(|error| file_error(std::io::Error::other(error.to_string())))?;
    let (mut received, mut buffer) = (first, vec![0; 1 << 16]);
    let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
    loop {
        if !tell(Extent { received, total }) {
            return Err(Failure::Final("it was stopped; what has come is kept".into()));
        }
        match body.read(&mut buffer) {
            Ok(0) if received < total => break,
            Ok(0) => return Ok(()),
            Ok(count) => {
                file.write_all(&buffer[..count]).map_err(file_error)?;
                received += count as u64;
            }
            Err(_) => break,
        }
    }
    Err(Failure::Broken(format!(
        "the connection broke off after {received} of {total} bytes\n  hint: run the cell again; it goes on from there"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    fn content() -> Vec<u8> {
        (0..200_000_u32).map(|number| (number % 251) as u8).collect()
    }

    fn sha256(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A server that answers each request with the content from where it is asked for, but breaks off after so many
    /// bytes; the requests' ranges are sent back.
    fn server(breaks: Vec<usize>, ranges: bool) -> (String, std::thread::JoinHandle<Vec<Option<usize>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/data.bin", listener.local_addr().unwrap());
        let answer = move || {
            let mut asked = Vec::new();
            for most in breaks {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                let range =
                    head.iter().find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(String::from));
                let range = range.and_then(|range| range.trim_end_matches('-').parse().ok());
                asked.push(range);
                let first = range.filter(|_| ranges).unwrap_or(0);
                let status = if first > 0 { "206 Partial Content" } else { "200 OK" };
                let rest = &content()[first..];
                write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", rest.len())
                    .unwrap();
                // Whoever has heard enough may have gone.
                let _ = stream.write_all(&rest[..most.min(rest.len())]);
            }
            asked
        };
        (url, std::thread::spawn(answer))
    }

    fn get(url: &str, path: &Path, sha256: String) -> Result<(), String> {
        let request = StartDownload { url: url.into(), path: path.to_str().unwrap().into(), sha256 };
        let download = start(request).unwrap();
        loop {
            let report = watch(WatchDownload { download, wait_us: 10_000, cancel: false });
            match report.map_err(|error| error.to_string()) {
                Ok(report) if report.done => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    }

    #[test]
    fn a_file_arrives_whole_and_is_fetched_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/data.bin");
        let (url, server) = server(vec![usize::MAX], true);
        get(&url, &path, sha256(&content())).unwrap();
        assert_eq!(fs::read(&path).unwrap(), content());
        assert_eq!(server.join().unwrap(), [None]);
        // The server has gone, and is not needed.
        get(&url, &path, sha256(&content()).to_uppercase()).unwrap();
    }

    #[test]
    fn what_broke_off_goes_on() {
        for ranges in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("data.bin");
            let (url, server) = server(vec![70_000, 50_000, usize::MAX], ranges);
            get(&url, &path, sha256(&content())).unwrap();
            assert_eq!(fs::read(&path).unwrap(), content());
            let asked = server.join().unwrap();
            assert_eq!(asked[..2], [None, Some(70_000)]);
            assert!(!folder.path().join("data.bin.part").exists());
        }
    }

    #[test]
    fn failures_say_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.bin");
        let (url, first) = server(vec![usize::MAX], true);
        let error = get(&url, &path, sha256(b"another")).unwrap_err();
        assert!(error.starts_with(&format!("{url}: the file is not the expected one\n  expected SHA-256 ")), "{error}");
        assert!(!path.exists() && !folder.path().join("data.bin.part").exists());
        first.join().unwrap();

        let (url, second) = server(vec![10, 10, 10], true);
        let error = get(&url, &path, sha256(&content())).unwrap_err();
        assert!(error.contains("broke off after 30 of 200000 bytes\n  hint: run the cell again"), "{error}");
        assert_eq!(fs::metadata(folder.path().join("data.bin.part")).unwrap().len(), 30);
        second.join().unwrap();

        let error = get(&url, &path, sha256(&content())).unwrap_err();
        assert!(error.contains("cannot be reached") && error.contains("hint: is this computer online?"), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        fs::write(&path, "abc").unwrap();
        let error = get(&url, &path, sha256(&content())).unwrap_err();
        assert!(error.contains("what lies there is another file: its SHA-256 is ba7816bf"), "{error}");
    }

    #[test]
    fn a_stopped_download_keeps_what_has_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.bin");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let request = StartDownload { url, path: path.to_str().unwrap().into(), sha256: String::new() };
        let download = start(request).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello").unwrap();
        while watch(WatchDownload { download, wait_us: 1000, cancel: false }).unwrap().received < 5 {}
        assert!(watch(WatchDownload { download, wait_us: 0, cancel: true }).unwrap().done);
        assert!(watch(WatchDownload { download, wait_us: 0, cancel: false }).is_err());
        write!(stream, " world").unwrap();
        drop(stream);
        let part = folder.path().join("data.bin.part");
        while fs::metadata(&part).map_or(0, |metadata| metadata.len()) < 5 {
            std::thread::yield_now();
        }
        assert!(fs::read(part).unwrap().starts_with(b"hello"));
    }
}
