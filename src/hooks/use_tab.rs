//! The page's title, and the icon in its tab.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use super::use_assessment::Assessed;
use super::{Feed, use_side_effect, use_value};
use crate::components::tab_icon;
use crate::model::{Connection, Notes, unseen};
use crate::platform;

/// If `enabled`, shows the connection, the health and the number of unseen alerts
/// in the tab, also while the page is hidden.
pub(crate) fn use_tab(feed: Feed, notes: Signal<Notes>, assessed: Assessed, enabled: bool) {
    // The newest alert while the page was visible.
    let mut seen = use_value(|| CopyValue::new(None::<String>));
    let mut shown = use_value(|| CopyValue::new(Shown::default()));
    use_side_effect(move || {
        if !enabled {
            return;
        }
        let model = feed.latest.read();
        if *model.must_choose() {
            platform::set_title("Dashboards");
            return;
        }
        let visible = *feed.visible.read();
        if visible && let Some(newest) = model.alerts().newest(1).first() {
            seen.set(Some(newest.id.clone()));
        }
        let unseen = match visible {
            true => 0,
            false => unseen(model.alerts(), &notes.read(), seen.read().as_deref()),
        };
        let title = title(model.layout(), model.connection(), unseen);
        let icon = tab_icon(*assessed.current.read(), unseen);
        let mut shown = shown.write();
        if shown.title != title {
            platform::set_title(&title);
            shown.title = title;
        }
        let now = platform::monotonic();
        if shown.icon != icon && now >= shown.next_icon_at {
            platform::set_icon(&icon);
            shown.icon = icon;
            shown.next_icon_at = now + ICON_PAUSE;
        }
    });
}

/// What the tab shows.
#[derive(Default)]
struct Shown {
    title: String,
    icon: String,
    /// When the icon may change again, in milliseconds by the monotonic clock.
    next_icon_at: f64,
}

/// The least time between two icons, in milliseconds: browsers decode each one
/// like a page.
const ICON_PAUSE: f64 = 3_000.0;

/// The page's title: the number of unseen alerts, a mark for whether it is live,
/// and the dashboard's title.
fn title(layout: &Layout, connection: &Connection, unseen: usize) -> String {
    let mark = match connection {
        Connection::Live => '●',
        _ => '○',
    };
    let unseen = match unseen {
        0 => String::new(),
        n => format!("({n}) "),
    };
    format!("{unseen}{mark} {}", layout.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_has_the_connection_state_and_the_unseen_count() {
        let layout = Layout::default();
        assert_eq!(title(&layout, &Connection::Live, 0), "● Live Dashboard");
        assert_eq!(
            title(&layout, &Connection::Connecting, 0),
            "○ Live Dashboard"
        );
        assert_eq!(title(&layout, &Connection::Live, 3), "(3) ● Live Dashboard");
    }
}
