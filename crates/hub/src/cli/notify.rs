//! `notify`: sends a test message to each notifier of a dashboard.

use std::path::PathBuf;

use anyhow::{Context, bail};
use live_dashboard_hub::config::{Options, data_dir};
use live_dashboard_hub::origin::Origin;
use live_dashboard_hub::sources::Variables;
use live_dashboard_hub::{dashboards, notify};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The dashboard's name
    dashboard: String,

    /// Send a test message to each `[[notify]]` of the dashboard's file, from here and not from
    /// a running hub, and print what came of it
    #[arg(long, required = true)]
    test: bool,

    /// The directory of the layouts [default: `dashboards` in the data directory]
    #[arg(long, env = "LIVE_DASHBOARD_DASHBOARDS", value_name = "DIR")]
    dashboards: Option<PathBuf>,

    /// The data directory [default: the platform's data directory]
    #[arg(long, env = "LIVE_DASHBOARD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// The hub's configuration file, with its `[variables]`
    #[arg(long, env = "LIVE_DASHBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// The address that messages link to
    #[arg(
        long,
        env = "LIVE_DASHBOARD_PUBLIC_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    public_origin: Vec<String>,
}

/// Prints a line for each notifier. Fails if a message was not sent.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let name = args.dashboard;
    let given = Options {
        dashboards: args.dashboards,
        data_dir: args.data_dir,
        public_origin: args.public_origin,
        ..Options::default()
    };
    let options = given.complete(args.config.as_deref(), |name| std::env::var(name).ok())?;
    let directory = match options.dashboards {
        Some(directory) => directory,
        None => data_dir(options.data_dir)?.join("dashboards"),
    };
    let path = directory.join(format!("{name}.toml"));
    let definition = dashboards::read(&path).map_err(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(errors.join("\n"))
    })?;
    if definition.notifiers.is_empty() {
        bail!("{} has no `[[notify]]`", path.display());
    }
    let origin = options.public_origin.first();
    let origin = origin.map(|origin| origin.parse::<Origin>());
    let origin = origin.transpose().context("--public-origin")?;
    let link = origin.map(|origin| origin.link(&name));
    let variables = Variables::new(options.variables);
    let title = &definition.layout.title;
    let mut failed = 0;
    for (number, notifier) in (1..).zip(&definition.notifiers) {
        let sent = notify::test(notifier, &variables, (&name, title), link.clone()).await;
        let said = sent.as_ref().map_or_else(String::as_str, |()| "sent");
        println!("{number} {}: {said}", notifier.kind_name());
        failed += usize::from(sent.is_err());
    }
    match failed {
        0 => Ok(()),
        1 => bail!("1 notifier failed"),
        n => bail!("{n} notifiers failed"),
    }
}
