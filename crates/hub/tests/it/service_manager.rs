//! What the program tells a service manager, which a socket of the test stands in for.
#![cfg(unix)]

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::program::{program, terminate};
use crate::support::PATIENCE;

const ALIVE: &str = "WATCHDOG=1\n";

struct Service {
    child: Child,
    socket: UnixDatagram,
    data: TempDir,
}

impl Service {
    /// A hub whose data directory has been prepared.
    fn start(prepare: impl FnOnce(&Path), watchdog: Option<&str>) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        prepare(data.path());
        let path = data.path().join("notify");
        let socket = UnixDatagram::bind(&path).expect("bound");
        socket.set_read_timeout(Some(PATIENCE)).expect("set");
        let file = data.path().join("hub.toml");
        std::fs::write(&file, "").expect("written");
        let mut command = program(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
        command.env("LIVE_DASHBOARD_CONFIG", &file);
        command.env("NOTIFY_SOCKET", &path);
        command
            .env_remove("WATCHDOG_PID")
            .env_remove("WATCHDOG_USEC");
        command.envs(watchdog.map(|limit| ("WATCHDOG_USEC", limit)));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("starts");
        Self {
            child,
            socket,
            data,
        }
    }

    /// The next message, sent already or soon.
    fn next(&self) -> String {
        let mut buffer = [0; 4096];
        let size = self.socket.recv(&mut buffer).expect("a message");
        String::from_utf8(buffer[..size].to_vec()).expect("text")
    }

    /// The two messages about a reload of this file.
    fn reload(&self, file: &str) -> [String; 2] {
        std::fs::write(self.data.path().join("hub.toml"), file).expect("written");
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-HUP", &pid]).status();
        assert!(sent.expect("kill runs").success());
        [self.next(), self.next()]
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn start_reload_and_stop_are_notified() {
    let mut service = Service::start(|_| {}, None);
    assert_eq!(service.next(), "READY=1\n");
    for (file, status) in [
        ("", "STATUS=\nREADY=1\n"),
        (
            "history = \"2h\"",
            "STATUS=restart to apply the new values of history\n",
        ),
        ("listen = 5", "STATUS=keeping the previous configuration: `"),
    ] {
        let [begin, end] = service.reload(file);
        let time = begin.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
        let time: Option<u64> = time.and_then(|time| time.trim_end().parse().ok());
        assert!(time.is_some(), "{begin}");
        assert!(end.starts_with(status), "{end}");
        assert!(end.ends_with("\nREADY=1\n"), "{end}");
        assert_eq!(end.lines().count(), 2, "{end}");
    }
    terminate(&service.child);
    assert_eq!(service.next(), "STOPPING=1\n");
    assert!(service.child.wait().expect("ends").success());
    assert!(is_silent(&service.socket));
}

#[test]
fn the_watchdog_is_notified_while_the_hub_runs() {
    let service = Service::start(|_| {}, Some("100000"));
    let messages: Vec<_> = std::iter::repeat_with(|| service.next()).take(5).collect();
    let alive = messages.iter().filter(|message| *message == ALIVE);
    assert_eq!(alive.count(), 4, "{messages:?}");
    assert!(messages.contains(&"READY=1\n".to_owned()), "{messages:?}");
}

#[test]
fn a_hub_that_cannot_start_is_not_ready() {
    let invalid_layout = |data: &Path| {
        let layouts = data.join("dashboards");
        std::fs::create_dir(&layouts).expect("made");
        std::fs::write(layouts.join("bad.toml"), "title = 5\n").expect("written");
    };
    let mut service = Service::start(invalid_layout, None);
    assert!(!service.child.wait().expect("ends").success());
    assert!(is_silent(&service.socket));
}

/// Whether no message is left.
fn is_silent(socket: &UnixDatagram) -> bool {
    socket.set_nonblocking(true).expect("set");
    let message = socket.recv(&mut [0; 64]);
    message.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}
