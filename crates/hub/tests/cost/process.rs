//! What a publish and its delivery cost the whole process: system calls, counted by strace,
//! and instructions, counted by valgrind. They are those of a build without optimizations:
//! what counts is that they do not grow.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use live_dashboard_hub::auth::{Expected, Signer};
use serde_json::json;
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

const KEY: &str = "0123456789012345678901234567890123456789";
const SIGNING_KEY: &str = "a signing key of more than 32 bytes for tests";
/// How long anything may take, also if the machine is busy.
const PATIENCE: Duration = Duration::from_secs(120);
const PUBLISHES: usize = 500;

/// A hub in a process of its own, with one viewer and one publisher.
struct Hub {
    process: Child,
    viewer: WebSocket<TcpStream>,
    publisher: TcpStream,
    data: TempDir,
}

impl Hub {
    /// Starts it by `runner`, if there is one.
    fn start(runner: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let hub = env!("CARGO_BIN_EXE_live-dashboard-hub");
        let words: Vec<_> = runner.iter().copied().chain([hub, "serve"]).collect();
        let mut process = Command::new(words[0])
            .args(&words[1..])
            .args(["--listen", "127.0.0.1:0", "--coalesce", "0"])
            .env("LIVE_DASHBOARD_DATA_DIR", data.path())
            .env("LIVE_DASHBOARD_API_KEYS", KEY)
            .env("LIVE_DASHBOARD_SIGNING_KEY", SIGNING_KEY)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", words[0]));
        let mut line = String::new();
        let output = process.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.expect("an address");
        let connect = || {
            let stream = TcpStream::connect(address).expect("connected");
            stream.set_read_timeout(Some(PATIENCE)).expect("set");
            stream.set_nodelay(true).expect("set");
            stream
        };
        let signer = Signer::new(SIGNING_KEY, Expected::default()).expect("a long key");
        let token = signer.sign(&json!({
            "exp": 4_000_000_000_u64,
            "scope": "connect",
            "channels": {"c": {"autoSubscribe": true}},
        }));
        let url = format!("ws://{address}/v1?token={token}");
        let (mut viewer, _) = client(url, connect()).expect("a WebSocket");
        while !next(&mut viewer).contains("subscribed") {}
        let mut hub = Self {
            process,
            viewer,
            publisher: connect(),
            data,
        };
        hub.publish(50);
        hub
    }

    /// Publishes `count` messages, one after the other, and waits for their delivery.
    fn publish(&mut self, count: usize) {
        let body = r#"{"channel":"c","event":"e","data":{"n":1}}"#;
        let request = format!(
            "POST /publish HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = [0; 4096];
        for _ in 0..count {
            self.publisher.write_all(request.as_bytes()).expect("sent");
            let length = self.publisher.read(&mut answer).expect("an answer");
            assert!(answer[..length].starts_with(b"HTTP/1.1 202"));
            let message = next(&mut self.viewer);
            assert!(message.contains(r#""data":{"n":1}"#), "{message}");
        }
    }
}

/// The next text of a WebSocket, which also gets pings.
fn next(viewer: &mut WebSocket<TcpStream>) -> String {
    loop {
        if let Message::Text(text) = viewer.read().expect("a frame") {
            return text.to_string();
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks a process to end, and waits for it.
fn end(process: &mut Child, signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &process.id().to_string()])
        .status();
    assert!(sent.expect("kill runs").success());
    process.wait().expect("it ends");
}

fn assert_at_most(count: usize, limit: usize, what: &str) {
    let each = count / PUBLISHES;
    assert!(
        each <= limit,
        "{each} {what} for each publish, more than {limit}"
    );
}

#[test]
fn a_publish_takes_few_system_calls() {
    let mut hub = Hub::start(&[]);
    let counts = hub.data.path().join("counts");
    let mut strace = Command::new("strace")
        .args(["-f", "-c", "-U", "calls,name", "-o"])
        .arg(&counts)
        .args(["-p", &hub.process.id().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace is installed: on Debian, the package `strace`");
    let mut said = String::new();
    let mut output = BufReader::new(strace.stderr.take().expect("piped"));
    while !said.contains("attached") {
        assert!(output.read_line(&mut said).expect("text") > 0, "{said}");
    }
    hub.publish(PUBLISHES);
    end(&mut strace, "-INT");
    let counts = fs::read_to_string(counts).expect("strace has written");
    let total = counts.lines().find(|line| line.ends_with(" total"));
    let total = total.and_then(|line| line.split_whitespace().next()?.parse().ok());
    // One each to wait, to read, to answer and to deliver; others are rare.
    assert_at_most(total.expect("a sum"), 4, "system calls");
}

#[test]
fn a_publish_takes_few_instructions() {
    /// With a sixth as room.
    const INSTRUCTIONS: usize = 320_000;

    let counts = tempfile::tempdir().expect("a directory");
    let counts = counts.path().join("counts");
    let file = format!("--callgrind-out-file={}", counts.display());
    let mut hub = Hub::start(&[
        "valgrind",
        "--quiet",
        "--tool=callgrind",
        "--instr-atstart=no",
        &file,
    ]);
    let process = hub.process.id().to_string();
    let count = |on| {
        let control = Command::new("callgrind_control")
            .args(["--instr", on, &process])
            .stdout(Stdio::null())
            .status();
        assert!(control.expect("it runs").success());
    };
    count("on");
    hub.publish(PUBLISHES);
    count("off");
    end(&mut hub.process, "-TERM");
    let total = total(&counts);
    assert_at_most(total, INSTRUCTIONS, "instructions");
}

/// The sum of what callgrind has counted.
fn total(counts: &Path) -> usize {
    let counts = fs::read_to_string(counts).expect("callgrind has written");
    let total = counts
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|it| it.parse().ok()).expect("a sum")
}
