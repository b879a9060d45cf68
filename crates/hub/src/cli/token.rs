//! `token`: a viewer's token, for scripts and for trying things out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use jiff::SignedDuration;
use live_dashboard_hub::auth::{Expected, MintedClaims, Scope, Signer};
use live_dashboard_hub::config::DEFAULT_CHANNEL;
use live_dashboard_protocol::name::ChannelName;

use super::Keys;

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

    /// How far back the holder may list stored messages, such as `1h`; `all`
    /// for no bound [default: from the subscription on]
    #[arg(long, value_parser = history, value_name = "DURATION")]
    history: Option<History>,

    /// The `aud` that the hub's configuration demands, where it does
    #[arg(long)]
    audience: Option<String>,

    /// The `iss` that the hub's configuration demands, where it does
    #[arg(long)]
    issuer: Option<String>,

    #[command(flatten)]
    keys: Keys,
}

/// How far back stored messages may be listed.
#[derive(Debug, Clone, Copy)]
enum History {
    All,
    Last(Duration),
}

fn history(text: &str) -> Result<History, String> {
    if text == "all" {
        return Ok(History::All);
    }
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .map(History::Last)
        .ok_or_else(|| "must be a time such as `1h`, or `all`".into())
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
    let mut claims = MintedClaims::new(args.channel, Scope::CONNECT, now, lifetime.as_secs_f64());
    claims.uid = args.uid;
    claims.history_start = args.history.map(|history| match history {
        History::All => 0.0,
        History::Last(duration) => (now - duration.as_secs_f64()).max(0.0),
    });
    println!("{}", signer.mint(&claims));
    Ok(())
}
