//! The desktop app: windows around the one dashboard.
//!
//! - [`desk`]: the windows of the process, and what they share.
//! - [`window`]: how one of them looks.
//! - [`root`]: what one of them shows: the form, the dashboard, About.
//! - [`ask`]: which hub, where nobody has said so yet.
//! - [`command`]: what the viewer may ask of a window, by [`keys`] or by
//!   [`menu`].
//! - [`guard`]: a window that no longer draws is replaced.
//! - [`surface`]: title, attention and notifications, for the dashboard.

mod ask;
mod command;
mod desk;
mod guard;
mod keys;
mod menu;
mod root;
mod surface;
mod window;

use std::time::Duration;

use anyhow::Context;
use live_dashboard::Config;
use live_dashboard::platform::desktop::instance::{self, Claim};
use live_dashboard::platform::desktop::start::Start;
use live_dashboard::platform::desktop::{say_goodbye, surface as platform_surface};

use self::desk::Desk;

/// What the app is called wherever its name is seen.
const NAME: &str = "Live Dashboard";

/// How long the end may be put off for the hub to hear of it.
const PARTING: Duration = Duration::from_secs(3);

/// Opens the first window, or asks the app that runs already for it.
pub(crate) fn main() -> anyhow::Result<()> {
    dioxus::logger::initialize_default();
    let start = Start::read();
    Config::from_settings(start.settings.clone()).context("the settings are broken; see --help")?;
    let Claim::First(first) = instance::claim(&start) else {
        return Ok(());
    };
    platform_surface::install(&surface::Window);
    let (dom, config) = Desk::new(first).first_window(start);
    dioxus::desktop::launch::launch_virtual_dom(dom, config);
}

/// Lets the sockets of windows that were closed say goodbye, before the
/// process ends.
fn part() {
    let (said, hear) = std::sync::mpsc::channel();
    tokio::spawn(async move {
        say_goodbye().await;
        let _ = said.send(());
    });
    let _ = hear.recv_timeout(PARTING);
}
