//! The hub that a command sends a request to.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use live_dashboard_hub::tls;
use ureq::Agent;

use super::Keys;

#[derive(clap::Args)]
pub(super) struct Remote {
    /// The hub's address [default: where LIVE_DASHBOARD_LISTEN or the configuration file
    /// says that it listens, else http://127.0.0.1:8400]
    #[arg(long, env = "LIVE_DASHBOARD_HUB", value_name = "URL")]
    hub: Option<String>,

    /// A PEM file with the certificates to trust instead of the system's, if the hub's own
    /// is self-signed or from a private authority
    #[arg(long, env = "LIVE_DASHBOARD_CA", value_name = "FILE")]
    ca: Option<PathBuf>,

    #[command(flatten)]
    pub(super) keys: Keys,
}

impl Remote {
    /// The URL of a path of the hub.
    pub(super) fn url(&self, path: &str) -> anyhow::Result<String> {
        let hub = match &self.hub {
            Some(hub) => hub.clone(),
            None => self.keys.clone().hub_address()?,
        };
        if !hub.starts_with("http://") && !hub.starts_with("https://") {
            bail!("--hub must start with `http://` or `https://`, not `{hub}`");
        }
        Ok(format!("{}{path}", hub.trim_end_matches('/')))
    }

    /// What sends requests, each within `timeout` if there is one. The status of an answer is
    /// no error.
    pub(super) fn agent(&self, timeout: Option<Duration>) -> anyhow::Result<Agent> {
        let tls = match &self.ca {
            None => tls::client(),
            Some(file) => tls::client_trusting(file)?,
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(timeout)
            .tls_config(tls);
        Ok(config.build().new_agent())
    }
}
