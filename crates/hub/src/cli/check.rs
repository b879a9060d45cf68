//! `check`: validates layout files.

use std::path::PathBuf;

use anyhow::bail;
use live_dashboard_hub::dashboards;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The layout files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Prints each file's title, or all of its errors.
pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let mut invalid = 0;
    for path in args.files {
        match dashboards::read(&path) {
            Ok(file) => println!("{}: ok, “{}”", path.display(), file.layout.title),
            Err(errors) => {
                invalid += 1;
                for error in errors {
                    println!("{error}");
                }
            }
        }
    }
    match invalid {
        0 => Ok(()),
        1 => bail!("1 invalid layout file"),
        n => bail!("{n} invalid layout files"),
    }
}
