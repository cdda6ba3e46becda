//! Sends the logs of each epoch to a server.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use hornblende_core::{Error, Result};

use super::entry::Entry;
use super::monitor::number_json;
use crate::config::{Config, Json};
use crate::training::{Callback, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "RemoteMonitor",
    from_config: |config| Ok(Box::new(RemoteMonitor::from_config(config)?)),
};

/// How long a server may take; a training does not wait for a dead one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Posts the logs of each epoch, with `epoch`, to a server over plain HTTP: as JSON, or as a form whose only
/// field holds the JSON.
///
/// A server that cannot be reached within 5 seconds is warned about and does not end the training.
///
/// # Errors
/// In `fit`: [`Error::InvalidArgument`] for an address that is not `http://host[:port]`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let monitor = RemoteMonitor::new().root("http://localhost:9000").send_as_json(true);
/// # let _ = monitor;
/// ```
///
/// # Source
/// `keras.callbacks.RemoteMonitor`. Numbers that are not finite, which JSON lacks, are sent as texts.
#[derive(Debug, Clone)]
pub struct RemoteMonitor {
    root: String,
    path: String,
    field: String,
    headers: Vec<(String, String)>,
    send_as_json: bool,
}

impl RemoteMonitor {
    /// Posts to `http://localhost:9000/publish/epoch/end/`, as a form with the field `data`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            root: "http://localhost:9000".to_owned(),
            path: "/publish/epoch/end/".to_owned(),
            field: "data".to_owned(),
            headers: Vec::new(),
            send_as_json: false,
        }
    }

    /// The server: `http://host[:port]`.
    #[must_use]
    pub fn root(mut self, root: &str) -> Self {
        root.clone_into(&mut self.root);
        self
    }

    /// The path on the server.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The field of the form.
    #[must_use]
    pub fn field(mut self, field: &str) -> Self {
        field.clone_into(&mut self.field);
        self
    }

    /// One more header of the request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Whether the body is JSON instead of a form. Default: no.
    #[must_use]
    pub fn send_as_json(mut self, send_as_json: bool) -> Self {
        self.send_as_json = send_as_json;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = ["root", "path", "field", "headers", "send_as_json"];
        config.only(ENTRY.class_name, &known)?;
        let mut monitor = Self::new();
        let text = |key: &str, default: String| Ok(config.text(key)?.unwrap_or(default));
        monitor.root = text("root", monitor.root)?;
        monitor.path = text("path", monitor.path)?;
        monitor.field = text("field", monitor.field)?;
        monitor.send_as_json = config.flag("send_as_json")?.unwrap_or(false);
        if let Some(Json::Object(headers)) = config.get("headers") {
            for (name, value) in headers {
                let value = value.as_str().unwrap_or_default();
                monitor = monitor.header(name, value);
            }
        }
        Ok(monitor)
    }

    /// Host and port.
    fn address(&self) -> Result<(String, u16)> {
        let bad = || {
            Error::invalid_argument(
                "RemoteMonitor: root",
                "http://host or http://host:port",
                self.root.clone(),
                "Put a proxy in front of a server that speaks only https",
            )
        };
        let host = self.root.strip_prefix("http://").ok_or_else(bad)?;
        let host = host.trim_end_matches('/');
        let unsafe_text = |text: &str| text.contains(['\r', '\n']);
        let mut texts = vec![host, &self.path, &self.field];
        texts.extend(
            self.headers
                .iter()
                .flat_map(|(name, value)| [name.as_str(), value]),
        );
        if host.is_empty() || host.contains('/') || texts.into_iter().any(unsafe_text) {
            return Err(bad());
        }
        match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => {
                let port = port.parse().map_err(|_| bad())?;
                Ok((name.to_owned(), port))
            }
            _ => Ok((host.to_owned(), 80)),
        }
    }

    fn request(&self, host: &str, epoch: usize, logs: &Logs) -> String {
        let mut data = Config::new().with("epoch", epoch);
        for (name, number) in logs.iter() {
            data = data.with(name, number_json(number));
        }
        let json = Json::Object(data.0).to_string();
        let (kind, body) = match self.send_as_json {
            true => ("application/json", json),
            false => (
                "application/x-www-form-urlencoded",
                format!("{}={}", encoded(&self.field), encoded(&json)),
            ),
        };
        let headers: String = (self.headers.iter())
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        format!(
            "POST {} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             Connection: close\r\n{headers}\r\n{body}",
            self.path,
            body.len()
        )
    }

    fn send(&self, epoch: usize, logs: &Logs) -> std::io::Result<()> {
        let (host, port) = self.address().map_err(std::io::Error::other)?;
        let mut addresses = (host.trim_matches(['[', ']']), port).to_socket_addrs()?;
        let address = addresses.next().ok_or(std::io::ErrorKind::NotFound)?;
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(self.request(&host, epoch, logs).as_bytes())?;
        // The beginning of an answer means that the request has arrived; what it says is not looked at.
        stream.read_exact(&mut [0])
    }
}

/// The text as it may stand in a form.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

impl Default for RemoteMonitor {
    fn default() -> Self {
        Self::new()
    }
}

impl Callback for RemoteMonitor {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn on_train_begin(&mut self, _run: &mut Run<'_>) -> Result<Flow> {
        self.address().map(|_| Flow::Continue)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        if let Err(error) = self.send(epoch, logs) {
            let root = &self.root;
            run.warn(&format!("RemoteMonitor could not reach {root}: {error}"));
        }
        Ok(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn logs() -> Logs {
        let mut logs = Logs::default();
        logs.set("loss", 0.5);
        logs
    }

    /// What a server hears of one epoch.
    fn heard(monitor: impl FnOnce(String) -> RemoteMonitor) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let monitor = monitor(format!("http://{}", listener.local_addr().unwrap()));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = vec![0; 4096];
            let mut length = 0;
            while !String::from_utf8_lossy(&heard[..length]).contains("loss") {
                length += stream.read(&mut heard[length..]).unwrap();
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            String::from_utf8_lossy(&heard[..length]).into_owned()
        });
        monitor.send(3, &logs()).unwrap();
        server.join().unwrap()
    }

    #[test]
    fn a_server_hears_json_or_a_form() {
        let text = heard(|root| RemoteMonitor::new().root(&root).send_as_json(true));
        assert!(
            text.starts_with("POST /publish/epoch/end/ HTTP/1.1\r\n"),
            "{text}"
        );
        assert!(
            text.ends_with("\r\n\r\n{\"epoch\":3,\"loss\":0.5}"),
            "{text}"
        );
        let text = heard(|root| RemoteMonitor::new().root(&root).header("X-Token", "a"));
        assert!(text.contains("\r\nX-Token: a\r\n"), "{text}");
        assert!(
            text.ends_with("data=%7B%22epoch%22%3A3%2C%22loss%22%3A0.5%7D"),
            "{text}"
        );
    }

    #[test]
    fn a_bad_address_is_refused_and_a_dead_one_is_an_error_in_time() {
        for root in [
            "https://localhost",
            "localhost",
            "http://",
            "http://a:b",
            "http://a\r\nb",
        ] {
            let error = RemoteMonitor::new().root(root).address().unwrap_err();
            assert!(error.to_string().contains("http://host"), "{error}");
        }
        let dead = RemoteMonitor::new().root("http://127.0.0.1:1");
        assert!(dead.send(0, &logs()).is_err());
    }
}
