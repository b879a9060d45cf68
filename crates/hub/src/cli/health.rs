//! `health`: whether a hub is ready, for container runtimes and scripts.

use std::time::Duration;

use anyhow::{Context, bail};
use live_dashboard_protocol::error::refusal_message;

use super::remote::Remote;

/// The time for the whole request.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let url = args.remote.url("/readyz")?;
    let agent = args.remote.agent(Some(TIMEOUT))?;
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
