//! `packaging/hub/hub.toml`, the configuration file that the Debian package installs.

use std::collections::BTreeSet;
use std::path::Path;

use live_dashboard_hub::config::{Config, KeyOptions, LimitOptions, Options};
use serde::de::DeserializeOwned;

const FILE: &str = include_str!("../../../../packaging/hub/hub.toml");

/// The file with all options, and without its other comments.
fn uncommented() -> String {
    let lines = FILE.lines().filter(|line| !line.starts_with("# "));
    let lines = lines.map(|line| line.strip_prefix('#').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The names of all options of a table.
fn options<T: DeserializeOwned>() -> BTreeSet<String> {
    let Err(error) = toml::from_str::<T>("unknown = 1") else {
        panic!("unknown options are accepted");
    };
    let message = error.message().to_owned();
    let (_, expected) = message.split_once("expected one of ").expect(&message);
    let names = expected.split(", ").map(|name| name.trim_matches('`'));
    names.map(str::to_owned).collect()
}

fn keys(table: &toml::Table) -> BTreeSet<String> {
    table.keys().cloned().collect()
}

#[test]
fn it_is_valid_and_shows_every_option() {
    let table: toml::Table = toml::from_str(&uncommented()).expect("TOML");
    assert_eq!(keys(&table), options::<Options>());
    let limits = table["limits"].as_table().expect("a table");
    assert_eq!(keys(limits), options::<LimitOptions>());
    let issuer = table["verification_key"][0].as_table().expect("a table");
    assert_eq!(keys(issuer), options::<KeyOptions>());
    toml::from_str::<Options>(&uncommented()).expect("values of the right types");
}

#[test]
fn it_sets_nothing_but_the_data_directory() {
    let table: toml::Table = toml::from_str(FILE).expect("TOML");
    assert_eq!(
        keys(&table),
        ["data_dir", "limits"].map(str::to_owned).into()
    );
    assert!(
        table["limits"]
            .as_table()
            .is_some_and(toml::Table::is_empty)
    );
    let directory = Path::new("/var/lib/live-dashboard");
    assert_eq!(table["data_dir"].as_str(), directory.to_str());
}

#[test]
fn it_shows_the_defaults() {
    let data = tempfile::tempdir().expect("a directory");
    let resolve = |options: Options| {
        let data_dir = Some(data.path().to_owned());
        let config = Config::resolve(Options {
            data_dir,
            ..options
        })
        .expect("valid");
        format!(
            "{} {:?} {} {:?} {:?} {} {:?}",
            config.listen,
            config.sources,
            config.channel,
            config.connections,
            config.history,
            config.storage_limit,
            config.limits
        )
    };
    let all: Options = toml::from_str(&uncommented()).expect("valid");
    assert!(all.listen.is_some() && all.history.is_some() && all.limits.head_size.is_some());
    let shown = Options {
        listen: all.listen,
        source: all.source,
        channel: all.channel,
        connection_lifetime: all.connection_lifetime,
        outbox: all.outbox,
        coalesce: all.coalesce,
        history: all.history,
        storage_limit: all.storage_limit,
        limits: all.limits,
        ..Options::default()
    };
    assert_eq!(resolve(shown), resolve(Options::default()));
}
