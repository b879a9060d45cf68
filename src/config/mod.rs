//! Which hub to watch and how to show it: from the page's address, from the
//! desktop app's settings, or from an app that embeds the dashboard.

mod rotation;

use crate::components::{Slot, Theme};
use crate::feed::Endpoints;
use crate::platform;
pub use rotation::Rotation;

/// What a dashboard connects to and how it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    endpoints: Endpoints,
    theme: Option<Theme>,
    kiosk: bool,
    rotation: Option<Rotation>,
    slot: Slot,
}

/// Settings as they were written, unchecked. Empty optional settings count as
/// absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The hub's address.
    pub hub: String,
    /// The token endpoint's address, if it is not the hub's.
    pub token_url: Option<String>,
    /// The WebSocket's address, if it is not the hub's.
    pub socket_url: Option<String>,
    /// The client API's address, if it is not the hub's.
    pub api_url: Option<String>,
    /// The dashboard's name.
    pub dashboard: Option<String>,
    /// The colour scheme: `dark` or `light`.
    pub theme: Option<String>,
    /// `1` or `true` for a wall.
    pub kiosk: Option<String>,
    /// `rotate`: the names of the dashboards that a wall shows in turn, with commas
    /// between them.
    pub rotate: Option<String>,
    /// `every`: how long it shows each, such as `30s`, `2m` or `1h`.
    pub every: Option<String>,
    /// The only panel to show, by key, heading or kind.
    pub panel: Option<String>,
    /// `1` or `true` for a narrow slot of another page.
    pub compact: Option<String>,
}

/// An invalid setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// An invalid address.
    #[error("`{setting}` {rule}, but it is “{value}”")]
    Address {
        /// The setting's name, as in the page's address.
        setting: &'static str,
        /// The rule that the value breaks.
        rule: &'static str,
        /// The value.
        value: String,
    },
    /// An unknown theme.
    #[error("`theme` must be `dark` or `light`, but it is “{0}”")]
    Theme(String),
    /// The time for each dashboard of a rotation.
    #[error("`every` must be a time of at least 5 s such as `30s`, `2m` or `1h`, but it is “{0}”")]
    Every(String),
}

impl Config {
    /// A dashboard of this project's hub. The token endpoint is
    /// `{hub}/live-dashboard`, the WebSocket `{hub}/v1`, and the client API is
    /// below `{hub}`.
    ///
    /// # Errors
    /// `hub` is not an `http:` or `https:` address, or has a query.
    pub fn for_hub(hub: &str) -> Result<Self, ConfigError> {
        let hub = address("hub", hub, HTTP)?;
        if hub.contains('?') {
            return Err(invalid("hub", "must be an address without a query", &hub));
        }
        let hub = hub.trim_end_matches('/');
        // `http` becomes `ws`, and `https` `wss`.
        let rest = &hub["http".len()..];
        Self::for_addresses(&format!("{hub}/live-dashboard"), &format!("ws{rest}/v1"))?
            .with_api(hub)
    }

    /// A dashboard of a token endpoint and a WebSocket with addresses of their
    /// own, as in a Hotsock installation.
    ///
    /// # Errors
    /// `token_url` is not an `http:` or `https:` address, or `socket_url` is not
    /// a `ws:` or `wss:` address.
    pub fn for_addresses(token_url: &str, socket_url: &str) -> Result<Self, ConfigError> {
        let endpoints = Endpoints {
            token_url: address("token_url", token_url, HTTP)?,
            socket_url: address("socket_url", socket_url, WEB_SOCKET)?,
            api_url: None,
            dashboard: None,
            may_choose: false,
        };
        Ok(Self {
            endpoints,
            theme: None,
            kiosk: false,
            rotation: None,
            slot: Slot::default(),
        })
    }

    /// Sets the address of the client API, which returns earlier messages:
    /// `{api_url}/connection/listMessages`.
    ///
    /// # Errors
    /// `api_url` is not an `http:` or `https:` address.
    pub fn with_api(mut self, api_url: &str) -> Result<Self, ConfigError> {
        self.endpoints.api_url = Some(address("api_url", api_url, HTTP)?);
        Ok(self)
    }

    /// Selects one of the hub's dashboards by name.
    #[must_use]
    pub fn with_dashboard(self, name: impl Into<String>) -> Self {
        self.showing(Some(name.into()))
    }

    /// Selects a dashboard; the hub's default for `None`.
    pub(crate) fn showing(mut self, dashboard: Option<String>) -> Self {
        self.endpoints.dashboard = dashboard;
        self
    }

    /// Lets the viewer choose a dashboard, if none is selected and the hub has
    /// several.
    #[must_use]
    pub fn with_choice(mut self) -> Self {
        self.endpoints.may_choose = true;
        self
    }

    /// Sets the theme, regardless of the system setting.
    #[must_use]
    pub fn with_theme(mut self, theme: Theme) -> Self {
        self.theme = Some(theme);
        self
    }

    /// Makes the dashboard a wall: large, without controls, and with the screen
    /// kept on.
    #[must_use]
    pub fn with_kiosk(mut self) -> Self {
        self.kiosk = true;
        self
    }

    /// Shows a part of the dashboard, or all of it with less around it.
    #[must_use]
    pub fn with_slot(mut self, slot: Slot) -> Self {
        self.slot = slot;
        self
    }

    /// Reads the settings from the query of the page's address: the fields of
    /// [`Settings`].
    /// The hub is at the page's own address unless set. In a browser only:
    /// elsewhere there is no address, which is an error.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn from_page_url() -> Result<Self, ConfigError> {
        let parameter = platform::query_parameter;
        Self::from_settings(Settings {
            hub: parameter("hub").unwrap_or_else(platform::page_directory),
            token_url: parameter("token_url"),
            socket_url: parameter("socket_url"),
            api_url: parameter("api_url"),
            dashboard: parameter("dashboard"),
            theme: parameter("theme"),
            kiosk: parameter("kiosk"),
            rotate: parameter("rotate"),
            every: parameter("every"),
            panel: parameter("panel"),
            compact: parameter("compact"),
        })
    }

    /// Checks the settings. The hub's address is not used if both `token_url`
    /// and `socket_url` are set.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn from_settings(settings: Settings) -> Result<Self, ConfigError> {
        let non_empty = |setting: Option<String>| setting.filter(|value| !value.is_empty());
        let token_url = non_empty(settings.token_url);
        let socket_url = non_empty(settings.socket_url);
        let mut config = match (&token_url, &socket_url) {
            (Some(token_url), Some(socket_url)) => Self::for_addresses(token_url, socket_url)?,
            _ => Self::for_hub(&settings.hub)?,
        };
        if let Some(url) = token_url {
            config.endpoints.token_url = address("token_url", &url, HTTP)?;
        }
        if let Some(url) = socket_url {
            config.endpoints.socket_url = address("socket_url", &url, WEB_SOCKET)?;
        }
        if let Some(url) = non_empty(settings.api_url) {
            config = config.with_api(&url)?;
        }
        config.endpoints.dashboard = non_empty(settings.dashboard);
        config.theme = non_empty(settings.theme).map(theme).transpose()?;
        let is_on = |setting: Option<String>| matches!(setting.as_deref(), Some("1" | "true"));
        config.kiosk = is_on(settings.kiosk);
        config.slot = Slot {
            panel: non_empty(settings.panel),
            compact: is_on(settings.compact),
        };
        if config.kiosk {
            let (rotate, every) = (non_empty(settings.rotate), non_empty(settings.every));
            config.rotation = Rotation::read(rotate.as_deref(), every.as_deref())?;
        }
        if let Some(rotation) = &config.rotation {
            config.endpoints.dashboard = rotation.dashboards.first().cloned();
        }
        Ok(config)
    }

    /// The part that a feed needs.
    pub fn endpoints(&self) -> Endpoints {
        self.endpoints.clone()
    }

    /// The token endpoint's address.
    pub fn token_url(&self) -> &str {
        &self.endpoints.token_url
    }

    /// The client API's address, without a `/` at its end; `None` if there is none.
    pub fn api_url(&self) -> Option<&str> {
        Some(self.endpoints.api_url.as_deref()?.trim_end_matches('/'))
    }

    /// The dashboard's name; the hub's default dashboard if `None`.
    pub fn dashboard(&self) -> Option<&str> {
        self.endpoints.dashboard.as_deref()
    }

    /// Whether the dashboard is a wall.
    pub fn kiosk(&self) -> bool {
        self.kiosk
    }

    /// The dashboards that a wall shows in turn.
    pub fn rotation(&self) -> Option<&Rotation> {
        self.rotation.as_ref()
    }

    /// What is shown of the dashboard.
    pub fn slot(&self) -> &Slot {
        &self.slot
    }

    /// The theme; the system setting if `None`.
    pub fn theme(&self) -> Option<Theme> {
        self.theme
    }
}

fn theme(name: String) -> Result<Theme, ConfigError> {
    Theme::named(&name).ok_or(ConfigError::Theme(name))
}

/// The schemes that an address may have, and the rule as text.
type Schemes = ([&'static str; 2], &'static str);

const HTTP: Schemes = (
    ["http://", "https://"],
    "must start with `http://` or `https://`",
);
const WEB_SOCKET: Schemes = (["ws://", "wss://"], "must start with `ws://` or `wss://`");

fn address(
    setting: &'static str,
    value: &str,
    (schemes, scheme_rule): Schemes,
) -> Result<String, ConfigError> {
    let rest = schemes
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .ok_or_else(|| invalid(setting, scheme_rule, value))?;
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let rule = if host.is_empty() || host.starts_with(':') {
        "must name a host"
    } else if host.contains('@') {
        "must not contain a user name"
    } else if value
        .contains(|c: char| matches!(c, '#' | '\\') || c.is_whitespace() || c.is_control())
    {
        "must not contain `#`, a backslash or whitespace"
    } else {
        return Ok(value.into());
    };
    Err(invalid(setting, rule, value))
}

fn invalid(setting: &'static str, rule: &'static str, value: &str) -> ConfigError {
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
    fn a_hub_implies_the_other_addresses() {
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
            assert_eq!(config.endpoints.socket_url, socket_url);
            assert_eq!(Config::from_settings(settings(hub)), Ok(config));
        }
    }

    #[test]
    fn each_address_can_be_set() {
        let config = Config::from_settings(Settings {
            token_url: Some("https://app.example/api/token?app=1".into()),
            ..settings("https://hub.example")
        })
        .expect("a config");
        assert_eq!(config.token_url(), "https://app.example/api/token?app=1");
        assert_eq!(config.endpoints.socket_url, "wss://hub.example/v1");
        let both = Config::from_settings(Settings {
            token_url: Some("https://app.example/token".into()),
            socket_url: Some("wss://socket.example/v1".into()),
            ..settings("unused")
        })
        .expect("no hub is needed");
        assert_eq!(both.endpoints.socket_url, "wss://socket.example/v1");
        assert_eq!(both.endpoints.api_url.as_deref(), None);
        assert_eq!(
            config.endpoints.api_url.as_deref(),
            Some("https://hub.example")
        );
        let api = both.with_api("https://api.example/v1").expect("an address");
        assert_eq!(
            api.endpoints.api_url.as_deref(),
            Some("https://api.example/v1")
        );
    }

    #[test]
    fn empty_settings_count_as_absent() {
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
    fn kiosk_is_one_or_true() {
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
    fn a_slot_has_a_panel_or_less_space() {
        let slot = |panel: &str, compact: &str| {
            let config = Config::from_settings(Settings {
                panel: Some(panel.into()),
                compact: Some(compact.into()),
                ..settings("http://h")
            });
            config.expect("a config").slot().clone()
        };
        let panel = Some("errorRate".to_owned());
        assert_eq!(slot("", ""), Slot::default());
        assert_eq!(slot("", "0"), Slot::default());
        let compact = true;
        assert_eq!(slot("errorRate", "1"), Slot { panel, compact });
    }

    #[test]
    fn an_error_names_the_setting_and_the_rule() {
        let error = |settings| {
            Config::from_settings(settings)
                .expect_err("an invalid setting")
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
        fn any_hub_address_is_accepted_or_refused(hub in "(https?://)?\\PC*") {
            let _ = Config::for_hub(&hub);
        }
    }
}
