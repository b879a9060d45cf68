//! A hub process that can be killed and restarted on the same data and port.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Time limit for the hub to listen after its start.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The key that publishers use.
pub(crate) const API_KEY: &str = "drill-drill-drill-drill-drill-drill-dril";

/// The key of its tokens, the same for hubs that share an engine.
const SIGNING_KEY: &str = "drill drill drill drill drill drill drill";

/// A hub's process, and the data and address that survive a restart.
pub(crate) struct Hub {
    binary: PathBuf,
    flags: Vec<String>,
    data: TempDir,
    address: String,
    child: Option<Child>,
}

impl Hub {
    /// Starts a hub with an empty data directory on a free port.
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

    /// Kills it with SIGKILL, so that it cannot finish anything.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Starts it again and returns once it listens.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        let mut child = Command::new(&self.binary)
            .arg("serve")
            .args(["--listen", &self.address])
            .args(&self.flags)
            .env("LIVE_DASHBOARD_DATA_DIR", self.data.path())
            .env("LIVE_DASHBOARD_API_KEYS", API_KEY)
            .env("LIVE_DASHBOARD_SIGNING_KEY", SIGNING_KEY)
            .env("LIVE_DASHBOARD_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let stdout = child.stdout.take().context("the hub has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = timeout(START_TIMEOUT, async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = line.strip_prefix("listening on http://") {
                    return Ok(address.to_owned());
                }
            }
            bail!("the hub exited before it listened");
        })
        .await
        .context("the hub did not listen in time")??;
        self.address = address;
        self.child = Some(child);
        Ok(())
    }

    /// Backs its store up, while it runs.
    pub(crate) async fn back_up(&self) -> Result<()> {
        self.command("backup", self).await
    }

    /// Starts another hub on what [`Hub::back_up`] has written.
    pub(crate) async fn start_from_backup(&self) -> Result<Self> {
        let mut restored = Self {
            binary: self.binary.clone(),
            flags: self.flags.clone(),
            data: TempDir::new()?,
            address: "127.0.0.1:0".into(),
            child: None,
        };
        self.command("restore", &restored).await?;
        restored.restart().await?;
        Ok(restored)
    }

    /// Runs a command on this hub's backup and the data of `of`.
    async fn command(&self, name: &str, of: &Self) -> Result<()> {
        let output = Command::new(&self.binary)
            .arg(name)
            .arg(self.data.path().join("backup.db"))
            .env("LIVE_DASHBOARD_DATA_DIR", of.data.path())
            .output()
            .await?;
        if !output.status.success() {
            bail!("{name}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> Result<u32> {
        let id = self.child.as_ref().and_then(Child::id);
        id.context("no process")
    }

    /// Resident memory of its process, in bytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        let id = self.id()?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let kibibytes: u64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok())
            .context("no VmRSS")?;
        Ok(kibibytes * 1024)
    }

    /// One value from `/metrics`.
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
