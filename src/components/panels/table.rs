//! Rows of a list of objects.

use dioxus::prelude::*;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::Column;

use super::{Content, Scene};
use crate::components::chart::number;
use crate::model::format::{Locale, word};
use crate::model::table::{columns, rows};
use crate::model::trend::Severity;

pub(super) fn table(scene: &Scene) -> Content {
    scene.value(|value| {
        let columns = columns(scene.panel, value);
        let (rows, more) = rows(scene.panel, value);
        let keys: Vec<_> = columns.iter().map(|column| column.key.clone()).collect();
        let mut data = keys.join("\t");
        for row in &rows {
            let cells: Vec<_> = keys.iter().map(|key| machine_text(row.get(key))).collect();
            data = data + "\n" + &cells.join("\t");
        }
        let content = rsx! {
            div { class: "data-rows", tabindex: "0", role: "region", "aria-label": "{scene.panel.title}: rows",
                table {
                    thead {
                        tr {
                            for column in &columns {
                                th {
                                    scope: "col",
                                    class: text_class(rows.first().map_or(&Json::Null, |row| row.get(&column.key))),
                                    bdi { "{column.label()}" }
                                }
                            }
                        }
                    }
                    tbody {
                        for row in &rows {
                            tr {
                                for column in &columns {
                                    {cell(row.get(&column.key), column, scene.locale)}
                                }
                            }
                        }
                    }
                }
            }
            {and_more(more)}
        };
        (Severity::Ok, content, data)
    })
}

fn cell(value: &Json, column: &Column, locale: &Locale) -> Element {
    let text = match value.number() {
        Some(number) => locale.value(&column.notation(), number),
        None => word(value),
    };
    rsx! {
        // Beside an element of its own, the text's direction would move it to the other edge.
        td { class: text_class(value), bdi { "{text}" } }
    }
}

/// Numbers are at the end of their column, all else at the start.
fn text_class(value: &Json) -> Option<&'static str> {
    value.number().is_none().then_some("cell-text")
}

fn machine_text(value: &Json) -> String {
    value.number().map_or_else(|| value.word(), number)
}

/// How many rows are not shown.
pub(super) fn and_more(more: usize) -> Element {
    rsx! {
        if more > 0 {
            p { class: "rest", "and {more} more" }
        }
    }
}
