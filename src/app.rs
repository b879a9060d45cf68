//! Where hooks meet components.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::components::{
    DashboardIndex, DashboardView, Looking, STYLES, Setting, Ways, Wishes, tab_icon,
};
use crate::config::{Config, ConfigError};
use crate::hooks::{
    ViewerNotes, use_alerts, use_chart_history, use_connection, use_dashboards, use_escape,
    use_feed, use_freshness, use_layout, use_locale, use_newer_page, use_news, use_notes, use_now,
    use_second_chance, use_stats, use_theme, use_unseen, use_visibility, use_wake_lock,
};
use crate::model::state::assess;
use crate::model::{AlertEntry, Connection, Notes};
use crate::platform;

/// A live dashboard of one hub. It keeps a connection for as long as it is
/// there.
#[component]
pub fn Dashboard(
    /// Which hub, and how it looks.
    config: Config,
    /// Whether the page is the dashboard's own, so that it sets its title and
    /// its icon.
    #[props(default)]
    owns_page: bool,
) -> Element {
    let theme = use_theme(config.theme());
    let kiosk = config.kiosk();
    // Where an address leads from one dashboard to another, nothing is picked.
    let mut picked = use_signal(|| None);
    let config = match picked() {
        Some(dashboard) => config.showing(dashboard),
        None => config,
    };
    let may_choose = owns_page && !kiosk;
    let config = match may_choose {
        true => config.with_choice(),
        false => config,
    };
    let kept = use_notes(&config);
    let feed = use_feed(config);
    let layout = use_layout(feed);
    let stats = use_stats(feed);
    let history = use_chart_history(feed);
    let alerts = use_alerts(feed);
    let connection = use_connection(feed);
    let (dashboards, choosing) = use_dashboards(feed);
    let newer_page = use_newer_page(feed);
    let now = use_now();
    let freshness = use_freshness(feed, now);
    let locale = use_locale(layout.time_zone.clone());
    let notes = kept.read();
    let fresh = {
        let (title, notes) = (layout.title.clone(), notes.clone());
        let live = connection == Connection::Live;
        use_news(&alerts, &notes.clone(), live, now, move |entry| {
            ring(&title, &notes, &entry);
        })
    };
    let unseen = use_unseen(&alerts, &notes, use_visibility());
    use_wake_lock(kiosk);
    use_second_chance(
        feed,
        kiosk && matches!(connection, Connection::Refused { .. }),
    );
    if kiosk && newer_page {
        platform::reload();
    }
    let assessment = assess(
        &layout,
        &stats,
        &history,
        (&alerts, &notes),
        &connection,
        freshness,
        now,
    );
    let on = use_hook(|| wishes(kept));
    let mut looking = use_hook(|| Looking {
        cursor: Signal::new(None),
        menu: Signal::new(false),
    });
    use_escape(move || {
        looking.cursor.set(None);
        looking.menu.set(false);
    });
    let styles = use_styles();
    let ways = use_hook(|| Ways {
        query: platform::other_settings(),
        go: EventHandler::new(move |dashboard| picked.set(Some(dashboard))),
    });
    if choosing {
        platform::set_title("Dashboards");
        return rsx! {
            {styles}
            DashboardIndex { dashboards, ways, theme }
        };
    }
    if owns_page {
        platform::set_title(&title(&layout, &connection, unseen));
        platform::set_icon(&tab_icon(assessment.state, unseen));
    }
    rsx! {
        {styles}
        DashboardView {
            ways: (may_choose && dashboards.len() > 1).then_some(ways),
            layout,
            stats,
            history,
            alerts,
            fresh,
            connection,
            freshness,
            assessment,
            notes,
            newer_page,
            now,
            locale,
            theme,
            kiosk,
            looking,
            on,
        }
    }
}

/// Makes an error heard and seen, as far as the viewer has switched that on.
fn ring(title: &str, notes: &Notes, entry: &AlertEntry) {
    if notes.notify {
        let tag = entry.alert.key.as_ref().unwrap_or(&entry.id);
        platform::notify(title, &entry.alert.message, tag);
    }
    if notes.sound {
        platform::chime();
    }
}

/// Does what the viewer wants.
fn wishes(kept: ViewerNotes) -> Wishes {
    Wishes {
        notes: EventHandler::new(move |notes| kept.keep(notes)),
        mute: EventHandler::new(move |notes| {
            kept.keep(notes);
            // With the line the focus would go to the page's beginning.
            platform::focus(".live-dashboard .alerts");
        }),
        set: EventHandler::new(move |(setting, on)| {
            spawn(set(kept, setting, on));
        }),
        copy: EventHandler::new(|text: String| platform::copy(&text)),
        reload: EventHandler::new(|()| platform::reload()),
    }
}

/// Switches a setting, as far as the viewer's system allows it.
async fn set(kept: ViewerNotes, setting: Setting, on: bool) {
    match setting {
        Setting::Sound => {
            if on {
                // What it sounds like; and a browser wants a click before it
                // lets a page sound at all.
                platform::chime();
            }
            let mut notes = kept.read();
            notes.sound = on;
            kept.keep(notes);
        }
        Setting::Notifications => {
            // On at once, as the viewer sees it, and off again where the
            // answer is no.
            let mut notes = kept.read();
            notes.notify = on;
            kept.keep(notes);
            if on && !platform::may_notify().await {
                let mut notes = kept.read();
                notes.notify = false;
                kept.keep(notes);
            }
        }
    }
}

/// The page in place of a dashboard whose settings are broken: it says which,
/// and what the rule is.
#[component]
pub fn Misconfigured(problem: ConfigError) -> Element {
    let styles = use_styles();
    rsx! {
        {styles}
        main { class: "live-dashboard",
            div { class: "page",
                div { class: "notice", role: "alert", "data-tone": "error",
                    div { class: "notice-text",
                        p { strong { "This dashboard cannot be shown" } }
                        p { "{problem}." }
                    }
                }
            }
        }
    }
}

/// The stylesheet: the page adopts it, or else it is an element to draw.
fn use_styles() -> Option<Element> {
    let adopted = use_hook(|| platform::adopt_stylesheet(STYLES));
    (!adopted).then(|| {
        rsx! {
            style { dangerous_inner_html: STYLES }
        }
    })
}

/// The page's title: how many alerts were missed, whether it is live, and of
/// what.
fn title(layout: &Layout, connection: &Connection, unseen: usize) -> String {
    let mark = match connection {
        Connection::Live => '●',
        _ => '○',
    };
    let missed = match unseen {
        0 => String::new(),
        n => format!("({n}) "),
    };
    format!("{missed}{mark} {}", layout.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_tells_whether_it_is_live_and_what_was_missed() {
        let layout = Layout::default();
        assert_eq!(title(&layout, &Connection::Live, 0), "● Live Dashboard");
        assert_eq!(
            title(&layout, &Connection::Connecting, 0),
            "○ Live Dashboard"
        );
        assert_eq!(title(&layout, &Connection::Live, 3), "(3) ● Live Dashboard");
    }
}
