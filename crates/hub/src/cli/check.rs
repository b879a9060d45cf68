//! `check`: layouts, before a hub gets them.

use std::path::PathBuf;

use anyhow::bail;
use live_dashboard_hub::dashboards;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The layouts
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Says of each file whether it is good, or all that is wrong with it.
pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let mut broken = 0;
    for path in args.files {
        match dashboards::read(&path) {
            Ok(layout) => println!("{}: ok, “{}”", path.display(), layout.title),
            Err(errors) => {
                broken += 1;
                for error in errors {
                    println!("{error}");
                }
            }
        }
    }
    match broken {
        0 => Ok(()),
        1 => bail!("1 file is not a good layout"),
        n => bail!("{n} files are not good layouts"),
    }
}
