//! What a start of the app asks for: the command line, else the environment,
//! else the settings file.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use serde::{Deserialize, Serialize};

use super::settings_file::SettingsFile;
use crate::platform::Settings;

/// Where a hub on this machine is unless it was told otherwise.
pub const DEFAULT_HUB: &str = "http://127.0.0.1:8400";

/// A live metrics dashboard: shows what a hub publishes, the moment it does.
#[derive(Parser)]
#[command(
    name = "live-dashboard",
    version,
    after_help = "Without a hub's address, here or in the settings file, the window asks for one.\n\
                  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are heeded."
)]
struct Arguments {
    /// The hub's address, such as https://hub.example.
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_HUB")]
    hub: Option<String>,
    /// The token endpoint's address, where it is not the hub's: with
    /// `--socket-url`, for a Hotsock installation.
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_TOKEN_URL")]
    token_url: Option<String>,
    /// The WebSocket's address, where it is not the hub's.
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_SOCKET_URL")]
    socket_url: Option<String>,
    /// The client API's address, where it is not the hub's.
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_API_URL")]
    api_url: Option<String>,
    /// The dashboard to show; the hub's default one when absent.
    #[arg(long, value_name = "NAME", env = "LIVE_DASHBOARD_DASHBOARD")]
    dashboard: Option<String>,
    /// The colour scheme, `dark` or `light`; the system's when absent.
    #[arg(long, value_name = "THEME", env = "LIVE_DASHBOARD_THEME")]
    theme: Option<String>,
    /// For a wall: the whole screen, without a menu; F11 leaves it.
    #[arg(long, env = "LIVE_DASHBOARD_KIOSK")]
    kiosk: bool,
    /// Keeps the window above all others.
    #[arg(long)]
    always_on_top: bool,
    /// The settings file; the user's own when absent.
    #[arg(long, value_name = "FILE", env = "LIVE_DASHBOARD_CONFIG")]
    config: Option<PathBuf>,
}

/// What a start asks for. It can be passed on to an app that runs already.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Start {
    /// Which hub, and how it looks; unchecked.
    pub settings: Settings,
    /// Whether anybody said which hub; else the settings have a guess.
    pub configured: bool,
    /// Whether this start itself said what to show, rather than the file.
    pub explicit: bool,
    /// The whole screen, without a menu.
    pub kiosk: bool,
    /// Above all other windows.
    pub always_on_top: bool,
    /// Where the user's settings are kept.
    pub settings_file: Option<PathBuf>,
}

impl Start {
    /// Reads the command line, the environment and the settings file. Ends the
    /// process for `--help`, `--version` and what is wrong.
    pub fn read() -> Self {
        Self::from_arguments(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    fn from_arguments(
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        let arguments = Arguments::try_parse_from(arguments)?;
        let path = arguments.config.clone().or_else(SettingsFile::path);
        let file = match &path {
            Some(path) => SettingsFile::read(path).map_err(|error| {
                Arguments::command().error(ErrorKind::InvalidValue, format!("{error}"))
            })?,
            None => None,
        };
        Ok(Self::assemble(arguments, file.unwrap_or_default(), path))
    }

    fn assemble(arguments: Arguments, file: SettingsFile, path: Option<PathBuf>) -> Self {
        let explicit = [
            &arguments.hub,
            &arguments.token_url,
            &arguments.socket_url,
            &arguments.api_url,
            &arguments.dashboard,
            &arguments.theme,
        ]
        .iter()
        .any(|setting| setting.is_some());
        let hub = arguments.hub.or(file.hub);
        let token_url = arguments.token_url.or(file.token_url);
        let socket_url = arguments.socket_url.or(file.socket_url);
        Self {
            configured: hub.is_some() || (token_url.is_some() && socket_url.is_some()),
            explicit,
            kiosk: arguments.kiosk,
            always_on_top: arguments.always_on_top,
            settings_file: path,
            settings: Settings {
                hub: hub.unwrap_or_else(|| DEFAULT_HUB.into()),
                token_url,
                socket_url,
                api_url: arguments.api_url.or(file.api_url),
                dashboard: arguments.dashboard.or(file.dashboard),
                theme: arguments.theme.or(file.theme),
                kiosk: arguments.kiosk.then(|| "1".into()),
            },
        }
    }
}

/// The settings of this start.
pub fn settings() -> Settings {
    Start::read().settings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A start by these arguments and no others: the environment of the tests
    /// has none of the app's variables.
    fn start(file: &str, arguments: &[&str]) -> Result<Start, clap::Error> {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("config.toml");
        std::fs::write(&path, file).expect("a file");
        let path = path.to_str().expect("a name");
        Start::from_arguments([&["live-dashboard", "--config", path], arguments].concat())
    }

    #[test]
    fn without_anything_there_is_a_guess_and_no_more() {
        let start = start("", &[]).expect("a start");
        assert!(!start.configured && !start.explicit && !start.kiosk);
        assert_eq!(start.settings.hub, DEFAULT_HUB);
    }

    #[test]
    fn the_file_is_asked_last_key_by_key() {
        let file = "hub = \"https://file.example\"\ndashboard = \"ops\"\ntheme = \"dark\"";
        let by_file = start(file, &[]).expect("a start");
        assert!(by_file.configured && !by_file.explicit);
        assert_eq!(by_file.settings.hub, "https://file.example");
        assert_eq!(by_file.settings.dashboard.as_deref(), Some("ops"));

        let both = start(file, &["--hub", "http://flag", "--theme=light", "--kiosk"]);
        let both = both.expect("a start");
        assert!(both.configured && both.explicit && both.kiosk);
        assert_eq!(both.settings.hub, "http://flag");
        assert_eq!(both.settings.theme.as_deref(), Some("light"));
        assert_eq!(both.settings.dashboard.as_deref(), Some("ops"));
    }

    #[test]
    fn two_addresses_do_instead_of_a_hub() {
        let one = ["--token-url", "http://h/t"];
        assert!(!start("", &one).expect("a start").configured);
        let two = [&one[..], &["--socket-url", "ws://h/v1"]].concat();
        assert!(start("", &two).expect("a start").configured);
    }

    #[test]
    fn what_is_wrong_says_where() {
        let error = start("hubb = \"x\"", &[]).expect_err("a broken file");
        assert!(error.to_string().contains("hubb"), "{error}");
        assert!(error.to_string().contains("config.toml"), "{error}");
        let error = start("", &["--hubb"]).expect_err("no such flag");
        assert!(error.to_string().contains("--hub"), "{error}");
        for (flag, word) in [
            ("--help", "NO_PROXY"),
            ("--version", env!("CARGO_PKG_VERSION")),
        ] {
            let told = start("", &[flag]).expect_err("no start").to_string();
            assert!(told.contains(word), "{told}");
        }
    }
}
