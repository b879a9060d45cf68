//! The order of a layout's panels: that of its file.

use std::ops::Range;

use live_dashboard_protocol::layout::{Layout, Panel, PanelKind, PanelRef, Row};
use toml::de::{DeTable, DeValue};

/// The most panels of one kind that share a row if the file has no rows.
const SIDE_BY_SIDE: usize = 4;

/// Fills the rows with the panels that follow them in the file.
///
/// Without rows, a layout of cards and charts has none, and the page arranges it. One
/// with other panels has a row for each group of a kind, and the alerts at the end.
pub(super) fn arrange(layout: &mut Layout, file: &DeTable<'_>) {
    let panels = in_order(file);
    if !layout.row.is_empty() {
        let mut starts = starts(file, "row");
        starts.push(usize::MAX);
        for (n, row) in layout.row.iter_mut().enumerate() {
            let own = starts[n]..starts[n + 1];
            let panels = panels.iter().filter(|(start, _)| own.contains(start));
            row.panels = panels.map(|(_, panel)| *panel).collect();
        }
    } else if layout
        .all_panels()
        .any(|(kind, _)| kind != PanelKind::Alerts)
    {
        let panels: Vec<_> = panels.into_iter().map(|(_, panel)| panel).collect();
        for group in panels.chunk_by(|a, b| a.kind == b.kind) {
            let rows = group.len().div_ceil(SIDE_BY_SIDE);
            layout
                .row
                .extend(group.chunks(group.len().div_ceil(rows)).map(|panels| Row {
                    panels: panels.to_vec(),
                    ..Row::default()
                }));
        }
        if layout.alerts.is_empty() {
            layout.alerts.push(Panel::default());
            let (kind, index) = (PanelKind::Alerts, 0);
            layout.row.push(Row {
                panels: vec![PanelRef { kind, index }],
                ..Row::default()
            });
        }
    }
}

/// Where the first panel is if it precedes all rows, so that no row has it.
pub(super) fn before_rows(file: &DeTable<'_>) -> Option<usize> {
    let first_row = *starts(file, "row").first()?;
    let (start, _) = *in_order(file).first()?;
    (start < first_row).then_some(start)
}

/// All panels and where they begin, in the order of the file.
fn in_order(file: &DeTable<'_>) -> Vec<(usize, PanelRef)> {
    let mut panels: Vec<_> = PanelKind::ALL
        .into_iter()
        .flat_map(|(name, kind)| {
            let starts = starts(file, name).into_iter().enumerate();
            starts.map(move |(index, start)| (start, PanelRef { kind, index }))
        })
        .collect();
    panels.sort_by_key(|(start, _)| *start);
    panels
}

/// Where the tables of an array begin.
fn starts(file: &DeTable<'_>, name: &str) -> Vec<usize> {
    let Some(DeValue::Array(tables)) = file.get(name).map(|array| array.get_ref()) else {
        return Vec::new();
    };
    let starts = tables.iter().map(|table| table.span());
    starts.map(|Range { start, .. }| start).collect()
}
