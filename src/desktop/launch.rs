//! The command line and the environment.

use std::path::PathBuf;

use clap::Parser;
use live_dashboard::config::{Config, ConfigError};
use serde::{Deserialize, Serialize};

use super::settings::Settings;

/// A live metrics dashboard: shows what a hub publishes as it happens
#[derive(Parser)]
#[command(
    name = "live-dashboard",
    version,
    after_help = "Without a hub's address, here or in the settings file, the window asks for one.\n\
                  The proxies in HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are used."
)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Fill the screen, without a menu, for a wall; F11 leaves full screen
    #[arg(long, env = "LIVE_DASHBOARD_KIOSK")]
    kiosk: bool,
    /// Keep the window above all others
    #[arg(long)]
    always_on_top: bool,
    /// The settings file [default: config.toml in the user's configuration
    /// directory]
    #[arg(long, value_name = "FILE", env = "LIVE_DASHBOARD_CONFIG")]
    config: Option<PathBuf>,
}

/// What a launch of the app asks for. It can be sent to an app that runs
/// already.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Launch {
    /// The command line first, then the environment, then the file.
    pub(crate) settings: Settings,
    /// Whether the command line or the environment has settings.
    pub(crate) is_explicit: bool,
    /// Full screen, without a menu.
    pub(crate) kiosk: bool,
    /// Above all other windows.
    pub(crate) always_on_top: bool,
    /// The settings file's path.
    pub(crate) settings_file: Option<PathBuf>,
}

impl Launch {
    /// Reads the command line, the environment and the settings file. Ends the
    /// process for `--help`, `--version` and invalid flags.
    ///
    /// # Errors
    /// The settings file is invalid.
    pub(crate) fn read() -> anyhow::Result<Self> {
        Self::from_arguments(Arguments::parse())
    }

    fn from_arguments(arguments: Arguments) -> anyhow::Result<Self> {
        let path = arguments.config.or_else(Settings::default_path);
        let file = path.as_deref().map(Settings::read).transpose()?;
        Ok(Self {
            is_explicit: arguments.settings != Settings::default(),
            settings: arguments.settings.or(file.unwrap_or_default()),
            kiosk: arguments.kiosk,
            always_on_top: arguments.always_on_top,
            settings_file: path,
        })
    }

    /// The dashboard to show.
    ///
    /// # Errors
    /// The first invalid setting.
    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        let config = self.settings.config()?;
        Ok(match self.kiosk {
            true => config.with_kiosk(),
            false => config,
        })
    }

    /// Whether a window of `self` shows what `other` asks for.
    pub(crate) fn shows_same_as(&self, other: &Self) -> bool {
        (&self.settings, self.kiosk) == (&other.settings, other.kiosk)
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::DEFAULT_HUB;
    use super::*;

    /// Assumes that the tests' environment has none of the app's variables.
    fn launch(file: &str, arguments: &[&str]) -> anyhow::Result<Launch> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("config.toml");
        std::fs::write(&path, file).expect("a file");
        let path = path.to_str().expect("a name");
        let arguments = [&["live-dashboard", "--config", path], arguments].concat();
        Launch::from_arguments(Arguments::try_parse_from(arguments)?)
    }

    #[test]
    fn without_settings_there_is_the_default_hub_only() {
        let launch = launch("", &[]).expect("a launch");
        assert!(!launch.settings.are_complete() && !launch.is_explicit && !launch.kiosk);
        assert_eq!(launch.config(), Config::for_hub(DEFAULT_HUB));
    }

    #[test]
    fn flags_override_the_file_key_by_key() {
        let file = "hub = \"https://file.example\"\ndashboard = \"ops\"\ntheme = \"dark\"";
        let from_file = launch(file, &[]).expect("a launch");
        assert!(from_file.settings.are_complete() && !from_file.is_explicit);
        assert_eq!(
            from_file.settings.hub.as_deref(),
            Some("https://file.example")
        );
        assert_eq!(from_file.settings.dashboard.as_deref(), Some("ops"));

        let both = launch(file, &["--hub", "http://flag", "--theme=light", "--kiosk"]);
        let both = both.expect("a launch");
        assert!(both.settings.are_complete() && both.is_explicit && both.kiosk);
        assert!(both.config().expect("valid settings").kiosk());
        assert_eq!(both.settings.hub.as_deref(), Some("http://flag"));
        assert_eq!(both.settings.theme.as_deref(), Some("light"));
        assert_eq!(both.settings.dashboard.as_deref(), Some("ops"));
        assert!(!both.shows_same_as(&from_file));
    }

    #[test]
    fn token_and_socket_addresses_replace_a_hub() {
        let one = ["--token-url", "http://h/t"];
        let launch = |arguments: &[&str]| launch("", arguments).expect("a launch");
        assert!(!launch(&one).settings.are_complete());
        let two = [&one[..], &["--socket-url", "ws://h/v1"]].concat();
        assert!(launch(&two).settings.are_complete());
    }

    #[test]
    fn errors_name_the_key_and_the_file_or_the_flag() {
        for (file, arguments, words) in [
            ("hubb = \"x\"", &[][..], &["hubb", "config.toml"][..]),
            ("", &["--hubb"], &["--hub"]),
            ("", &["--help"], &["NO_PROXY", "--token-url"]),
            ("", &["--version"], &[env!("CARGO_PKG_VERSION")]),
        ] {
            let error = format!("{:#}", launch(file, arguments).expect_err("no launch"));
            for word in words {
                assert!(error.contains(word), "{error}");
            }
        }
    }
}
