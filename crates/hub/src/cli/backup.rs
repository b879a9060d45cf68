//! `backup` and `restore`: a copy of what the hub stores.

use std::path::PathBuf;

use live_dashboard_hub::config::{Options, data_dir};
use live_dashboard_hub::{engine, store_file};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The backup
    file: PathBuf,

    /// The hub's data directory [default: the platform's data directory]
    #[arg(long, env = "LIVE_DASHBOARD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// The hub's configuration file
    #[arg(long, env = "LIVE_DASHBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Args {
    /// The backup and the store.
    fn files(self) -> anyhow::Result<(PathBuf, PathBuf)> {
        let given = Options {
            data_dir: self.data_dir,
            ..Options::default()
        };
        let variable = |name: &str| std::env::var(name).ok();
        let options = given.complete(self.config.as_deref(), variable)?;
        Ok((self.file, store_file(&data_dir(options.data_dir)?)))
    }
}

/// Writes the backup.
pub(crate) fn back_up(args: Args) -> anyhow::Result<()> {
    let (backup, store) = args.files()?;
    engine::back_up(&store, &backup)?;
    println!("{}", backup.display());
    Ok(())
}

/// Puts the backup back.
pub(crate) fn restore(args: Args) -> anyhow::Result<()> {
    let (backup, store) = args.files()?;
    let replaced = engine::restore(&backup, &store)?;
    println!("{}", store.display());
    if let Some(replaced) = replaced {
        println!("The previous store is now {}", replaced.display());
    }
    Ok(())
}
