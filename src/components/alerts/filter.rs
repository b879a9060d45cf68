//! Which of the alerts are listed.

use dioxus::prelude::*;
use live_dashboard_protocol::payload::Level;

use crate::model::{AlertEntry, Notes};

/// Which alerts are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Filter {
    /// All but the muted.
    #[default]
    All,
    /// Those of one level, other than the muted.
    Of(Level),
    /// The muted.
    Muted,
}

impl Filter {
    const ALL: [Self; 5] = [
        Self::All,
        Self::Of(Level::Error),
        Self::Of(Level::Warning),
        Self::Of(Level::Info),
        Self::Muted,
    ];

    /// Whether an alert is listed.
    pub(super) fn lets(self, entry: &AlertEntry, notes: &Notes) -> bool {
        let muted = notes.is_muted(entry);
        match self {
            Self::All => !muted,
            Self::Of(level) => !muted && entry.alert.level == level,
            Self::Muted => muted,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Of(Level::Error) => "Errors",
            Self::Of(Level::Warning) => "Warnings",
            Self::Of(Level::Info) => "Info",
            Self::Muted => "Muted",
        }
    }
}

/// The switch between the filters. The severities stand there from the first
/// alert on, with room for their counts, so that none moves under the pointer
/// when another one has its first; the muted come last.
pub(super) fn filters(
    entries: &[AlertEntry],
    notes: &Notes,
    mut filter: Signal<Filter>,
) -> Element {
    let count = |of: Filter| entries.iter().filter(|entry| of.lets(entry, notes)).count();
    let offered = Filter::ALL.into_iter().map(|of| (of, count(of)));
    rsx! {
        div { class: "switch", role: "group", "aria-label": "Filter by severity",
            for (of , count) in offered.filter(|(of, count)| *of != Filter::Muted || *count > 0 || *of == filter()) {
                button {
                    key: "{of.word()}",
                    r#type: "button",
                    "aria-pressed": (filter() == of).to_string(),
                    onclick: move |_| filter.set(of),
                    {of.word()}
                    span { class: "count", if count > 0 { " {count}" } }
                }
            }
        }
    }
}
