//! The desktop app: windows around the dashboard.
//!
//! Start:
//! - [`launch`]: the command line and the environment; [`settings`]: the
//!   settings file, and what all three share.
//! - [`instance`]: one app per user, however often it is launched.
//! - [`shutdown`]: ends the process in order.
//!
//! Windows:
//! - [`manager`]: all windows of the process; [`heartbeat`] detects those that
//!   no longer draw.
//! - [`window`]: how a window looks; [`window_state`]: its size and position,
//!   remembered across launches.
//! - [`root`]: a window's content: the dashboard, or the [`form`] that asks for
//!   a hub.
//! - [`command`]: what a viewer can do, by [`keys`] or [`menu`].
//! - [`host`]: title, visibility and notifications, for the dashboard.
//!
//! [`files`] reads and writes TOML.

mod command;
mod files;
mod form;
mod heartbeat;
mod host;
mod instance;
mod keys;
mod launch;
mod manager;
mod menu;
mod root;
mod settings;
mod shutdown;
mod window;
mod window_state;

use anyhow::Context;
use live_dashboard::platform::desktop::install_host;

use self::host::WindowHost;
use self::launch::Launch;
use self::manager::WindowManager;

/// Opens the first window; or hands the launch to the app that runs already.
pub(crate) fn main() -> anyhow::Result<()> {
    dioxus::logger::initialize_default();
    let launch = Launch::read()?;
    launch.config().context("invalid settings; see --help")?;
    let Some(instance) = instance::acquire(&launch) else {
        return Ok(());
    };
    install_host(&WindowHost);
    let (dom, config) = WindowManager::new(instance, root::root).first_window(launch);
    dioxus::desktop::launch::launch_virtual_dom(dom, config);
}
