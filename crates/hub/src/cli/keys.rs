//! `keys`: shows the secrets to who may read their file, as `serve` would take
//! them.

use anyhow::Context;
use live_dashboard_hub::auth::ApiKeys;
use live_dashboard_hub::config::{API_KEYS_VARIABLE, SIGNING_KEY_VARIABLE};

use super::DataDir;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print nothing but the first API key
    #[arg(long)]
    api_key: bool,

    #[command(flatten)]
    data_dir: DataDir,
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let mut keys = args.data_dir.made_keys()?;
    if let Ok(given) = std::env::var(API_KEYS_VARIABLE) {
        given.parse::<ApiKeys>().context(API_KEYS_VARIABLE)?;
        keys.api_keys = given.split(',').map(str::to_owned).collect();
    }
    if let Ok(given) = std::env::var(SIGNING_KEY_VARIABLE) {
        keys.signing_key = given;
    }
    if args.api_key {
        println!("{}", keys.api_keys.first().map_or("", String::as_str));
        return Ok(());
    }
    for key in &keys.api_keys {
        println!("API key      {key}");
    }
    println!("Signing key  {}", keys.signing_key);
    Ok(())
}
