//! `keys`: prints the secrets.

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print only the first API key
    #[arg(long)]
    api_key: bool,

    #[command(flatten)]
    keys: super::Keys,
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
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
