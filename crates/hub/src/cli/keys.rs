//! `keys`: shows the secrets to who may read their file.

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
    let keys = args.data_dir.made_keys()?;
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
