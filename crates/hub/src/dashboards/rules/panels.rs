//! The rules of panels that are neither cards nor charts, and of rows.

use std::collections::HashSet;

use live_dashboard_protocol::layout::{Layout, Panel, PanelKind};
use live_dashboard_protocol::limits::{
    MAX_ITEMS, MAX_PANELS, MAX_ROWS, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS, MAX_TEXT_CHARS, ROW_COLUMNS,
};

use super::Checks;

impl Checks {
    pub(super) fn panels(&mut self, layout: &Layout) {
        for (name, kind) in PanelKind::ALL {
            let most = match kind {
                PanelKind::Alerts => 1,
                _ => MAX_PANELS,
            };
            self.each(name, layout.panels(kind), most, |checks, panel| {
                checks.panel(kind, panel)
            });
        }
        if layout.all_panels().count() > MAX_PANELS {
            let rule =
                format!("a layout may have at most {MAX_PANELS} panels besides cards and charts");
            self.add_about_all(rule);
        }
    }

    pub(super) fn rows(&mut self, layout: &Layout) {
        self.each("row", &layout.row, MAX_ROWS, |checks, row| {
            if !row.title.is_empty() {
                checks.text("title", &row.title);
            }
            if !(1..=ROW_COLUMNS as usize).contains(&row.panels.len()) {
                let rule = format!("a row must have 1 to {ROW_COLUMNS} panels");
                checks.add_about_all(rule);
            }
        });
    }

    fn panel(&mut self, kind: PanelKind, panel: &Panel) {
        if kind == PanelKind::Gauge || !panel.title.is_empty() {
            self.text("title", &panel.title);
        }
        self.notation(&panel.notation());
        self.thresholds(panel.better, panel.warning, panel.critical);
        self.bounds(panel.min, panel.max);
        self.time_zone(panel.time_zone.as_deref());
        self.frame(panel.channel.as_deref(), panel.span, panel.link.as_deref());
        let key = panel.key.as_deref();
        match kind {
            PanelKind::Gauge | PanelKind::Table | PanelKind::List => {
                self.text("key", key.unwrap_or_default());
            }
            PanelKind::Status | PanelKind::Timeline => self.items(panel),
            PanelKind::Text => self.content(key, panel.text.as_deref()),
            PanelKind::Stat | PanelKind::Chart | PanelKind::Clock | PanelKind::Alerts => {}
        }
        if panel
            .limit
            .is_some_and(|limit| !(1..=MAX_TABLE_ROWS).contains(&limit))
        {
            self.add(
                "limit",
                format!("`limit` must be from 1 to {MAX_TABLE_ROWS}"),
            );
        }
        let mut keys = HashSet::new();
        self.each(
            "columns",
            &panel.columns,
            MAX_TABLE_COLUMNS,
            |checks, column| {
                checks.text("key", &column.key);
                if let Some(label) = &column.label {
                    checks.text("label", label);
                }
                checks.notation(&column.notation());
                checks.unique(&mut keys, column.key.clone(), "columns");
            },
        );
        let sort = panel
            .sort
            .as_deref()
            .unwrap_or_default()
            .trim_start_matches('-');
        if !sort.is_empty() && !keys.is_empty() && !keys.contains::<str>(sort) {
            self.add("sort", "`sort` must be the `key` of a column");
        }
    }

    fn items(&mut self, panel: &Panel) {
        if panel.items.is_empty() {
            self.add("items", "`items` must have at least one `{ key = \"…\" }`");
        }
        let mut keys = HashSet::new();
        self.each("items", &panel.items, MAX_ITEMS, |checks, item| {
            checks.text("key", &item.key);
            if let Some(label) = &item.label {
                checks.text("label", label);
            }
            checks.unique(&mut keys, item.key.clone(), "items");
        });
    }

    fn content(&mut self, key: Option<&str>, text: Option<&str>) {
        match (key, text) {
            (Some(key), None) => self.text("key", key),
            (None, Some(text)) if text.chars().count() > MAX_TEXT_CHARS => {
                let rule = format!("`text` must have at most {MAX_TEXT_CHARS} characters");
                self.add("text", rule);
            }
            (None, Some(_)) => {}
            _ => self.add_about_all("a text panel needs either `text` or `key`"),
        }
    }
}
