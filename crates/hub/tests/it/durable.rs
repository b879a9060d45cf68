//! What survives the end of the program, and what a full disk refuses.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::lister::{Lister, list_at};
use crate::program::{answer, program, start, terminate};
use crate::support::{API_KEY, Client};

/// All that is stored on the dashboard's channel.
pub(crate) async fn stored(data: &Path, address: SocketAddr) -> Vec<Value> {
    let (ok, token) = answer(data, &["token", "--history", "all"]);
    assert!(ok, "{token}");
    let client = Client::open(address, token.trim()).await.expect("accepted");
    let mut viewer = Lister::greeted(client).await;
    viewer.subscribe("dashboard").await;
    let mut all: Vec<Value> = Vec::new();
    loop {
        let after = all.last().map(|message| &message["id"]);
        let ask = json!({"channel": "dashboard", "after": after}).to_string();
        let (status, mut answer) = list_at(address, &viewer.query, ask).await;
        assert_eq!(status, 200, "{answer}");
        match answer["messages"].take() {
            Value::Array(page) if page.is_empty() => return all,
            Value::Array(page) => all.extend(page),
            other => panic!("no array but {other}"),
        }
    }
}

pub(crate) fn socket_address(address: &str) -> SocketAddr {
    address
        .strip_prefix("http://")
        .and_then(|address| address.parse().ok())
        .expect("an address")
}

#[tokio::test]
async fn what_was_stored_outlives_a_kill() {
    let data = tempfile::tempdir().expect("a directory");
    let (mut child, address) = start(data.path(), &[]);
    for (event, more) in [
        ("kept", ["--store", "forever"]),
        ("kept-a-while", ["--store", "600"]),
        ("gone", ["--store", "0"]),
        ("later", ["--at", "9999-12-30T00:00:00"]),
    ] {
        let publish = [
            "publish", "--hub", &address, "--event", event, "--data", "1",
        ];
        let (ok, text) = answer(data.path(), &[&publish[..], &more].concat());
        assert!(ok, "{text}");
        assert_eq!(text.contains("scheduleArn"), event == "later", "{text}");
    }
    child.kill().expect("a process");
    child.wait().expect("it ended");

    let (child, address) = start(data.path(), &[]);
    let events: Vec<Value> = stored(data.path(), socket_address(&address))
        .await
        .into_iter()
        .map(|message| message["event"].clone())
        .collect();
    assert_eq!(events, ["kept", "kept-a-while"]);
    terminate(&child);
}

#[test]
fn the_command_line_says_what_it_takes() {
    let data = tempfile::tempdir().expect("a directory");
    for (arguments, rule) in [
        (
            &["publish", "--event", "e", "--store", "soon"][..],
            "`forever`",
        ),
        (&["publish", "--event", "e", "--time-zone", "UTC"], "--at"),
        (&["token", "--history", "soon"], "`all`"),
    ] {
        let (ok, text) = answer(data.path(), arguments);
        assert!(!ok && text.contains(rule), "{text}");
    }
}

/// Starts a hub whose files cannot grow beyond `blocks` blocks of 512 bytes. Its log
/// is discarded.
#[cfg(unix)]
fn start_cramped(data: &Path, blocks: u32) -> (Child, SocketAddr) {
    let hub = program(data, &[]);
    let mut shell = Command::new("sh");
    // The signal would end the program. Without it writing fails, as on a full disk.
    let script = format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\"");
    shell
        .args(["-c", &script])
        .arg(hub.get_program())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("LIVE_DASHBOARD_DATA_DIR", data)
        .env("LIVE_DASHBOARD_API_KEYS", API_KEY)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = shell.spawn().expect("starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let address = line.trim().strip_prefix("listening on ").expect("where");
    (child, socket_address(address))
}

/// Lets the files of a running hub grow again.
#[cfg(target_os = "linux")]
fn make_space(child: &Child) {
    let status = Command::new("prlimit")
        .args(["--pid", &child.id().to_string(), "--fsize=unlimited:"])
        .status()
        .expect("prlimit of util-linux runs");
    assert!(status.success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_refuses_what_is_to_be_stored_until_there_is_space() {
    let data = tempfile::tempdir().expect("a directory");
    let (child, address) = start_cramped(data.path(), 16 * 1024);
    let http = reqwest::Client::new();
    let publish = async |body: Value| {
        let answer = http
            .post(format!("http://{address}/publish"))
            .bearer_auth(API_KEY)
            .body(body.to_string())
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.expect("JSON"))
    };
    let (_, token) = answer(data.path(), &["token"]);
    let mut watching = Client::open(address, token.trim()).await.expect("accepted");
    watching.next_event("hotsock.connected").await;
    watching
        .send(json!({"event": "hotsock.subscribe", "channel": "dashboard"}))
        .await;
    watching.next_event("hotsock.subscribed").await;

    let large = "x".repeat(30_000);
    let stored_message = |event: &str, number: u64| {
        json!({"channel": "dashboard", "event": event, "store": 600, "deduplicationId": number.to_string(),
               "data": {"number": number, "large": large}})
    };
    let mut taken = 0;
    let refusal = loop {
        let (status, body) = publish(stored_message("fill", taken)).await;
        if status != 202 {
            break (status, body);
        }
        watching.next_event("fill").await;
        taken += 1;
        assert!(taken < 2000, "the file does not stop growing");
    };
    assert!(taken > 10, "{taken}");
    assert_eq!(refusal.0, 507, "{}", refusal.1);
    let message = refusal.1["error"]["message"].as_str().expect("why");
    assert!(message.contains("try again"), "{message}");
    let schedule = json!({"channel": "dashboard", "event": "later", "data": large,
                          "scheduleExpression": "at(9999-12-30T00:00:00)"});
    assert_eq!(publish(schedule).await.0, 507);

    // What needs no space still works, and the refused message was not delivered.
    let there = stored(data.path(), address).await;
    assert_eq!(there[0]["data"]["number"], 0);
    let unstored = json!({"channel": "dashboard", "event": "unstored", "store": 0});
    assert_eq!(publish(unstored).await.0, 202);
    watching.next_event("unstored").await;
    let not_asked = json!({"channel": "dashboard", "event": "not-asked", "data": large});
    assert_eq!(publish(not_asked).await.0, 202);
    watching.next_event("not-asked").await;
    let text = reqwest::get(format!("http://{address}/metrics"))
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    let line = "live_dashboard_refused_total{request=\"publish\",reason=\"store_failed\"} 2";
    assert!(text.contains(line), "{text}");

    // The same process stores again, and the refused message is no duplicate.
    #[cfg(target_os = "linux")]
    {
        make_space(&child);
        assert_eq!(publish(stored_message("fill", taken)).await.0, 202);
        watching.next_event("fill").await;
        taken += 1;
    }
    terminate(&child);
    child.wait_with_output().expect("ends");

    // After a restart with more space everything that was acknowledged is there.
    let (child, address) = start_cramped(data.path(), 64 * 1024);
    let before = stored(data.path(), address).await;
    let numbers: Vec<u64> = before
        .iter()
        .filter(|message| message["event"] == "fill")
        .map(|message| message["data"]["number"].as_u64().expect("a number"))
        .collect();
    assert_eq!(numbers, (0..taken).collect::<Vec<_>>());
    let answer = http
        .post(format!("http://{address}/publish"))
        .bearer_auth(API_KEY)
        .body(stored_message("again", taken).to_string())
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 202);
    terminate(&child);
}
