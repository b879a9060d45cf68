//! A hub of the drill's own: started, killed, started again on the same data
//! and the same port.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long the hub may take until it listens.
const START: Duration = Duration::from_secs(30);

/// The key that publishers use.
pub(crate) const API_KEY: &str = "drill-drill-drill-drill-drill-drill-dril";

/// A hub's process and what outlives it.
pub(crate) struct Hub {
    binary: PathBuf,
    flags: Vec<String>,
    data: TempDir,
    address: String,
    child: Option<Child>,
}

impl Hub {
    /// Starts a hub on empty data and a free port.
    pub(crate) async fn start(binary: PathBuf, flags: &[&str]) -> Result<Self> {
        let mut hub = Self {
            binary,
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            data: TempDir::new()?,
            address: "127.0.0.1:0".into(),
            child: None,
        };
        hub.restart().await?;
        Ok(hub)
    }

    /// Its address as `http://…`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address as `HOST:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Ends it as a power cut would: no chance to finish anything.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Starts it again; returns when it listens.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        let mut child = Command::new(&self.binary)
            .arg("serve")
            .args(["--listen", &self.address])
            .args(&self.flags)
            .env("LIVE_DASHBOARD_DATA_DIR", self.data.path())
            .env("LIVE_DASHBOARD_API_KEYS", API_KEY)
            .env("LIVE_DASHBOARD_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let stdout = child.stdout.take().context("the hub has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = timeout(START, async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = line.strip_prefix("listening on http://") {
                    return Ok(address.to_owned());
                }
            }
            bail!("the hub ended before it listened");
        })
        .await
        .context("the hub does not listen")??;
        self.address = address;
        self.child = Some(child);
        Ok(())
    }

    /// The memory that its process has in RAM, in bytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        let id = self
            .child
            .as_ref()
            .and_then(Child::id)
            .context("no process")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let kibibytes: u64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok())
            .context("no VmRSS")?;
        Ok(kibibytes * 1024)
    }

    /// One of the numbers at `/metrics`.
    pub(crate) async fn metric(&self, name: &str) -> Result<f64> {
        let text = reqwest::get(format!("{}/metrics", self.url()))
            .await?
            .text()
            .await?;
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
            .with_context(|| format!("no metric {name}"))
    }
}
