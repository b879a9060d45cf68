//! The top of the page.

use dioxus::prelude::*;

use crate::components::buttons::ask;
use crate::components::dashboard_index::{Navigation, dashboard_link};
use crate::components::icon::{Shape, icon};
use crate::components::settings::settings;
use crate::components::{ActionHandler, ConnectionBadge, Reactive};
use crate::model::{Action, Connection, Notes, Range, Reach, Unshown};

/// The dashboard's title and note, the connection, which messages could not be shown in
/// full, and what the viewer can set.
#[component]
pub fn Header(
    title: String,
    /// A remark on the data, such as "Demo data".
    note: Option<String>,
    /// The way to the other dashboards, if there are several.
    navigation: Option<Navigation>,
    unshown: Reactive<Unshown>,
    connection: Reactive<Connection>,
    /// The viewer's clock: milliseconds since the Unix epoch.
    now: Signal<f64>,
    notes: Signal<Notes>,
    /// How far back the hub's stored points reach.
    reach: Reactive<Reach>,
    /// Whether the settings menu is open.
    menu: Signal<bool>,
    /// Whether there is a chart to choose a range for.
    has_charts: bool,
    on_action: ActionHandler,
) -> Element {
    let (notes, reach) = (notes.read(), reach.read().seconds);
    let unshown = unshown.read();
    // Until another mistake is made.
    let mut hidden = use_signal(|| 0);
    let reasons = unshown.reasons();
    rsx! {
        header { class: "top",
            h1 { dir: "auto", "{title}" }
            if let Some(note) = note {
                span { class: "note", dir: "auto", "{note}" }
            }
            // Last in its row, where it does not move anything when it appears.
            if let Some(navigation) = navigation {
                {dashboard_link(None, navigation, Some("to-index"), rsx! { "All dashboards" })}
            }
            // Not a live region: a publisher that repeats a mistake would be announced again
            // and again.
            if reasons != *hidden.read() {
                details { class: "unshown",
                    summary { title: "Messages that could not be shown in full",
                        {icon(Shape::Warning)}
                        {unshown.count().to_string()}
                    }
                    div { class: "menu",
                        p { dir: "auto",
                            {unshown_text(&unshown)}
                            // Keys and words of the protocol are in backticks.
                            for (n , part) in unshown.reason().split('`').enumerate() {
                                if n % 2 == 1 {
                                    code { "{part}" }
                                } else {
                                    "{part}"
                                }
                            }
                        }
                        button {
                            r#type: "button",
                            class: "quiet",
                            onclick: move |_| hidden.set(reasons),
                            "Hide"
                        }
                    }
                }
            }
            div { class: "controls",
                ConnectionBadge { connection, now }
                if has_charts {
                    div { class: "switch", role: "group", "aria-label": "Chart range",
                        for range in Range::ALL.into_iter().filter(|range| range.is_within(reach)) {
                            button {
                                r#type: "button",
                                "aria-pressed": (range == notes.range).to_string(),
                                onclick: ask(on_action, Action::SetRange(range)),
                                bdi { {range.as_str()} }
                            }
                        }
                    }
                }
                {settings(menu, &notes, on_action)}
            }
        }
    }
}

fn unshown_text(unshown: &Unshown) -> String {
    let messages = match unshown.count() {
        1 => " message",
        ..100 => " messages",
        _ => " or more messages",
    };
    let count = unshown.count().to_string();
    [&count, messages, " could not be shown in full. Latest: "].concat()
}
