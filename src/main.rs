//! Picks the renderer, reads the config and launches the dashboard.

#[cfg(any(feature = "web", feature = "desktop"))]
mod root {
    //! The app around the one dashboard.

    use dioxus::prelude::*;
    use live_dashboard::app::Misconfigured;
    use live_dashboard::config::ConfigError;
    use live_dashboard::{Config, Dashboard};

    /// The dashboard, or what is wrong with its settings.
    pub(crate) fn app() -> Element {
        match use_context::<Result<Config, ConfigError>>() {
            Ok(config) => rsx! {
                Dashboard { config, owns_page: true }
            },
            Err(problem) => rsx! {
                Misconfigured { problem }
            },
        }
    }
}

/// In a browser, settings come from the page's address, and what is wrong with
/// them is shown on the page.
#[cfg(all(feature = "web", not(feature = "desktop")))]
fn main() {
    dioxus::LaunchBuilder::new()
        .with_context(live_dashboard::Config::from_surroundings())
        .launch(root::app);
}

/// On a desktop, settings come from the command line and the environment.
#[cfg(feature = "desktop")]
fn main() -> anyhow::Result<()> {
    use anyhow::Context;
    use dioxus::desktop::{Config, LogicalSize, WindowBuilder};
    use live_dashboard::config::ConfigError;

    let config = live_dashboard::Config::from_surroundings()
        .context("the settings are broken; see --help")?;
    let window = WindowBuilder::new()
        .with_title("Live Dashboard")
        .with_inner_size(LogicalSize::new(1200.0, 800.0));
    // What the page's skeleton does in a browser: the dashboard fills its
    // window.
    let head = "<style>html, body, #main { height: 100%; margin: 0; }</style>";
    dioxus::LaunchBuilder::new()
        .with_cfg(
            Config::new()
                .with_window(window)
                .with_menu(None)
                .with_custom_head(head.into()),
        )
        .with_context(Ok::<_, ConfigError>(config))
        .launch(root::app);
    Ok(())
}

#[cfg(not(any(feature = "web", feature = "desktop")))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!(
        "built without a renderer: build the desktop app with `--features desktop`, or the page \
         with `--features web --target wasm32-unknown-unknown`"
    )
}
