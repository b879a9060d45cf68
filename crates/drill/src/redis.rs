//! A Redis process that can be killed, frozen and restarted on the same data and port.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// Time limit for the server to answer after its start.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A server, until it is dropped.
pub(crate) struct Redis {
    pub(crate) port: u16,
    fsync: &'static str,
    data: TempDir,
    child: Option<Child>,
}

impl Redis {
    /// Starts a server without data. `fsync` is its `appendfsync`.
    pub(crate) async fn start(fsync: &'static str) -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0").await?;
        let port = free.local_addr()?.port();
        drop(free);
        let mut redis = Self {
            port,
            fsync,
            data: TempDir::new()?,
            child: None,
        };
        redis.restart().await?;
        Ok(redis)
    }

    /// Its address for `--engine`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it with SIGKILL.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Starts it and returns once it answers.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        let child = Command::new("redis-server")
            .current_dir(self.data.path())
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args([
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                self.fsync,
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start redis-server: on Debian, install the package redis-server")?;
        self.child = Some(child);
        let answers = async {
            while self.ask(&["ping"]).await.ok().as_deref() != Some("PONG") {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let answered = timeout(START_TIMEOUT, answers).await;
        answered.context("redis-server did not answer in time")
    }

    /// Stops its process, or lets it go on.
    pub(crate) async fn freeze(&self, is_frozen: bool) -> Result<()> {
        let signal = if is_frozen { "-STOP" } else { "-CONT" };
        let id = self.id()?.to_string();
        let status = Command::new("kill").args([signal, &id]).status().await?;
        ensure!(status.success(), "kill {signal} {id}: {status}");
        Ok(())
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> Result<u32> {
        let id = self.child.as_ref().and_then(Child::id);
        id.context("no process")
    }

    /// The answer to a command.
    pub(crate) async fn ask(&self, command: &[&str]) -> Result<String> {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(command)
            .output()
            .await
            .context("cannot start redis-cli: on Debian, install the package redis-tools")?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// A number in the answer to `INFO`, after `name`.
    pub(crate) async fn info(&self, section: &str, name: &str) -> Result<u64> {
        let info = self.ask(&["info", section]).await?;
        let value = info.split_once(name).map(|(_, rest)| rest);
        let digits = value.map(|rest| rest.chars().take_while(char::is_ascii_digit));
        let digits: String = digits.with_context(|| format!("no {name}"))?.collect();
        Ok(digits.parse()?)
    }
}
