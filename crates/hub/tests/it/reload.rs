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
        self.log_of_reload(file).pop().expect("a line")
    }

    /// The same, with the lines before it.
    fn log_of_reload(&self, file: &str) -> Vec<String> {
        std::fs::write(self.file(), file).expect("written");
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-HUP", &pid]).status();
        assert!(sent.expect("kill runs").success());
        let mut lines = Vec::new();
        while !lines
            .last()
            .is_some_and(|line: &String| line.contains("configuration"))
        {
            lines.push(self.log.recv_timeout(PATIENCE).expect("it is logged"));
        }
        lines
    }

    /// The status of a request with an API key.
    async fn publisher(&self, key: &str) -> u16 {
        let url = format!("http://{}/channels/c", self.address);
        let request = reqwest::Client::new().get(url).bearer_auth(key);
        request.send().await.expect("an answer").status().as_u16()
    }

    /// A connection under a token signed with `secret`; the error is the status.
    async fn open(&self, secret: &str) -> Result<Client, u16> {
        let signer = Signer::new(secret, Expected::default()).expect("a key");
        Client::open(self.address, &signer.sign(&viewer("c"))).await
    }

    /// The status of a handshake under such a token.
    async fn viewer(&self, secret: &str) -> u16 {
        self.open(secret).await.err().unwrap_or(101)
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
    let own = answer(hub.data.path(), &["token", "--channel", "c"]).1;
    let mut own = Client::open(hub.address, own.trim())
        .await
        .expect("accepted");
    own.next_event("hotsock.connected").await;
    let mut of_portal = hub.open(portal).await.expect("accepted");
    of_portal.next_event("hotsock.connected").await;
    hub.reload(&key);
    own.send(json!({"event": "hotsock.ping"})).await;
    own.next_event("hotsock.pong").await;

    let origin = "allowed_origin = [\"https://portal.example\"]\nviewer_access = \"off\"";
    assert!(hub.reload(origin).contains("configuration reloaded"));
    assert_eq!(hub.viewer(portal).await, 401, "its key is gone");
    assert_eq!(of_portal.closed().await, 1008);
    assert_eq!(
        own.closed().await,
        1008,
        "the hub issues no tokens any more"
    );
    let url = format!("http://{}/dashboards", hub.address);
    let answer = reqwest::get(url).await.expect("an answer");
    assert_eq!(answer.status(), 403);
    let policy = &answer.headers()["content-security-policy"];
    let policy = policy.to_str().expect("text");
    assert!(policy.ends_with(" https://portal.example"), "{policy}");
}

#[tokio::test]
async fn limits_are_reloaded() {
    let hub = Running::start("");
    let key = program(hub.data.path(), &["keys", "--api-key"]).output();
    let key = String::from_utf8(key.expect("runs").stdout).expect("text");
    let http = reqwest::Client::new();
    let publish = async || {
        let request = http.post(format!("http://{}/publish", hub.address));
        let body = json!({"channel": "c", "event": "e"}).to_string();
        let request = request.bearer_auth(key.trim()).body(body);
        request.send().await.expect("an answer").status().as_u16()
    };
    // As many as are let through: ten seconds' worth.
    let burst = async || {
        let mut accepted = 0;
        while accepted < 50 && publish().await == 202 {
            accepted += 1;
        }
        accepted
    };
    assert_eq!(burst().await, 50);
    let wrong = "[limits]\npublishes_per_key = 1\nhead_timeout = \"soon\"";
    let line = hub.reload(wrong);
    assert!(line.contains("limits.head_timeout"), "{line}");
    assert_eq!(burst().await, 50, "nothing has changed");
    hub.reload("[limits]\npublishes_per_key = 1");
    assert!((10..50).contains(&burst().await));
    hub.reload("");
    assert_eq!(burst().await, 50);
}

#[test]
fn options_that_need_a_restart_are_named_until_they_have_their_first_value_again() {
    let hub = Running::start("history = \"1h\"\n[limits]\nwaiting_size = \"32MiB\"");
    let line = hub.reload(
        "history = \"2h\"\n[limits]\nhead_timeout = \"5s\"\nwaiting_size = \"64MiB\"\n\
         deduplication_size = \"2MiB\"",
    );
    let named = "configuration reloaded; restart to apply the new values of history, \
                 limits.waiting_size, limits.deduplication_size";
    assert!(line.ends_with(named), "{line}");
    let line = hub.reload("history = \"1h\"\nchannel = \"c\"\n[limits]\nwaiting_size = \"32MiB\"");
    assert!(line.ends_with("new values of channel"), "{line}");
    let line = hub.reload("history = \"1h\"\n[limits]\nwaiting_size = \"32MiB\"");
    assert!(line.ends_with("configuration reloaded"), "{line}");
}

#[tokio::test]
async fn requests_for_the_other_address_and_floods_leave_one_line_each() {
    let file = "admin_listen = \"127.0.0.1:0\"\n\
        [limits]\nlimit_loopback = true\nrequests_per_address = 1";
    let hub = Running::start(file);
    let http = reqwest::Client::new();
    let get = async |path: &str| {
        let url = format!("http://{}{path}", hub.address);
        let answer = http.get(url).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    };
    let unknown = get("/nothing").await;
    assert_eq!(unknown.0, 404);
    for path in ["/metrics", "/channels/c", "/publish"] {
        assert_eq!(get(path).await, unknown, "{path} looks like any other");
    }
    let mut refused = 0;
    for _ in 0..30 {
        refused += usize::from(get("/").await.0 == 429);
    }
    assert!(refused > 1, "{refused}");
    let lines = hub.log_of_reload(file);
    let count = |text| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(
        count("only on the address of --admin-listen"),
        1,
        "{lines:?}"
    );
    assert_eq!(count("over a limit"), 1, "{lines:?}");
    assert_eq!(count("127.0.0.1"), 1, "it names the client: {lines:?}");
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
