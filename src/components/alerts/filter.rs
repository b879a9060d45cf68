//! Which alerts are listed.

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::message::Level;

use crate::model::{AlertEntry, Notes};

/// Which alerts are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Filter {
    /// All that are not muted.
    #[default]
    All,
    /// Those of one level that are not muted.
    Of(Level),
    /// Those that are muted.
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
    pub(super) fn matches(self, entry: &AlertEntry, notes: &Notes) -> bool {
        let muted = notes.is_muted(entry);
        match self {
            Self::All => !muted,
            Self::Of(level) => !muted && entry.alert.level == level,
            Self::Muted => muted,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Of(Level::Error) => "Errors",
            Self::Of(Level::Warning) => "Warnings",
            Self::Of(Level::Info) => "Info",
            Self::Muted => "Muted",
        }
    }
}

/// The switch between the filters. It always has all levels, with room for their
/// counts, so that no button moves under the pointer; the muted come last.
pub(super) fn filters(
    entries: &[Rc<AlertEntry>],
    notes: &Notes,
    mut filter: Signal<Filter>,
) -> Element {
    let current = *filter.read();
    let count = |of: Filter| {
        entries
            .iter()
            .filter(|entry| of.matches(entry, notes))
            .count()
    };
    let offered = Filter::ALL.into_iter().map(|of| (of, count(of)));
    rsx! {
        div { class: "switch", role: "group", "aria-label": "Filter by severity",
            for (of , count) in offered.filter(|(of, count)| *of != Filter::Muted || *count > 0 || *of == current) {
                button {
                    key: "{of.label()}",
                    r#type: "button",
                    "aria-pressed": (current == of).to_string(),
                    onclick: move |_| filter.set(of),
                    {of.label()}
                    span { class: "count", if count > 0 { " {count}" } }
                }
            }
        }
    }
}
