//! The only place where hooks and components meet.

use dioxus::prelude::*;

use crate::components::{
    DashboardIndex, DashboardView, Navigation, STYLES, STYLES_ID, Slices, UiState,
};
use crate::config::{Config, ConfigError};
use crate::feed::HeadStart;
use crate::hooks::{
    ViewerNotes, use_alerts, use_assessment, use_chart_history, use_escape, use_feed_from,
    use_locale, use_new_alerts, use_notes, use_older_points, use_previous_stats,
    use_retry_after_refusal, use_rotation, use_side_effect, use_stats, use_tab, use_theme,
    use_value, use_wake_lock,
};
use crate::model::{Action, AlertEntry, Notes, csv};
use crate::platform;

/// A live dashboard of one hub. It keeps a connection while it is mounted.
///
/// It does not read what changes often: it passes signals on, and the panels
/// read them.
#[component]
pub fn Dashboard(
    /// Which hub, and how it looks.
    config: Config,
    /// Whether the page is the dashboard's own, so that it sets its title and
    /// its icon.
    #[props(default)]
    owns_page: bool,
    /// What the hub drew: the first draw is equal to it.
    head_start: Option<HeadStart>,
) -> Element {
    let drawn = head_start.as_ref();
    let (kiosk, slot) = (config.kiosk(), config.slot().clone());
    // The dashboard that was chosen on a page without an address to follow.
    let mut chosen = use_value(|| Signal::new(None));
    use_rotation(config.rotation().cloned(), chosen);
    let config = match chosen.cloned() {
        Some(dashboard) => config.showing(dashboard),
        None => config,
    };
    let named = config.dashboard().map(str::to_owned);
    // Whoever sees the hub's own page may be its publisher; there is no way to know.
    let publish_to = config
        .api_url()
        .filter(|_| owns_page && !platform::is_framed());
    let publish_to = publish_to.map(str::to_owned);
    let may_choose = owns_page && !kiosk;
    let configured_theme = config.theme();
    let config = match may_choose {
        true => config.with_choice(),
        false => config,
    };
    let viewer_notes = use_notes(&config, drawn.is_some());
    let theme = use_theme(configured_theme, viewer_notes);
    let notes = viewer_notes.signal();
    let feed = use_feed_from(config, drawn.cloned());
    let (stats, previous) = (use_stats(feed), use_previous_stats(feed));
    let (history, alerts) = (use_chart_history(feed), use_alerts(feed));
    let assessed = use_assessment(feed, notes);
    let locale = use_locale(feed, drawn.map(|drawn| drawn.snapshot.locale()));
    let new_alerts = use_new_alerts(feed, notes, move |entry| {
        ring(&feed.layout.peek().title, &notes.peek(), entry);
    });
    use_older_points(feed, viewer_notes);
    use_wake_lock(kiosk);
    use_retry_after_refusal(feed, kiosk);
    use_side_effect(move || {
        if kiosk && *feed.new_page_version.read() {
            platform::reload();
        }
    });
    use_tab(feed, notes, assessed, owns_page);
    let mut ui = use_value(UiState::default);
    use_escape(move || {
        ui.cursor.set(None);
        ui.menu.set(false);
    });
    let on_action = use_callback(move |action| perform(viewer_notes, action));
    let navigation = use_value(|| Navigation {
        query: platform::other_settings().filter(|_| owns_page),
        go: EventHandler::new(move |dashboard| chosen.set(Some(dashboard))),
    });
    let slices = Slices {
        layout: feed.layout,
        stats,
        samples: feed.samples,
        previous,
        history,
        alerts,
        new_alerts,
        unshown: feed.unshown,
        reach: feed.reach,
        connection: feed.connection,
        health: assessed.health,
        reasons: assessed.reasons,
        stale: assessed.stale,
        notes,
        now: feed.now,
        locale,
        newer_page: feed.new_page_version,
    };
    let dashboards = feed.dashboards.cloned();
    if *feed.must_choose.read() {
        return styled(rsx! {
            DashboardIndex { dashboards, unknown: named, navigation, theme }
        });
    }
    styled(rsx! {
        DashboardView {
            slices,
            theme,
            kiosk,
            slot,
            navigation: (may_choose && dashboards.len() > 1).then_some(navigation),
            publish_to,
            ui,
            on_action,
        }
    })
}

/// Sends a notification and plays a sound for an error, if the viewer wants them.
fn ring(title: &str, notes: &Notes, entry: &AlertEntry) {
    if notes.notify {
        let tag = entry.alert.key.as_ref().unwrap_or(&entry.id);
        platform::notify(title, &entry.alert.message, tag);
    }
    if notes.sound {
        platform::chime();
    }
}

/// Performs what the viewer asked for.
fn perform(notes: ViewerNotes, action: Action) {
    match &action {
        Action::Copy(text) => return platform::copy(text),
        Action::Save(title, text) => {
            return platform::save(&csv::file_name(title), &csv::from_tab_separated(text));
        }
        Action::Reload => return platform::reload(),
        _ => notes.apply(&action),
    }
    match action {
        // A sample. Also, browsers allow a page to play sound only after a click.
        Action::SetSound(true) => platform::chime(),
        Action::SetNotifications(true) => {
            spawn(async move {
                if !platform::may_notify().await {
                    notes.apply(&Action::SetNotifications(false));
                }
            });
        }
        // The line disappears, and with it the element that has the focus.
        Action::Mute(_) | Action::Unmute(_) => platform::focus(".live-dashboard .alerts"),
        _ => {}
    }
}

/// The page in place of a dashboard with an invalid setting: it tells which one,
/// and the rule.
pub fn misconfigured(problem: &ConfigError) -> Element {
    styled(rsx! {
        main { class: "live-dashboard",
            div { class: "page",
                div { class: "notice", role: "alert", "data-tone": "error",
                    div { class: "notice-text",
                        p { strong { "Invalid settings" } }
                        p { "{problem}." }
                    }
                }
            }
        }
    })
}

/// The content with its stylesheet, which the page has or adopts, or else an element
/// has.
fn styled(content: Element) -> Element {
    if cfg!(feature = "styles-in-html") {
        return content;
    }
    match platform::adopt_stylesheet(STYLES, STYLES_ID) {
        true => content,
        false => rsx! {
            style { dangerous_inner_html: STYLES }
            {content}
        },
    }
}
