//! The program's log, on standard error.

use std::io::IsTerminal;

use anyhow::{Context, bail, ensure};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// What is logged: levels, for all or for a module each.
const FILTER: &str = "LIVE_DASHBOARD_LOG";
/// How: as `text` or `json`.
const FORMAT: &str = "LIVE_DASHBOARD_LOG_FORMAT";

/// Begins to log as the environment says.
///
/// # Errors
/// A variable is not valid.
pub(crate) fn begin() -> anyhow::Result<()> {
    let filter = variable(FILTER, "info")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(parse(&filter).with_context(|| format!("{FILTER}: `{filter}`"))?)
        .with_writer(std::io::stderr);
    match &*variable(FORMAT, "text")? {
        "text" => builder.with_ansi(std::io::stderr().is_terminal()).init(),
        "json" => builder.json().init(),
        other => bail!("{FORMAT}: `{other}` must be `text` or `json`"),
    }
    Ok(())
}

/// Reads a variable; one that is empty is like none.
fn variable(name: &str, default: &str) -> anyhow::Result<String> {
    match std::env::var(name) {
        Ok(text) if !text.trim().is_empty() => Ok(text),
        Err(std::env::VarError::NotUnicode(_)) => bail!("{name} must be text"),
        _ => Ok(default.to_owned()),
    }
}

/// The library takes a misspelled level for a module's name, and logs nothing.
fn parse(filter: &str) -> anyhow::Result<EnvFilter> {
    let is_level = |part: &str| part.trim().parse::<LevelFilter>().is_ok();
    ensure!(
        filter
            .split(',')
            .all(|part| part.contains('=') || is_level(part)),
        "must be `error`, `warn`, `info`, `debug`, `trace` or `off`, or a list of MODULE=LEVEL"
    );
    Ok(EnvFilter::try_new(filter)?)
}
