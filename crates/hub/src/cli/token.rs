//! `token`: issues a viewer's token, for scripts and tests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use jiff::SignedDuration;
use live_dashboard_hub::auth::{Expected, Signer};
use live_dashboard_hub::config::{DEFAULT_CHANNEL, duration};
use live_dashboard_protocol::name::ChannelName;

use super::Keys;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The channel that the token grants
    #[arg(long, env = "LIVE_DASHBOARD_CHANNEL", default_value = DEFAULT_CHANNEL)]
    channel: ChannelName,

    /// The user's id
    #[arg(long)]
    uid: Option<String>,

    /// How long the token is valid for connecting, such as `60s` or `10m`
    #[arg(long, default_value = "60s", value_name = "DURATION")]
    lifetime: SignedDuration,

    /// How far back the user may list stored messages, such as `1h`; `all` for no
    /// limit [default: only messages after the subscription]
    #[arg(long, value_parser = history, value_name = "DURATION")]
    history: Option<Duration>,

    /// The `aud` that the hub's configuration requires
    #[arg(long)]
    audience: Option<String>,

    /// The `iss` that the hub's configuration requires
    #[arg(long)]
    issuer: Option<String>,

    #[command(flatten)]
    keys: Keys,
}

/// `all`, or how far back stored messages may be listed.
fn history(text: &str) -> Result<Duration, &'static str> {
    if text == "all" {
        return Ok(Duration::MAX);
    }
    duration(text).ok_or("must be a time such as `1h` or `7d`, or `all`")
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let signing_key = args.keys.signing_key()?;
    let expected = Expected {
        audience: args.audience,
        issuer: args.issuer,
    };
    let signer = Signer::new(&signing_key, expected)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
    let lifetime = Duration::try_from(args.lifetime).context("--lifetime must not be negative")?;
    let history = args.history.map(|history| history.as_secs_f64());
    let history_start = history.map(|history| (now - history).max(0.0));
    let (uid, lifetime) = (args.uid.as_deref(), lifetime.as_secs_f64());
    let token = signer.viewer_token(&[args.channel], uid, history_start, now, lifetime);
    println!("{token}");
    Ok(())
}
