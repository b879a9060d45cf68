//! The settings that the command line, the environment and the settings file
//! share.

use std::path::{Path, PathBuf};

use clap::Args;
use live_dashboard::config::{self, Config, ConfigError};
use live_dashboard::platform::desktop::directories;
use serde::{Deserialize, Serialize};

use super::files;

/// The address of a hub on this machine with its default settings.
pub(crate) const DEFAULT_HUB: &str = "http://127.0.0.1:8400";

/// Which hub, and how it looks; unchecked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The hub's address, such as https://hub.example
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_HUB")]
    pub(crate) hub: Option<String>,
    /// The token endpoint's address, if it is not the hub's. For a Hotsock
    /// installation, together with `--socket-url`
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_TOKEN_URL")]
    pub(crate) token_url: Option<String>,
    /// The WebSocket's address, if it is not the hub's
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_SOCKET_URL")]
    pub(crate) socket_url: Option<String>,
    /// The client API's address, if it is not the hub's
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_API_URL")]
    pub(crate) api_url: Option<String>,
    /// The dashboard to show [default: the hub's default dashboard]
    #[arg(long, value_name = "NAME", env = "LIVE_DASHBOARD_DASHBOARD")]
    pub(crate) dashboard: Option<String>,
    /// The colour scheme, `dark` or `light` [default: the system setting]
    #[arg(long, value_name = "THEME", env = "LIVE_DASHBOARD_THEME")]
    pub(crate) theme: Option<String>,
}

impl Settings {
    /// The default path of the settings file; `None` if the system has no
    /// directory for it.
    pub(crate) fn default_path() -> Option<PathBuf> {
        Some(directories()?.config_dir().join("config.toml"))
    }

    /// Reads a settings file; the default settings if there is no such file.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has an unknown key.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        Ok(files::read(path)?.unwrap_or_default())
    }

    /// Writes a settings file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        files::write(path, self)
    }

    /// Takes the settings that are absent here from `fallback`.
    pub(crate) fn or(self, fallback: Self) -> Self {
        Self {
            hub: self.hub.or(fallback.hub),
            token_url: self.token_url.or(fallback.token_url),
            socket_url: self.socket_url.or(fallback.socket_url),
            api_url: self.api_url.or(fallback.api_url),
            dashboard: self.dashboard.or(fallback.dashboard),
            theme: self.theme.or(fallback.theme),
        }
    }

    /// Whether they say what to connect to.
    pub(crate) fn are_complete(&self) -> bool {
        self.hub.is_some() || (self.token_url.is_some() && self.socket_url.is_some())
    }

    /// Checks the settings, with [`DEFAULT_HUB`] if there is no hub.
    ///
    /// # Errors
    /// The first invalid setting.
    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        let settings = self.clone();
        Config::from_settings(config::Settings {
            hub: settings.hub.unwrap_or_else(|| DEFAULT_HUB.into()),
            token_url: settings.token_url,
            socket_url: settings.socket_url,
            api_url: settings.api_url,
            dashboard: settings.dashboard,
            theme: settings.theme,
            ..config::Settings::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_their_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a/b/config.toml");
        let read = || Settings::read(&path).expect("readable");
        assert_eq!(read(), Settings::default());
        let settings = Settings {
            hub: Some("https://hub.example".into()),
            theme: Some("dark".into()),
            ..Settings::default()
        };
        settings.write(&path).expect("a new file");
        settings.write(&path).expect("the same file again");
        assert_eq!(read(), settings);
        let files = std::fs::read_dir(directory.path().join("a/b")).expect("a directory");
        assert_eq!(files.count(), 1, "no temporary file remains");
    }

    #[test]
    fn an_error_names_the_file_and_the_key_or_line() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("config.toml");
        for (text, word) in [
            ("hub = 5\n", "hub"),
            ("\nhost = \"h\"\n", "host"),
            ("hub = \"h", "line 1"),
        ] {
            std::fs::write(&path, text).expect("a file");
            let error = format!("{:#}", Settings::read(&path).expect_err("invalid"));
            assert!(error.contains("config.toml"), "{error}");
            assert!(error.contains(word), "{error}");
        }
        let error = Settings::read(directory.path()).expect_err("not a file");
        assert!(error.downcast_ref::<std::io::Error>().is_some(), "{error}");
    }
}
