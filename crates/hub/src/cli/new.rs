//! `new`: writes a layout file to begin with.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use live_dashboard_hub::config::{Options, data_dir};
use live_dashboard_hub::dashboards;

/// A layout with comments, in which `NAME` stands for the dashboard's name.
const TEMPLATE: &str = include_str!("new.toml");

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The dashboard's name: lower-case letters, digits, `-` and `_`
    name: String,

    /// The directory of the layouts [default: `dashboards` in the data directory]
    #[arg(long, env = "LIVE_DASHBOARD_DASHBOARDS", value_name = "DIR")]
    dashboards: Option<PathBuf>,

    /// The data directory [default: the platform's data directory]
    #[arg(long, env = "LIVE_DASHBOARD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// The hub's configuration file
    #[arg(long, env = "LIVE_DASHBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Writes the file, unless there is one, and prints what to do next.
pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let name = args.name;
    if let Some(rule) = dashboards::name_error(&name) {
        bail!("`{name}`: {rule}");
    }
    let given = Options {
        dashboards: args.dashboards,
        data_dir: args.data_dir,
        ..Options::default()
    };
    let variable = |name: &str| std::env::var(name).ok();
    let options = given.complete(args.config.as_deref(), variable)?;
    let directory = match options.dashboards {
        Some(directory) => directory,
        None => data_dir(options.data_dir)?.join("dashboards"),
    };
    let path = directory.join(format!("{name}.toml"));
    let failed = || format!("cannot write {}", path.display());
    fs::create_dir_all(&directory).with_context(failed)?;
    if path.exists() {
        bail!("{} exists already: choose another name", path.display());
    }
    let mut file = File::create_new(&path).with_context(failed)?;
    let channel = match name.as_str() {
        dashboards::DEFAULT => "dashboard".to_owned(),
        _ => format!("dashboard-{name}"),
    };
    let layout = TEMPLATE
        .replace("dashboard-NAME", &channel)
        .replace("NAME", &name);
    file.write_all(layout.as_bytes()).with_context(failed)?;
    println!("{}", path.display());
    println!(
        "A running hub with these dashboards shows it at /?dashboard={name}. First numbers:\n  \
         live-dashboard-hub publish --channel {channel} --event stats-update \
         --data '{{\"queue\":12,\"errorRate\":0.01}}'"
    );
    Ok(())
}
