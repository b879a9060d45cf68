//! `health`: whether a hub is ready, for container runtimes and scripts.

use std::time::Duration;

use anyhow::{Context, bail};
use live_dashboard_hub::tls;
use live_dashboard_protocol::error::refusal_message;
use ureq::Agent;

use super::{Keys, url};

/// The time for the whole request.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The hub's address [default: where LIVE_DASHBOARD_LISTEN or the configuration file
    /// says that it listens, else http://127.0.0.1:8400]
    #[arg(long, env = "LIVE_DASHBOARD_HUB", value_name = "URL")]
    hub: Option<String>,

    #[command(flatten)]
    keys: Keys,
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let hub = match args.hub {
        Some(hub) => hub,
        None => args.keys.hub_address()?,
    };
    let url = url(&hub, "/readyz")?;
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(TIMEOUT));
    let agent = config.tls_config(tls::client()).build().new_agent();
    let mut response = agent
        .get(&url)
        .call()
        .with_context(|| format!("no response from {url}"))?;
    let status = response.status().as_u16();
    if status != 200 {
        let text = response.body_mut().read_to_string()?;
        let reason = refusal_message(&text).unwrap_or(text);
        bail!("{url} answered with status {status}: {reason}");
    }
    println!("ready");
    Ok(())
}
