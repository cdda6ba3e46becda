//! Downloads a file, whole and verified or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hornblende_core::{Error, Result};
use sha2::{Digest, Sha256};
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;

use super::download_progress::DownloadProgress;
use super::remote_file::RemoteFile;

/// A server that says nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Downloads `file` into `folder`, which is made if need be, and returns its path.
///
/// The bytes go to a file of another name first. It gets its name when it is on the disk and has
/// the right length and SHA-256; until then nobody sees it, and after an error nothing is left.
pub(super) fn download<W: Write>(
    file: &RemoteFile,
    folder: &Path,
    config: ConfigBuilder<AgentScope>,
    progress: &mut DownloadProgress<W>,
) -> Result<PathBuf> {
    let mut part = PartialFile::create(folder, file.name).map_err(|error| {
        let got = format!("{}: {error}", folder.display());
        Error::io(
            file.name,
            "a folder that can be written to",
            got,
            "Set KERAS_HOME to another",
        )
    })?;
    let refused = |error: ureq::Error| {
        Error::io(
            file.name,
            format!("to download {}", file.url),
            error.to_string(),
            "",
        )
    };
    let config = config
        .https_only(file.url.starts_with("https:"))
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE))
        .build();
    let response = config.new_agent().get(&file.url).call().map_err(refused)?;
    progress.begin(file);
    let digest = copy(
        file,
        &mut response.into_body().into_reader(),
        &mut part.file,
        progress,
    )?;
    if digest != file.sha256 {
        let expected = format!("a file of SHA-256 {}", file.sha256);
        return Err(Error::data(
            file.name,
            expected,
            digest,
            "The server sent another file",
        ));
    }
    let path = folder.join(file.name);
    part.keep_as(&path).map_err(|error| {
        let got = format!("{}: {error}", path.display());
        Error::io(file.name, "to write the file", got, "")
    })?;
    Ok(path)
}

/// Copies exactly as many bytes as the file has and returns their SHA-256.
fn copy<W: Write>(
    file: &RemoteFile,
    from: &mut dyn Read,
    to: &mut File,
    progress: &mut DownloadProgress<W>,
) -> Result<String> {
    let failed = |error: io::Error, done: u64| {
        let expected = format!("{} bytes", file.len);
        Error::io(
            file.name,
            expected,
            format!("{done} bytes, then: {error}"),
            "Try again",
        )
    };
    let mut hash = Sha256::new();
    let mut block = vec![0; 64 * 1024];
    let mut done = 0;
    loop {
        let len = match from.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result.map_err(|error| failed(error, done))?,
        };
        if len == 0 && done == file.len {
            break;
        }
        if len == 0 || done + len as u64 > file.len {
            let got = if len == 0 {
                format!("{done} bytes")
            } else {
                "more".to_owned()
            };
            return Err(Error::data(
                file.name,
                format!("{} bytes", file.len),
                got,
                "Try again",
            ));
        }
        to.write_all(&block[..len])
            .map_err(|error| failed(error, done))?;
        hash.update(&block[..len]);
        done += len as u64;
        progress.advance(done);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// A file that is removed unless it is kept.
struct PartialFile {
    file: File,
    path: PathBuf,
}

impl PartialFile {
    fn create(folder: &Path, name: &str) -> io::Result<Self> {
        // Two downloads at once, in one process or in two, do not write to the same file.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        fs::create_dir_all(folder)?;
        let path = folder.join(format!(".{name}.{}.{count}.part", std::process::id()));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok(Self { file, path })
    }

    /// Gives the file its name once its bytes are on the disk.
    fn keep_as(self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, path)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // After a rename there is nothing to remove, and a file that cannot be removed hurts nobody.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};
    use std::thread::JoinHandle;

    use super::*;
    use crate::terminal::Terminal;

    const BODY: &[u8] = b"sixteen bytes!!\n";
    const BODY_SHA256: &str = "ce02833014e44829273ae98d52306b42e3acd03694bf9dc90cbb85fe08afdf63";

    /// Answers one request on the loopback with these bytes, and returns the request's first line.
    fn serve(answer: Vec<u8>) -> (SocketAddr, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            // The client hangs up early when it has seen too much.
            let _ = stream.write_all(&answer);
            String::from_utf8_lossy(&request)
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        (address, server)
    }

    fn answer(status: &str, declared: Option<usize>, body: &[u8]) -> Vec<u8> {
        let len = declared.map_or(String::new(), |len| format!("Content-Length: {len}\r\n"));
        let head = format!("HTTP/1.1 {status}\r\n{len}Connection: close\r\n\r\n");
        [head.as_bytes(), body].concat()
    }

    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let name = format!("hornblende-download-{}-{test}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        fn files(&self) -> Vec<String> {
            let Ok(entries) = fs::read_dir(&self.0) else {
                return Vec::new();
            };
            entries
                .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
                .collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn fetch(address: SocketAddr, folder: &Path, sha256: &'static str) -> Result<PathBuf> {
        let url = format!("http://{address}/x.npz");
        let file = RemoteFile {
            name: "x.npz",
            url,
            len: BODY.len() as u64,
            sha256,
        };
        let mut progress = DownloadProgress::new(Terminal::plain(), io::sink());
        let config = ureq::Agent::config_builder().proxy(None);
        download(&file, folder, config, &mut progress)
    }

    #[test]
    fn the_right_bytes_end_under_their_name_in_a_folder_that_is_made() {
        let folder = Folder::new("right");
        let (address, server) = serve(answer("200 OK", Some(BODY.len()), BODY));
        let path = fetch(address, &folder.0.join("a/b"), BODY_SHA256).unwrap();
        assert_eq!(fs::read(&path).unwrap(), BODY);
        assert_eq!(path, folder.0.join("a/b/x.npz"));
        assert_eq!(fs::read_dir(folder.0.join("a/b")).unwrap().count(), 1);
        assert_eq!(server.join().unwrap(), "GET /x.npz HTTP/1.1");
    }

    #[test]
    fn wrong_bytes_leave_nothing_behind_and_an_older_file_as_it_was() {
        let longer = [BODY, b"more"].concat();
        let mut other = BODY.to_vec();
        other[0] ^= 1;
        let cases = [
            (
                "hash",
                answer("200 OK", Some(BODY.len()), &other),
                "a file of SHA-256",
            ),
            (
                "short",
                answer("200 OK", Some(BODY.len()), &BODY[..9]),
                "got 9 bytes",
            ),
            ("unsaid", answer("200 OK", None, &BODY[..9]), "got 9 bytes"),
            (
                "long",
                answer("200 OK", Some(longer.len()), &longer),
                "expected 16 bytes; got more",
            ),
            ("missing", answer("404 Not Found", Some(0), b""), "404"),
            ("empty", Vec::new(), "to download http://127.0.0.1"),
        ];
        for (name, answer, message) in cases {
            let folder = Folder::new(name);
            fs::create_dir_all(&folder.0).unwrap();
            fs::write(folder.0.join("x.npz"), "older").unwrap();
            let (address, server) = serve(answer);
            let error = fetch(address, &folder.0, BODY_SHA256)
                .unwrap_err()
                .to_string();
            assert!(error.contains(message), "{name}: {error}");
            assert!(!error.contains('\n'), "{name}: {error}");
            assert_eq!(folder.files(), ["x.npz"], "{name}");
            assert_eq!(
                fs::read(folder.0.join("x.npz")).unwrap(),
                b"older",
                "{name}"
            );
            server.join().unwrap();
        }
    }

    #[test]
    fn a_server_that_is_not_there_is_an_error_of_one_line() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let folder = Folder::new("refused");
        let error = fetch(address, &folder.0, BODY_SHA256)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("expected to download http://{address}/x.npz")),
            "{error}"
        );
        assert!(!error.contains('\n'), "{error}");
        assert!(folder.files().is_empty());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        // A file stands where the folder should be: that stops even a superuser.
        let folder = Folder::new("unwritable");
        fs::create_dir_all(&folder.0).unwrap();
        fs::write(folder.0.join("file"), "").unwrap();
        let unwritable = folder.0.join("file/datasets");
        let error = fetch(([127, 0, 0, 1], 9).into(), &unwritable, BODY_SHA256).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("a folder that can be written to"), "{error}");
        assert!(error.contains(&unwritable.display().to_string()), "{error}");
        assert!(error.contains("Set KERAS_HOME"), "{error}");
    }
}
