//! The servers that are measured.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use live_dashboard_hub::auth::{Expected, Signer};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::process::Processes;

const API_KEY: &str = "benchbenchbenchbenchbenchbenchbenchbench";
const SIGNING_KEY: &str = "a signing key of more than 32 bytes for benchmarks";
/// How long a server may take to listen.
const START: Duration = Duration::from_secs(20);

/// A server and how it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// A bare `write` to each viewer
    Floor,
    /// The module nchan of nginx
    Nchan,
    /// The hub, that writes everything at once
    Hub,
    /// The hub, that stores each message first
    HubStored,
    /// The hub as it is by default: a viewer is written to at most every 16 ms
    HubCoalescing,
    /// The same, that stores each message first
    HubCoalescingStored,
}

/// A running server.
pub(crate) struct Running {
    pub(crate) processes: Processes,
    pub(crate) address: String,
    target: Target,
    signer: Signer,
    _data: TempDir,
}

impl Target {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Nchan => "nchan",
            Self::Hub => "hub",
            Self::HubStored => "hub, stored",
            Self::HubCoalescing => "hub, coalescing",
            Self::HubCoalescingStored => "hub, coalescing, stored",
        }
    }

    /// Whether it is installed; says how to install it otherwise.
    pub(crate) fn is_there(self) -> bool {
        let module = Path::new("/usr/lib/nginx/modules/ngx_nchan_module.so");
        let there = self != Self::Nchan || (which::which("nginx").is_ok() && module.exists());
        if !there {
            println!("without nchan: `apt-get install nginx-core libnginx-mod-nchan` installs it");
        }
        there
    }

    /// Starts it.
    pub(crate) async fn start(self, hub: &Path) -> Result<Running> {
        let data = TempDir::new()?;
        let (command, known) = match self {
            Self::Floor => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("floor");
                (command, None)
            }
            Self::Nchan => {
                let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
                let address = format!("127.0.0.1:{port}");
                let file = data.path().join("nginx.conf");
                std::fs::write(&file, nchan(&address, data.path()))?;
                let mut command = Command::new("nginx");
                command
                    .arg("-c")
                    .arg(file)
                    .arg("-e")
                    .arg(data.path().join("errors"));
                (command, Some(address))
            }
            Self::Hub | Self::HubStored | Self::HubCoalescing | Self::HubCoalescingStored => {
                let coalesce = match self {
                    Self::Hub | Self::HubStored => "0",
                    _ => "16ms",
                };
                let mut command = Command::new(hub);
                command
                    .args(["serve", "--listen", "127.0.0.1:0", "--coalesce", coalesce])
                    .args(["--publishes-per-key", "1000000"])
                    .env("LIVE_DASHBOARD_DATA_DIR", data.path())
                    .env("LIVE_DASHBOARD_API_KEYS", API_KEY)
                    .env("LIVE_DASHBOARD_SIGNING_KEY", SIGNING_KEY)
                    .env("LIVE_DASHBOARD_LOG", "warn");
                (command, None)
            }
        };
        let (processes, address) = start(command, known, self.name()).await?;
        Ok(Running {
            processes,
            address,
            target: self,
            signer: Signer::new(SIGNING_KEY, Expected::default())?,
            _data: data,
        })
    }
}

/// Starts a server that prints its address, or has a known one, and waits for it.
pub(crate) async fn start(
    mut command: Command,
    known: Option<String>,
    name: &str,
) -> Result<(Processes, String)> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot start {name}"))?;
    let stdout = child.stdout.take().context("piped")?;
    let processes = Processes::new(child);
    let address = match known {
        Some(address) => address,
        None => {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line)?;
            let address = line.trim().strip_prefix("listening on http://");
            address
                .with_context(|| format!("{name} does not listen"))?
                .to_owned()
        }
    };
    let listens = async {
        while TcpStream::connect(&address).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    if timeout(START, listens).await.is_err() {
        bail!("{name} does not listen on {address}");
    }
    Ok((processes, address))
}

impl Running {
    /// The path of a viewer's WebSocket.
    pub(crate) fn viewer_path(&self, channel: &str) -> String {
        match self.target {
            Target::Floor => "/".into(),
            Target::Nchan => format!("/sub/{channel}"),
            _ => {
                let now = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                let token = self.signer.sign(&json!({
                    "exp": now.as_secs() + 3600,
                    "scope": "connect",
                    "channels": {channel: {"subscribe": true}},
                }));
                format!("/v1?token={token}")
            }
        }
    }

    /// What a viewer sends first.
    pub(crate) fn hello(&self, channel: &str) -> Option<String> {
        match self.target {
            Target::Floor | Target::Nchan => None,
            _ => Some(json!({"event": "hotsock.subscribe", "channel": channel}).to_string()),
        }
    }

    /// A request that publishes `data`.
    pub(crate) fn request(&self, channel: &str, data: &str) -> Vec<u8> {
        let (path, body) = match self.target {
            Target::Floor | Target::Nchan => (
                format!("/pub/{channel}"),
                format!(r#"{{"event":"e","channel":"{channel}","data":{data}}}"#),
            ),
            target => {
                let stored = matches!(target, Target::HubStored | Target::HubCoalescingStored);
                let store = u32::from(stored) * 3600;
                let body = format!(
                    r#"{{"channel":"{channel}","event":"e","store":{store},"data":{data}}}"#
                );
                ("/publish".into(), body)
            }
        };
        let (address, length) = (&self.address, body.len());
        format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {API_KEY}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

/// nginx's configuration.
fn nchan(address: &str, data: &Path) -> String {
    let data = data.display();
    format!(
        "load_module modules/ngx_nchan_module.so; worker_processes 1; daemon off; \
         worker_rlimit_nofile 19000; pid {data}/pid; error_log {data}/errors; \
         events {{ worker_connections 18000; }} \
         http {{ access_log off; client_body_temp_path {data}/body; \
         keepalive_requests 10000000; server {{ listen {address}; \
         location ~ /sub/(.+) {{ nchan_subscriber websocket; nchan_channel_id $1; \
         nchan_message_buffer_length 20; }} \
         location ~ /pub/(.+) {{ nchan_publisher http; nchan_channel_id $1; \
         nchan_message_buffer_length 20; client_max_body_size 1m; \
         client_body_buffer_size 128k; }} }} }}"
    )
}
