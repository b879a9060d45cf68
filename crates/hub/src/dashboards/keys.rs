//! The keys of a layout's tables.

use live_dashboard_protocol::layout::PanelKind;

use crate::sources;

pub(super) const LAYOUT: &[&str] = &[
    "title",
    "viewers",
    "note",
    "channel",
    "stale_after",
    "max_fps",
    "time_zone",
    "source",
    "row",
    "stat",
    "chart",
    "gauge",
    "table",
    "list",
    "status",
    "timeline",
    "text",
    "clock",
    "alerts",
];
pub(super) const ROW: &[&str] = &["title"];
pub(super) const SERIES: &[&str] = &["key", "label"];
pub(super) const COLUMN: &[&str] = &["key", "label", "format", "unit", "decimals"];

/// The keys of a panel.
pub(super) fn of(kind: PanelKind) -> &'static [&'static str] {
    match kind {
        PanelKind::Stat => &[
            "key",
            "label",
            "format",
            "unit",
            "decimals",
            "better",
            "warning",
            "critical",
            "min_change",
            "span",
            "link",
        ],
        PanelKind::Chart => &[
            "title", "points", "kind", "format", "unit", "decimals", "better", "warning",
            "critical", "scale", "min", "max", "series", "span", "link",
        ],
        PanelKind::Gauge => &[
            "title", "key", "format", "unit", "decimals", "better", "warning", "critical", "min",
            "max", "span", "link",
        ],
        PanelKind::Table => &["title", "key", "columns", "sort", "limit", "span", "link"],
        PanelKind::List => &[
            "title", "key", "format", "unit", "decimals", "better", "warning", "critical", "limit",
            "span", "link",
        ],
        PanelKind::Status | PanelKind::Timeline => &[
            "title", "items", "states", "format", "unit", "decimals", "better", "warning",
            "critical", "span", "link",
        ],
        PanelKind::Text => &["title", "text", "key", "span", "link"],
        PanelKind::Clock | PanelKind::Alerts => &["title", "span", "link"],
    }
}

/// The keys of a table by its name and that of the table around it; `None` if it is
/// not one of the layout's own.
pub(super) fn of_table(name: &str) -> Option<&'static [&'static str]> {
    match name {
        "source" => Some(sources::ALL_KEYS),
        "row" => Some(ROW),
        "series" | "items" => Some(SERIES),
        "columns" => Some(COLUMN),
        _ => {
            let kind = PanelKind::ALL.into_iter().find(|(known, _)| *known == name);
            kind.map(|(_, kind)| of(kind))
        }
    }
}
