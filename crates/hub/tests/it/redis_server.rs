//! Real Redis servers, each on a port of its own, that end with the test. The program is
//! `redis-server`, or what `LIVE_DASHBOARD_REDIS_SERVER` names.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Runs a program until it ends or the pipe is closed, even by the death of the test.
/// Prints the program's process id first.
const GUARD: &str = r#""$@" >log 2>&1 & echo $!; read -r _; kill -KILL $!; wait"#;
/// The environment variable that names another server's program, such as Valkey's.
const PROGRAM: &str = "LIVE_DASHBOARD_REDIS_SERVER";
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A server, until it is dropped.
pub(crate) struct RedisServer {
    pub(crate) port: u16,
    options: Vec<String>,
    guard: Option<Guard>,
    directory: TempDir,
}

struct Guard {
    shell: Child,
    server: String,
    _pipe: ChildStdin,
}

impl RedisServer {
    /// A server that keeps nothing.
    pub(crate) fn start() -> Self {
        Self::with(&["--save", "", "--appendonly", "no"])
    }

    /// A server with these options.
    pub(crate) fn with(options: &[&str]) -> Self {
        Self::configured("", options)
    }

    /// A server with this configuration file, and these options.
    pub(crate) fn configured(file: &str, options: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("redis.conf"), file).expect("written");
        let mut server = Self {
            port: free_port(),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            guard: None,
            directory,
        };
        server.restart();
        server
    }

    /// Starts it again, on the same port and files.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let program = std::env::var(PROGRAM).unwrap_or_else(|_| "redis-server".into());
        let mut shell = Command::new("sh")
            .current_dir(self.directory.path())
            .args(["-c", GUARD, "sh", &program, "./redis.conf", "--port"])
            .arg(self.port.to_string())
            .args(["--bind", "127.0.0.1"])
            .args(&self.options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let pipe = shell.stdin.take().expect("piped");
        let mut server = String::new();
        let mut output = BufReader::new(shell.stdout.take().expect("piped"));
        output.read_line(&mut server).expect("a line");
        self.guard = Some(Guard {
            shell,
            server: server.trim().to_owned(),
            _pipe: pipe,
        });
        let deadline = Instant::now() + START_TIMEOUT;
        while self.cli(&["ping"]).as_deref() != Some("PONG") {
            let log = std::fs::read_to_string(self.directory.path().join("log"));
            assert!(
                Instant::now() < deadline,
                "no answer; is it installed (on Debian, the package `redis-server`)? {log:?}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills it at once.
    pub(crate) fn kill(&mut self) {
        drop(self.guard.take());
    }

    /// Stops its process, or lets it go on.
    pub(crate) fn freeze(&self, is_frozen: bool) {
        let signal = if is_frozen { "-STOP" } else { "-CONT" };
        let guard = self.guard.as_ref().expect("running");
        let sent = Command::new("kill").args([signal, &guard.server]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// The answer to a command, `None` if there is none.
    pub(crate) fn cli(&self, command: &[&str]) -> Option<String> {
        let mut options = self.options.iter();
        let password = options.find(|option| *option == "--requirepass");
        let password = password.and_then(|_| options.next());
        let output = Command::new("timeout")
            .args(["2", "redis-cli", "-p", &self.port.to_string()])
            .args(command)
            .envs(password.map(|password| ("REDISCLI_AUTH", password)))
            .output()
            .expect("redis-cli is installed: on Debian, the package `redis-tools`");
        let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.success() && !answer.is_empty()).then_some(answer)
    }

    /// Its address for `--engine`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", &self.server]).status();
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// A free port, low enough for that of a cluster's bus, which is 10,000 higher.
pub(crate) fn free_port() -> u16 {
    loop {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        if port < 55_000 {
            return port;
        }
    }
}
