//! The command line and the environment; and of a page what has no
//! counterpart here.

use clap::Parser;

use crate::platform::Settings;

/// A live metrics dashboard: shows what a hub publishes, the moment it does.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The hub's address.
    #[arg(
        long,
        value_name = "URL",
        env = "LIVE_DASHBOARD_HUB",
        default_value = "http://127.0.0.1:8400"
    )]
    hub: String,
    /// The token endpoint's address, where it is not the hub's: with
    /// `--socket-url`, for a Hotsock installation.
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_TOKEN_URL")]
    token_url: Option<String>,
    /// The WebSocket's address, where it is not the hub's.
    #[arg(long, value_name = "URL", env = "LIVE_DASHBOARD_SOCKET_URL")]
    socket_url: Option<String>,
    /// The client API's address, where it is not the hub's
    #[arg(long, env = "LIVE_DASHBOARD_API_URL", value_name = "URL")]
    api_url: Option<String>,
    /// The dashboard to show; the hub's default one when absent.
    #[arg(long, value_name = "NAME", env = "LIVE_DASHBOARD_DASHBOARD")]
    dashboard: Option<String>,
    /// The colour scheme, `dark` or `light`; the system's when absent.
    #[arg(long, value_name = "THEME", env = "LIVE_DASHBOARD_THEME")]
    theme: Option<String>,
    /// The dashboard as a wall: large, without anything to touch.
    #[arg(long, env = "LIVE_DASHBOARD_KIOSK")]
    kiosk: bool,
}

/// The settings that the command line asks for, or else the environment.
/// Ends the process for `--help`, `--version` and what it does not know.
pub fn settings() -> Settings {
    let arguments = Arguments::parse();
    Settings {
        hub: arguments.hub,
        token_url: arguments.token_url,
        socket_url: arguments.socket_url,
        api_url: arguments.api_url,
        dashboard: arguments.dashboard,
        theme: arguments.theme,
        kiosk: arguments.kiosk.then(|| "1".into()),
    }
}

/// Without effect: the window's title is the renderer's.
pub fn set_title(_title: &str) {}

/// Without effect: there is no page to load anew.
pub fn reload() {}

/// Always `false`: a `style` element does.
pub fn adopt_stylesheet(_css: &'static str) -> bool {
    false
}

/// No page surrounds the window, so that it is told no theme.
pub struct ThemeMessages;

impl ThemeMessages {
    /// Listens to nothing.
    pub fn listen() -> Self {
        Self
    }

    /// Never comes.
    pub async fn next(&mut self) -> String {
        std::future::pending().await
    }
}

/// Writes one line to the log.
pub fn warn(line: &str) {
    tracing::warn!("{line}");
}
