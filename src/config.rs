//! Which hub is watched, and how: from the page's address, or from the command
//! line and the environment, or from an app around the dashboard.

use crate::components::Theme;
use crate::feed::Endpoints;
use crate::platform::{self, Settings};

/// What a dashboard connects to and looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    token_url: String,
    socket_url: String,
    api_url: Option<String>,
    dashboard: Option<String>,
    theme: Option<Theme>,
    kiosk: bool,
    may_choose: bool,
}

/// What is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// An address that cannot be connected to.
    #[error("`{setting}` {rule}, but it is “{value}”")]
    Address {
        /// The setting's name, as in the page's address.
        setting: &'static str,
        /// What it must be.
        rule: &'static str,
        /// What it is.
        value: String,
    },
    /// A theme that there is not.
    #[error("`theme` must be `dark` or `light`, but it is “{0}”")]
    Theme(String),
}

impl Config {
    /// A hub of ours: its token endpoint and its WebSocket are at
    /// `{hub}/live-dashboard` and `{hub}/v1`, and its client API under `{hub}`.
    ///
    /// # Errors
    /// `hub` is not an `http:` or `https:` address.
    pub fn for_hub(hub: &str) -> Result<Self, ConfigError> {
        let hub = address("hub", hub, HTTP)?;
        if hub.contains('?') {
            return Err(broken("hub", "must be an address without a query", hub));
        }
        let hub = hub.trim_end_matches('/');
        // From the `s` of TLS on, the two schemes are alike.
        let rest = &hub["http".len()..];
        Ok(Self {
            token_url: format!("{hub}/live-dashboard"),
            socket_url: format!("ws{rest}/v1"),
            api_url: Some(hub.into()),
            dashboard: None,
            theme: None,
            kiosk: false,
            may_choose: false,
        })
    }

    /// A token endpoint and a WebSocket by their own addresses, as a Hotsock
    /// installation has them.
    ///
    /// # Errors
    /// `token_url` is not an `http:` or `https:` address, or `socket_url` not
    /// a `ws:` or `wss:` address.
    pub fn for_addresses(token_url: &str, socket_url: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            token_url: address("token_url", token_url, HTTP)?.into(),
            socket_url: address("socket_url", socket_url, WEB_SOCKET)?.into(),
            api_url: None,
            dashboard: None,
            theme: None,
            kiosk: false,
            may_choose: false,
        })
    }

    /// The same, with the address of the client API, which knows earlier
    /// messages: `{api_url}/connection/listMessages`.
    ///
    /// # Errors
    /// `api_url` is not an `http:` or `https:` address.
    pub fn with_api(self, api_url: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            api_url: Some(address("api_url", api_url, HTTP)?.into()),
            ..self
        })
    }

    /// The same hub, showing one of its dashboards by name.
    #[must_use]
    pub fn with_dashboard(self, name: impl Into<String>) -> Self {
        self.showing(Some(name.into()))
    }

    /// The same hub, showing the dashboard of this name, or its default one.
    pub(crate) fn showing(self, dashboard: Option<String>) -> Self {
        Self { dashboard, ..self }
    }

    /// The same, but where no dashboard is named and the hub has several, the
    /// viewer is asked which.
    #[must_use]
    pub fn with_choice(self) -> Self {
        Self {
            may_choose: true,
            ..self
        }
    }

    /// The same, in this theme whatever the system's setting is.
    #[must_use]
    pub fn with_theme(self, theme: Theme) -> Self {
        Self {
            theme: Some(theme),
            ..self
        }
    }

    /// The same as a wall: large, without anything to click, and kept awake.
    #[must_use]
    pub fn with_kiosk(self) -> Self {
        Self {
            kiosk: true,
            ..self
        }
    }

    /// What the page's address asks for, or the command line and the
    /// environment. Outside of a browser, `--help` and the like end the
    /// process.
    ///
    /// # Errors
    /// The first setting that breaks its rule.
    pub fn from_surroundings() -> Result<Self, ConfigError> {
        Self::from_settings(platform::settings())
    }

    /// Checks settings and fills them up. An empty setting counts as absent.
    ///
    /// # Errors
    /// The first setting that breaks its rule.
    pub fn from_settings(settings: Settings) -> Result<Self, ConfigError> {
        let said = |setting: Option<String>| setting.filter(|value| !value.is_empty());
        let config = match (said(settings.token_url), said(settings.socket_url)) {
            (Some(token_url), Some(socket_url)) => Self::for_addresses(&token_url, &socket_url)?,
            (token_url, socket_url) => {
                let hub = Self::for_hub(&settings.hub)?;
                Self {
                    api_url: hub.api_url,
                    ..Self::for_addresses(
                        token_url.as_ref().unwrap_or(&hub.token_url),
                        socket_url.as_ref().unwrap_or(&hub.socket_url),
                    )?
                }
            }
        };
        let config = match said(settings.api_url) {
            Some(api_url) => config.with_api(&api_url)?,
            None => config,
        };
        Ok(Self {
            dashboard: said(settings.dashboard),
            theme: said(settings.theme).map(theme).transpose()?,
            kiosk: matches!(settings.kiosk.as_deref(), Some("1" | "true")),
            ..config
        })
    }

    /// What a feed is told of it.
    pub fn endpoints(&self) -> Endpoints {
        Endpoints {
            token_url: self.token_url.clone(),
            socket_url: self.socket_url.clone(),
            api_url: self.api_url.clone(),
            dashboard: self.dashboard.clone(),
            may_choose: self.may_choose,
        }
    }

    /// Where a token is asked for, with `POST`.
    pub fn token_url(&self) -> &str {
        &self.token_url
    }

    /// Where the WebSocket is.
    pub fn socket_url(&self) -> &str {
        &self.socket_url
    }

    /// Where the client API is, if there is one.
    pub fn api_url(&self) -> Option<&str> {
        self.api_url.as_deref()
    }

    /// The dashboard's name; the hub's default one when `None`.
    pub fn dashboard(&self) -> Option<&str> {
        self.dashboard.as_deref()
    }

    /// Whether the dashboard is a wall.
    pub fn kiosk(&self) -> bool {
        self.kiosk
    }

    /// The theme that was asked for.
    pub fn theme(&self) -> Option<Theme> {
        self.theme
    }
}

/// The theme of this name.
pub(crate) fn theme_named(name: &str) -> Option<Theme> {
    [Theme::Dark, Theme::Light]
        .into_iter()
        .find(|theme| theme.as_str() == name)
}

fn theme(name: String) -> Result<Theme, ConfigError> {
    theme_named(&name).ok_or(ConfigError::Theme(name))
}

/// The schemes that an address may have, and the rule in words.
type Schemes = ([&'static str; 2], &'static str);

const HTTP: Schemes = (
    ["http://", "https://"],
    "must start with `http://` or `https://`",
);
const WEB_SOCKET: Schemes = (["ws://", "wss://"], "must start with `ws://` or `wss://`");

fn address<'a>(
    setting: &'static str,
    value: &'a str,
    (schemes, scheme_rule): Schemes,
) -> Result<&'a str, ConfigError> {
    let rest = schemes
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .ok_or_else(|| broken(setting, scheme_rule, value))?;
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err(broken(setting, "must name a host", value));
    }
    if host.contains('@') {
        return Err(broken(setting, "must not contain a user name", value));
    }
    if value.contains(|c: char| c == '#' || c == '\\' || c.is_whitespace() || c.is_control()) {
        return Err(broken(
            setting,
            "must not contain `#`, a backslash or whitespace",
            value,
        ));
    }
    Ok(value)
}

fn broken(setting: &'static str, rule: &'static str, value: &str) -> ConfigError {
    ConfigError::Address {
        setting,
        rule,
        value: value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(hub: &str) -> Settings {
        Settings {
            hub: hub.into(),
            ..Settings::default()
        }
    }

    #[test]
    fn a_hub_has_its_two_addresses() {
        for (hub, token_url, socket_url) in [
            (
                "http://127.0.0.1:8400",
                "http://127.0.0.1:8400/live-dashboard",
                "ws://127.0.0.1:8400/v1",
            ),
            (
                "https://hub.example/",
                "https://hub.example/live-dashboard",
                "wss://hub.example/v1",
            ),
            (
                "https://portal.example/metrics",
                "https://portal.example/metrics/live-dashboard",
                "wss://portal.example/metrics/v1",
            ),
        ] {
            let config = Config::for_hub(hub).expect(hub);
            assert_eq!(config.token_url(), token_url);
            assert_eq!(config.socket_url(), socket_url);
            assert_eq!(Config::from_settings(settings(hub)), Ok(config));
        }
    }

    #[test]
    fn each_address_may_be_set_by_itself() {
        let config = Config::from_settings(Settings {
            token_url: Some("https://app.example/api/token?app=1".into()),
            ..settings("https://hub.example")
        })
        .expect("a config");
        assert_eq!(config.token_url(), "https://app.example/api/token?app=1");
        assert_eq!(config.socket_url(), "wss://hub.example/v1");
        let both = Config::from_settings(Settings {
            token_url: Some("https://app.example/token".into()),
            socket_url: Some("wss://socket.example/v1".into()),
            ..settings("not needed")
        })
        .expect("no hub is needed");
        assert_eq!(both.socket_url(), "wss://socket.example/v1");
        assert_eq!(both.api_url(), None);
        assert_eq!(config.api_url(), Some("https://hub.example"));
        let api = both.with_api("https://api.example/v1").expect("an address");
        assert_eq!(api.api_url(), Some("https://api.example/v1"));
    }

    #[test]
    fn the_rest_is_taken_over_and_empty_counts_as_absent() {
        let config = Config::from_settings(Settings {
            token_url: Some(String::new()),
            dashboard: Some("ops".into()),
            theme: Some("light".into()),
            ..settings("http://h")
        });
        let expected = Config::for_hub("http://h")
            .expect("a hub")
            .with_dashboard("ops")
            .with_theme(Theme::Light);
        assert_eq!(config, Ok(expected));
        let empty = Settings {
            dashboard: Some(String::new()),
            theme: Some(String::new()),
            ..settings("http://h")
        };
        assert_eq!(Config::from_settings(empty), Config::for_hub("http://h"));
    }

    #[test]
    fn a_wall_is_asked_for_by_one_or_true() {
        for (kiosk, expected) in [
            (Some("1"), true),
            (Some("true"), true),
            (Some("0"), false),
            (Some(""), false),
            (None, false),
        ] {
            let config = Config::from_settings(Settings {
                kiosk: kiosk.map(Into::into),
                ..settings("http://h")
            });
            assert_eq!(
                config.map(|config| config.kiosk()),
                Ok(expected),
                "{kiosk:?}"
            );
        }
    }

    #[test]
    fn an_error_names_the_setting_and_the_rule() {
        let error = |settings| {
            Config::from_settings(settings)
                .expect_err("a broken setting")
                .to_string()
        };
        let starts = "must start with `http://` or `https://`";
        for (hub, rule) in [
            ("hub.example", starts),
            ("ftp://hub.example", starts),
            ("javascript:alert(1)", starts),
            ("", starts),
            ("http://", "must name a host"),
            ("http://:80", "must name a host"),
            ("http:///v1", "must name a host"),
            ("http://user:secret@h", "must not contain a user name"),
            ("http://h/#a", "must not contain `#`"),
            ("http://h/a b", "whitespace"),
            ("http://h?x=1", "without a query"),
        ] {
            let message = error(settings(hub));
            assert!(
                message.contains("`hub`") && message.contains(rule),
                "{message}"
            );
        }
        assert_eq!(
            error(Settings {
                socket_url: Some("https://h/v1".into()),
                ..settings("http://h")
            }),
            "`socket_url` must start with `ws://` or `wss://`, but it is “https://h/v1”"
        );
        assert_eq!(
            error(Settings {
                theme: Some("blue".into()),
                ..settings("http://h")
            }),
            "`theme` must be `dark` or `light`, but it is “blue”"
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(hub in "(https?://)?\\PC*") {
            let _ = Config::for_hub(&hub);
        }
    }
}
