//! `keys`: prints the secrets, and makes new ones.

use anyhow::bail;
use live_dashboard_hub::auth::StoredKeys;
use live_dashboard_hub::config::{API_KEYS_VARIABLE, data_dir};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,

    /// Print only the first API key
    #[arg(long)]
    api_key: bool,

    #[command(flatten)]
    keys: super::Keys,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Make a new API key and print it; the previous one stays valid until the next
    /// rotation. A running hub must reload its keys
    #[command(
        after_help = "Example:\n  live-dashboard-hub keys rotate && systemctl reload live-dashboard-hub\n\nTo make a leaked key invalid at once, rotate twice."
    )]
    Rotate(super::Keys),
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    if let Some(Action::Rotate(keys)) = args.action {
        return rotate(keys);
    }
    let keys = args.keys.load_or_create()?;
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

fn rotate(keys: super::Keys) -> anyhow::Result<()> {
    let options = keys.options()?;
    if options.api_keys.is_some() {
        bail!(
            "the API keys are in {API_KEYS_VARIABLE} or in the configuration file: change them there"
        );
    }
    let keys = StoredKeys::rotate(&data_dir(options.data_dir)?)?;
    println!("{}", keys.api_keys.first().map_or("", String::as_str));
    eprintln!(
        "a running hub accepts it after SIGHUP; the previous key stays valid until the next rotation"
    );
    Ok(())
}
