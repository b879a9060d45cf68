//! The hub as a program: its start, its secrets, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::lister::{Lister, list_at};
use crate::support::Client;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_live-dashboard-hub");

pub(crate) fn program(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env("LIVE_DASHBOARD_DATA_DIR", data)
        .env_remove("LIVE_DASHBOARD_API_KEYS")
        .env_remove("LIVE_DASHBOARD_SIGNING_KEY");
    command
}

/// A started hub and its address. The caller ends it.
pub(crate) fn start(data: &Path, arguments: &[&str]) -> (Child, String) {
    let mut child = program(data, &["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let address = line
        .trim()
        .strip_prefix("listening on ")
        .expect("says where")
        .to_owned();
    (child, address)
}

pub(crate) fn answer(data: &Path, arguments: &[&str]) -> (bool, String) {
    let output = program(data, arguments).output().expect("runs");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8(text).expect("text"),
    )
}

pub(crate) fn terminate(child: &Child) {
    let status = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(status.success());
}

#[test]
fn publishes_each_line_of_its_input() {
    let data = tempfile::tempdir().expect("a directory");
    let (mut hub, address) = start(data.path(), &[]);
    let publish = |lines: &str| {
        let arguments = ["publish", "--hub", &address, "--lines", "--channel", "c d"];
        let mut child = program(data.path(), &arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("runs");
        let mut input = child.stdin.take().expect("piped");
        // It may have ended before it has read all.
        let _ = input.write_all(lines.as_bytes());
        drop(input);
        let output = child.wait_with_output().expect("ends");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("text");
        (output.status.success(), text)
    };
    let many = r#"{"channel":"c","event":"e","eagerIdGeneration":true}
"#
    .repeat(2500);
    let (success, text) = publish(&many);
    assert!(success, "{text}");
    assert_eq!(text.matches(r#""id":"#).count(), 2500);
    let slip = format!("{many}{{}}\n");
    let (success, text) = publish(&slip);
    let rule = "line 2501: refused with status 400: `channel`";
    assert!(!success && text.contains(rule), "{text}");
    let (success, text) = publish("{\"channel\":\"c\",\"event\":\"e\"}\nnonsense\n");
    assert!(
        !success && text.contains("line 2 must be a JSON object"),
        "{text}"
    );
    assert_eq!(publish(""), (true, String::new()));
    terminate(&hub);
    assert!(hub.wait().expect("ends").success());
}

#[test]
fn starts_publishes_and_stops_on_sigterm() {
    let data = tempfile::tempdir().expect("a directory");
    let (child, address) = start(data.path(), &["--source", "demo"]);
    let (ok, text) = answer(
        data.path(),
        &[
            "publish",
            "--hub",
            &address,
            "--event",
            "alert",
            "--data",
            r#"{"level":"info","message":"hello}"}"#,
        ],
    );
    assert!(ok && text.contains(r#""channel":"dashboard""#), "{text}");
    let (ok, text) = answer(
        data.path(),
        &["publish", "--hub", &address, "--event", "#bad"],
    );
    assert!(
        !ok && text.contains("`event` must not start with"),
        "{text}"
    );
    let (ok, token) = answer(data.path(), &["token", "--uid", "alice"]);
    assert!(ok && token.trim().split('.').count() == 3, "{token}");

    terminate(&child);
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "exit status 0");
    let log = String::from_utf8(output.stderr).expect("text");
    let (ok, keys) = answer(data.path(), &["keys"]);
    assert!(ok);
    let secrets: Vec<&str> = keys
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .collect();
    assert_eq!(secrets.len(), 3, "two API keys and the signing key");
    for secret in secrets {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[test]
fn tokens_and_secrets_are_not_logged() {
    let data = tempfile::tempdir().expect("a directory");
    let mut command = program(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command
        .env("LIVE_DASHBOARD_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let address = line.trim().trim_start_matches("listening on http://");
    let (_, token) = answer(data.path(), &["token"]);
    let token = token.trim();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let address = address.parse().expect("an address");
    let secret = runtime.block_on(async {
        let client = Client::open(address, token).await.expect("accepted");
        let mut viewer = Lister::greeted(client).await;
        viewer.subscribe("dashboard").await;
        let ask = r#"{"channel":"dashboard"}"#;
        let (status, answer) = list_at(address, &viewer.query, ask).await;
        assert_eq!(status, 200, "{answer}");
        viewer.query[1].1.clone()
    });
    terminate(&child);
    let output = child.wait_with_output().expect("ends");
    let log = String::from_utf8(output.stderr).expect("text");
    let signature = token.rsplit('.').next().expect("three parts");
    assert!(log.contains("answered"), "requests are logged: {log}");
    assert!(!log.contains(signature), "a token is in the log");
    assert!(
        !log.contains(&secret),
        "a connection's secret is in the log"
    );
}

#[test]
fn a_reachable_hub_needs_a_viewer_access() {
    let data = tempfile::tempdir().expect("a directory");
    for (listen, origin) in [
        ("0.0.0.0:0", "--allowed-origin=http://localhost:3000"),
        ("127.0.0.1:0", "--public-origin=https://dash.example"),
        ("127.0.0.1:0", "--allowed-origin=https://portal.example"),
    ] {
        let (ok, text) = answer(data.path(), &["serve", "--listen", listen, origin]);
        assert!(!ok && text.contains("--viewer-access"), "{text}");
        let reason = text.contains("--listen 0.0.0.0:") || text.contains(&origin.replace('=', " "));
        assert!(reason, "{text}");
    }
}

#[test]
fn a_hub_for_pages_of_this_machine_needs_no_viewer_access() {
    let data = tempfile::tempdir().expect("a directory");
    let origins = [
        "--allowed-origin",
        "http://localhost:3000",
        "--public-origin",
        "http://127.0.0.1:8400",
    ];
    let (child, _) = start(data.path(), &origins);
    terminate(&child);
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success());
}

#[test]
fn a_port_in_use_is_reported() {
    let data = tempfile::tempdir().expect("a directory");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    let (ok, text) = answer(data.path(), &["serve", "--listen", &address]);
    assert!(!ok && text.contains("cannot listen on"), "{text}");
}

#[test]
fn an_invalid_layout_is_reported_with_its_line() {
    let data = tempfile::tempdir().expect("a directory");
    let layouts = data.path().join("dashboards");
    std::fs::create_dir(&layouts).expect("made");
    let (good, bad) = (layouts.join("good.toml"), layouts.join("bad.toml"));
    std::fs::write(&good, "title = \"Good\"\n").expect("written");
    std::fs::write(&bad, "title = \"Bad\"\n[[stat]]\nkey = \"k\"\n").expect("written");
    let (good, bad) = (good.display().to_string(), bad.display().to_string());
    let expected = format!("{bad}:2: `label` is missing");
    let (ok, text) = answer(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!ok && text.contains(&expected), "{text}");
    let (ok, text) = answer(data.path(), &["check", &good, &bad]);
    assert!(
        !ok && text.contains(&expected) && text.contains("ok, “Good”"),
        "{text}"
    );
    let (ok, text) = answer(data.path(), &["check", &good]);
    assert!(ok, "{text}");
}

#[test]
fn a_new_layout_is_valid_and_overwrites_none() {
    let data = tempfile::tempdir().expect("a directory");
    let (ok, text) = answer(data.path(), &["new", "ops"]);
    assert!(ok && text.contains("--channel dashboard-ops"), "{text}");
    let file = data.path().join("dashboards/ops.toml");
    let path = file.to_str().expect("text");
    let (ok, text) = answer(data.path(), &["check", path]);
    assert!(ok, "{text}");
    // The commented panels are valid too.
    let all = std::fs::read_to_string(&file).expect("written");
    let begin = all.find("# [[row]]").expect("panels");
    let panels: Vec<_> = all[begin..]
        .lines()
        .map(|line| line.trim_start_matches(['#', ' ']))
        .collect();
    let whole = all.split("[[stat]]").next().expect("a head").to_owned() + &panels.join("\n");
    let other = data.path().join("all.toml");
    std::fs::write(&other, whole).expect("written");
    let (ok, text) = answer(data.path(), &["check", other.to_str().expect("text")]);
    assert!(ok, "{text}");
    for wrong in ["ops", "Ops Room"] {
        let (ok, text) = answer(data.path(), &["new", wrong]);
        assert!(!ok, "{text}");
    }
    assert_eq!(std::fs::read_to_string(&file).expect("kept"), all);
}

#[test]
fn the_examples_pass_the_check() {
    let data = tempfile::tempdir().expect("a directory");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let of = |name: &str| format!("{}/{name}/{name}.toml", examples.display());
    let (shop, room) = (of("web-shop"), of("machine-room"));
    let (ok, text) = answer(data.path(), &["check", &shop, &room]);
    let said: Vec<_> = text.lines().collect();
    let expected = [
        format!("{shop}: ok, “Web shop”"),
        format!("{room}: ok, “Machine room”"),
    ];
    assert!(ok, "{text}");
    assert_eq!(said, expected);
}

#[test]
fn keys_of_the_environment_are_printed() {
    let data = tempfile::tempdir().expect("a directory");
    let signing_key = "of the environment, with 32 bytes";
    let shown = |api_keys: &str, signing_key: &str| {
        let output = program(data.path(), &["keys"])
            .env("LIVE_DASHBOARD_API_KEYS", api_keys)
            .env("LIVE_DASHBOARD_SIGNING_KEY", signing_key)
            .output()
            .expect("runs");
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8(text).expect("text")
    };
    let key = "k".repeat(40);
    assert_eq!(
        shown(&key, signing_key),
        format!("API key      {key}\nSigning key  {signing_key}\n")
    );
    let weak = shown(&key, "weak");
    assert!(
        weak.contains("LIVE_DASHBOARD_SIGNING_KEY") && weak.contains("at least 32"),
        "{weak}"
    );
    let wrong = shown("short", signing_key);
    assert!(wrong.contains("LIVE_DASHBOARD_API_KEYS"), "{wrong}");
    assert!(wrong.contains("exactly 40"), "{wrong}");
    assert!(!wrong.contains("short"), "{wrong}");
}

#[test]
fn all_commands_find_the_keys_by_the_configuration_file() {
    let data = tempfile::tempdir().expect("a directory");
    let file = data.path().join("hub.toml");
    std::fs::write(&file, "data_dir = \"kept\"\n").expect("written");
    let run = |arguments: &[&str]| {
        let mut command = program(data.path(), arguments);
        command
            .env_remove("LIVE_DASHBOARD_DATA_DIR")
            .env("LIVE_DASHBOARD_CONFIG", &file);
        let output = command.output().expect("runs");
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8(text).expect("text")
    };
    let keys = run(&["keys", "--api-key"]);
    let kept = std::fs::read_to_string(data.path().join("kept/keys.toml")).expect("made there");
    assert!(kept.contains(keys.trim()), "{keys}");
    assert_eq!(run(&["token"]).trim().split('.').count(), 3);
    let text = run(&["publish", "--event", "x", "--hub", "127.0.0.1:1"]);
    assert!(text.contains("`http://`"), "{text}");
}

#[test]
fn publishes_to_where_the_hub_listens() {
    let data = tempfile::tempdir().expect("a directory");
    let (child, address) = start(data.path(), &[]);
    let listen = address.trim_start_matches("http://");
    let port = listen.trim_start_matches("127.0.0.1:");
    let file = data.path().join("hub.toml");
    let publish = |listen: Option<&str>| {
        let mut command = program(data.path(), &["publish", "--event", "x"]);
        command.env_remove("LIVE_DASHBOARD_HUB");
        match listen {
            Some(listen) => command.env("LIVE_DASHBOARD_LISTEN", listen),
            None => command.env("LIVE_DASHBOARD_CONFIG", &file),
        };
        let output = command.output().expect("runs");
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8(text).expect("text")
    };
    for listen in [
        listen,
        &format!("0.0.0.0:{port}"),
        &format!("localhost:{port}"),
    ] {
        let text = publish(Some(listen));
        assert!(text.contains(r#""event":"x""#), "{listen}: {text}");
    }
    std::fs::write(&file, format!("listen = \"{listen}\"\n")).expect("written");
    let text = publish(None);
    assert!(text.contains(r#""event":"x""#), "{text}");
    let text = publish(Some("127.0.0.1:0"));
    assert!(
        text.contains("127.0.0.1:0") && text.contains("--hub"),
        "{text}"
    );
    terminate(&child);
    child.wait_with_output().expect("ends");
}

#[test]
fn publish_finds_the_hub_s_address_for_programs() {
    let data = tempfile::tempdir().expect("a directory");
    let file = data.path().join("hub.toml");
    let config = file.to_str().expect("text");
    answer(data.path(), &["keys"]);
    for (text, expected) in [
        (
            "listen = \"127.0.0.1:1\"",
            "no response from http://127.0.0.1:1/publish",
        ),
        (
            "listen = \"127.0.0.1:1\"\nadmin_listen = \"0.0.0.0:2\"\ntls_cert = \"c.pem\"",
            "no response from http://127.0.0.1:2/publish",
        ),
        (
            "listen = \"127.0.0.1:1\"\ntls_cert = \"c.pem\"",
            "name its address with --hub",
        ),
    ] {
        std::fs::write(&file, text).expect("written");
        let (ok, said) = answer(
            data.path(),
            &["publish", "--event", "x", "--config", config],
        );
        assert!(!ok && said.contains(expected), "{said}");
    }
}

#[test]
fn health_is_that_of_the_hub() {
    let data = tempfile::tempdir().expect("a directory");
    let (child, address) = start(data.path(), &[]);
    let (ok, text) = answer(data.path(), &["health", "--hub", &address]);
    assert!(ok && text == "ready\n", "{text}");
    let listen = address.trim_start_matches("http://");
    let output = program(data.path(), &["health"])
        .env_remove("LIVE_DASHBOARD_HUB")
        .env("LIVE_DASHBOARD_LISTEN", listen)
        .output();
    assert!(output.expect("runs").status.success());
    terminate(&child);
    child.wait_with_output().expect("ends");
    let (ok, text) = answer(data.path(), &["health", "--hub", &address]);
    let expected = format!("no response from {address}/readyz");
    assert!(!ok && text.contains(&expected), "{text}");
}

#[test]
fn a_hub_that_is_not_ready_is_not_healthy() {
    let data = tempfile::tempdir().expect("a directory");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let answering = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a connection");
        let mut request = [0; 4096];
        let size = socket.read(&mut request).expect("a request");
        let body = r#"{"error":{"code":"NOT_READY","message":"the hub is stopping"}}"#;
        let head = format!(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: {}",
            body.len()
        );
        write!(socket, "{head}\r\n\r\n{body}").expect("sent");
        String::from_utf8_lossy(&request[..size]).into_owned()
    });
    let (ok, text) = answer(data.path(), &["health", "--hub", &address]);
    assert!(
        !ok && text.contains("status 503: the hub is stopping"),
        "{text}"
    );
    let request = answering.join().expect("no panic");
    assert!(request.starts_with("GET /readyz "), "{request}");
}

#[test]
fn the_log_is_configured_by_the_environment() {
    let data = tempfile::tempdir().expect("a directory");
    for (name, value, expected) in [
        (
            "LIVE_DASHBOARD_LOG",
            "inof",
            "LIVE_DASHBOARD_LOG: `inof`: must be `error`",
        ),
        (
            "LIVE_DASHBOARD_LOG",
            "info,hyper=loud",
            "LIVE_DASHBOARD_LOG: `info,hyper=loud`",
        ),
        (
            "LIVE_DASHBOARD_LOG_FORMAT",
            "xml",
            "`xml` must be `text` or `json`",
        ),
    ] {
        let mut command = program(data.path(), &["keys"]);
        let output = command.env(name, value).output().expect("runs");
        let text = String::from_utf8(output.stderr).expect("text");
        assert!(
            !output.status.success() && text.contains(expected),
            "{text}"
        );
    }
    let mut command = program(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command
        .env("LIVE_DASHBOARD_LOG", "warn,live_dashboard_hub=info")
        .env("LIVE_DASHBOARD_LOG_FORMAT", "json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.as_mut().expect("piped"));
    stdout.read_line(&mut line).expect("a line");
    let hub = line.trim().trim_start_matches("listening on ");
    for _ in 0..3 {
        answer(data.path(), &["publish", "--hub", hub, "--event", "#bad"]);
    }
    terminate(&child);
    let output = child.wait_with_output().expect("ends");
    let log = String::from_utf8(output.stderr).expect("text");
    let lines = log.lines().map(serde_json::from_str);
    let lines: Vec<serde_json::Value> = lines.collect::<Result<_, _>>().expect("JSON");
    let stopped = lines
        .iter()
        .any(|line| line["fields"]["message"] == "stopped");
    assert!(stopped, "{log}");
}
