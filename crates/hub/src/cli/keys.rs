//! `keys`: prints the secrets, and makes new ones.

use std::path::PathBuf;

use anyhow::bail;
use live_dashboard_hub::auth::{LimitedKey, StoredKeys};
use live_dashboard_hub::config::{API_KEYS_VARIABLE, SIGNING_KEY_VARIABLE, data_dir};
use live_dashboard_hub::dashboards::name_error;

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
    /// Make a key that may only publish to some dashboards, and print it. A running hub
    /// must reload its keys
    #[command(
        after_help = "Example:\n  live-dashboard-hub keys add --dashboard ops && systemctl reload live-dashboard-hub"
    )]
    Add {
        /// The dashboard's name; may be given more than once
        #[arg(long, required = true, value_name = "NAME", value_parser = dashboard)]
        dashboard: Vec<String>,

        #[command(flatten)]
        keys: super::Keys,
    },
    /// Make a key of `keys add` invalid. A running hub must reload its keys
    Remove {
        /// The key
        key: String,

        #[command(flatten)]
        keys: super::Keys,
    },
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    match args.action {
        None => {}
        Some(Action::Rotate(keys)) => return rotate(keys),
        Some(Action::Add { dashboard, keys }) => {
            let key = StoredKeys::add_limited(&directory(keys)?, dashboard.into_iter().collect())?;
            println!("{key}");
            eprintln!("a running hub accepts it after SIGHUP");
            return Ok(());
        }
        Some(Action::Remove { key, keys }) => {
            if !StoredKeys::remove_limited(&directory(keys)?, &key)? {
                bail!("there is no such limited key; `keys` shows them");
            }
            eprintln!("a running hub accepts it until SIGHUP");
            return Ok(());
        }
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
    for LimitedKey { key, dashboards } in &keys.limited_keys {
        let dashboards: Vec<_> = dashboards.iter().map(String::as_str).collect();
        println!("Limited key  {key}  {}", dashboards.join(", "));
    }
    Ok(())
}

/// The directory of the keys, which must be used by the hub.
fn directory(keys: super::Keys) -> anyhow::Result<PathBuf> {
    let options = keys.options()?;
    if options.api_keys.is_some() && options.signing_key.is_some() {
        bail!(
            "all keys are in the environment or in the configuration file, so that the hub reads \
             no others: leave out {API_KEYS_VARIABLE} or {SIGNING_KEY_VARIABLE}"
        );
    }
    Ok(data_dir(options.data_dir)?)
}

fn dashboard(name: &str) -> Result<String, String> {
    match name_error(name) {
        None => Ok(name.to_owned()),
        Some(rule) => Err(rule),
    }
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
