//! Picks the renderer, reads the config and launches the dashboard.

#[cfg(feature = "desktop")]
mod desktop;

/// In a browser, settings come from the page's address, and what is wrong with
/// them is shown on the page.
#[cfg(all(feature = "web", not(feature = "desktop")))]
fn main() {
    use dioxus::prelude::*;
    use live_dashboard::app::Misconfigured;
    use live_dashboard::config::ConfigError;
    use live_dashboard::{Config, Dashboard};

    fn app() -> Element {
        match use_context::<Result<Config, ConfigError>>() {
            Ok(config) => rsx! {
                Dashboard { config, owns_page: true }
            },
            Err(problem) => rsx! {
                Misconfigured { problem }
            },
        }
    }

    dioxus::LaunchBuilder::new()
        .with_context(Config::from_surroundings())
        .launch(app);
}

/// On a desktop, settings come from the command line, the environment and a
/// file, or a form asks for them.
#[cfg(feature = "desktop")]
fn main() -> anyhow::Result<()> {
    desktop::main()
}

#[cfg(not(any(feature = "web", feature = "desktop")))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!(
        "built without a renderer: build the desktop app with `--features desktop`, or the page \
         with `--features web --target wasm32-unknown-unknown`"
    )
}
