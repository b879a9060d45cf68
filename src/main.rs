//! The app: picks the renderer, reads the settings and launches the dashboard.

#[cfg(feature = "desktop")]
mod desktop;
#[cfg(all(feature = "web", not(feature = "desktop")))]
mod web;

#[cfg(all(feature = "web", not(feature = "desktop")))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// In a browser, settings come from the page's address. The page shows what is
/// wrong with them. Dioxus' own renderer reloads changed code while developing.
#[cfg(all(feature = "web", not(feature = "desktop")))]
fn main() {
    use dioxus::prelude::*;
    use live_dashboard::app::misconfigured;
    use live_dashboard::config::ConfigError;
    use live_dashboard::feed::HeadStart;
    use live_dashboard::{Config, Dashboard};

    fn app() -> Element {
        match use_context::<Result<Config, ConfigError>>() {
            Ok(config) => rsx! {
                Dashboard { config, owns_page: true, head_start: use_context::<Option<HeadStart>>() }
            },
            Err(problem) => misconfigured(&problem),
        }
    }

    let tree = |head_start: Option<HeadStart>| {
        VirtualDom::new(app)
            .with_root_context(Config::from_page_url())
            .with_root_context(head_start)
    };
    if cfg!(debug_assertions) {
        dioxus::web::launch::launch_virtual_dom(tree(None), dioxus::web::Config::new());
    } else {
        let head_start = HeadStart::of_page();
        web::launch(head_start.is_some(), || tree(head_start.clone()));
    }
}

/// On a desktop, settings come from the command line, the environment and a
/// file; without a hub's address, a form asks for it.
#[cfg(feature = "desktop")]
fn main() -> anyhow::Result<()> {
    desktop::main()
}

#[cfg(not(any(feature = "web", feature = "desktop")))]
fn main() -> std::process::ExitCode {
    eprintln!(
        "live-dashboard was built without a renderer. Build the desktop app with `--features \
         desktop`, or the page with `--features web --target wasm32-unknown-unknown`."
    );
    std::process::ExitCode::FAILURE
}
