//! SIGHUP: new keys and rules without a restart.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver};

use live_dashboard_hub::auth::{Expected, Signer};
use serde_json::json;
use tempfile::TempDir;

use crate::program::{answer, program, start, terminate};
use crate::support::{Client, PATIENCE, viewer};

/// A running program with a configuration file, and its log.
struct Running {
    child: Child,
    address: SocketAddr,
    log: Receiver<String>,
    data: TempDir,
}

impl Running {
    fn start(file: &str) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let path = data.path().join("hub.toml");
        std::fs::write(&path, file).expect("written");
        let config = path.to_str().expect("text");
        let (mut child, address) = start(data.path(), &["--config", config]);
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let (lines, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let address = address.trim_start_matches("http://");
        Self {
            child,
            address: address.parse().expect("an address"),
            log,
            data,
        }
    }

    fn file(&self) -> PathBuf {
        self.data.path().join("hub.toml")
    }

    /// Writes the file and sends SIGHUP; the line about it in the log.
    fn reload(&self, file: &str) -> String {
        std::fs::write(self.file(), file).expect("written");
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-HUP", &pid]).status();
        assert!(sent.expect("kill runs").success());
        loop {
            let line = self.log.recv_timeout(PATIENCE).expect("it is logged");
            if line.contains("configuration") {
                return line;
            }
        }
    }

    /// The status of a request with an API key.
    async fn publisher(&self, key: &str) -> u16 {
        let url = format!("http://{}/channels/c", self.address);
        let request = reqwest::Client::new().get(url).bearer_auth(key);
        request.send().await.expect("an answer").status().as_u16()
    }

    /// The status of a handshake under a token signed with `secret`.
    async fn viewer(&self, secret: &str) -> u16 {
        let signer = Signer::new(secret, Expected::default()).expect("a key");
        let opened = Client::open(self.address, &signer.sign(&viewer("c"))).await;
        opened.err().unwrap_or(101)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        terminate(&self.child);
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_rotated_key_is_valid_after_a_reload_beside_the_previous_one() {
    let hub = Running::start("");
    let key = |arguments: &[&str]| {
        let output = program(hub.data.path(), arguments).output().expect("runs");
        assert!(output.status.success());
        String::from_utf8(output.stdout)
            .expect("text")
            .trim()
            .to_owned()
    };
    let first = key(&["keys", "--api-key"]);
    let token = key(&["token", "--channel", "c"]);
    let mut client = Client::open(hub.address, &token).await.expect("accepted");
    client.next_event("hotsock.connected").await;
    let second = key(&["keys", "rotate"]);
    assert_eq!(hub.publisher(&second).await, 401, "not yet");
    assert!(hub.reload("").contains("configuration reloaded"));
    assert_eq!(hub.publisher(&second).await, 200);
    assert_eq!(hub.publisher(&first).await, 200);
    let third = key(&["keys", "rotate"]);
    hub.reload("");
    assert_eq!(hub.publisher(&third).await, 200);
    assert_eq!(hub.publisher(&second).await, 200);
    assert_eq!(hub.publisher(&first).await, 401, "two rotations ago");
    client.send(json!({"event": "hotsock.ping"})).await;
    client.next_event("hotsock.pong").await;
}

#[tokio::test]
async fn rules_of_access_are_reloaded_and_a_wrong_file_changes_nothing() {
    let portal = "the secret of the portal, 32 bytes";
    let key = format!("[[verification_key]]\nalgorithm = \"HS256\"\nkey = \"{portal}\"\n");
    let hub = Running::start("");
    assert_eq!(hub.viewer(portal).await, 401);
    assert!(hub.reload(&key).contains("configuration reloaded"));
    assert_eq!(hub.viewer(portal).await, 101);
    for (wrong, reason) in [
        ("listen = 5", "line 1"),
        ("api_keys = [\"short\"]", "api_keys: "),
        (
            "public_origin = [\"https://dash.example\"]",
            "--viewer-access",
        ),
        (
            "tls_cert = \"c.pem\"\ntls_key = \"k.pem\"",
            "only by a restart",
        ),
    ] {
        let line = hub.reload(wrong);
        assert!(
            line.contains("keeping the previous configuration"),
            "{line}"
        );
        assert!(line.contains(reason), "{line}");
        assert_eq!(hub.viewer(portal).await, 101, "{wrong}");
    }
    std::fs::rename(
        hub.data.path().join("keys.toml"),
        hub.data.path().join("moved"),
    )
    .expect("moved");
    assert!(
        hub.reload("").contains("keeping the previous"),
        "without the keys"
    );
    std::fs::rename(
        hub.data.path().join("moved"),
        hub.data.path().join("keys.toml"),
    )
    .expect("moved");
    assert_eq!(hub.viewer(portal).await, 101);

    let origin = "allowed_origin = [\"https://portal.example\"]\nviewer_access = \"off\"";
    assert!(hub.reload(origin).contains("configuration reloaded"));
    assert_eq!(hub.viewer(portal).await, 401, "its key is gone");
    let url = format!("http://{}/dashboards", hub.address);
    let answer = reqwest::get(url).await.expect("an answer");
    assert_eq!(answer.status(), 403);
    let policy = &answer.headers()["content-security-policy"];
    let policy = policy.to_str().expect("text");
    assert!(policy.ends_with(" https://portal.example"), "{policy}");
}

#[test]
fn keys_of_the_environment_are_not_rotated() {
    let data = tempfile::tempdir().expect("a directory");
    let mut command = program(data.path(), &["keys", "rotate"]);
    let output = command
        .env("LIVE_DASHBOARD_API_KEYS", "k".repeat(40))
        .output();
    let output = output.expect("runs");
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(
        !output.status.success() && text.contains("LIVE_DASHBOARD_API_KEYS"),
        "{text}"
    );
    let (ok, text) = answer(data.path(), &["keys", "rotate"]);
    assert!(!ok && text.contains("keys.toml"), "{text}");
}
