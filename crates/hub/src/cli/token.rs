//! `token`: a viewer's token, for scripts and for trying things out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use jiff::SignedDuration;
use live_dashboard_hub::auth::{Expected, MintedClaims, Scope, Signer};
use live_dashboard_hub::config::{DEFAULT_CHANNEL, SIGNING_KEY_VARIABLE};
use live_dashboard_protocol::name::ChannelName;

use super::DataDir;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The channel that the token lets its holder subscribe to
    #[arg(long, env = "LIVE_DASHBOARD_CHANNEL", default_value = DEFAULT_CHANNEL)]
    channel: ChannelName,

    /// Who the holder is
    #[arg(long)]
    uid: Option<String>,

    /// How long the token may wait for its connection, such as `60s` or `10m`
    #[arg(long, default_value = "60s", value_name = "DURATION")]
    lifetime: SignedDuration,

    /// The `aud` that the hub's configuration demands, where it does
    #[arg(long)]
    audience: Option<String>,

    /// The `iss` that the hub's configuration demands, where it does
    #[arg(long)]
    issuer: Option<String>,

    #[command(flatten)]
    data_dir: DataDir,
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let signing_key = match std::env::var(SIGNING_KEY_VARIABLE) {
        Ok(key) => key,
        Err(_) => args.data_dir.keys()?.signing_key,
    };
    let expected = Expected {
        audience: args.audience,
        issuer: args.issuer,
    };
    let signer = Signer::new(&signing_key, expected)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
    let lifetime = Duration::try_from(args.lifetime).context("--lifetime must not be negative")?;
    let mut claims = MintedClaims::new(args.channel, Scope::CONNECT, now, lifetime.as_secs_f64());
    claims.uid = args.uid;
    println!("{}", signer.mint(&claims));
    Ok(())
}
