//! The state of the whole page along its top edge, told by word, icon, colour
//! and pattern.

use dioxus::prelude::*;

use crate::components::icon::{Icon, Shape};
use crate::model::format::Locale;
use crate::model::state::{Assessment, PageState, Reason};

/// How many reasons are named; of more, their number.
const REASONS: usize = 3;

/// The page's state, what it is owed to, and the time.
#[component]
pub fn StateLine(
    assessment: Assessment,
    /// The dashboard's name, where nothing else says it.
    #[props(default)]
    title: Option<String>,
    /// What is behind a state that has no reasons of its own.
    #[props(default)]
    detail: Option<String>,
    /// The time by the dashboard's clock.
    clock: String,
    locale: Locale,
) -> Element {
    let state = assessment.state;
    let (shape, word) = match state {
        PageState::Waiting => (Shape::Busy, "Waiting"),
        PageState::Well => (Shape::Check, "All well"),
        PageState::Warning => (Shape::Warning, "Warning"),
        PageState::Critical => (Shape::Error, "Critical"),
        PageState::Stale => (Shape::Clock, "Stale"),
        PageState::Disconnected => (Shape::Refused, "Disconnected"),
    };
    let reasons = reasons(&assessment, &locale);
    rsx! {
        div { class: "state", "data-state": state.as_str(),
            if let Some(title) = title {
                h1 { class: "state-title", dir: "auto", "{title}" }
            }
            p { class: "state-word",
                Icon { shape }
                strong { "{word}" }
            }
            // Another state has another paragraph: what stands beside a longer
            // word has not moved, it is new.
            for state in [state.as_str()] {
                p { key: "{state}", class: "state-detail", dir: "auto",
                    if reasons.is_empty() {
                        {detail.clone()}
                    } else {
                        "{reasons}"
                    }
                }
            }
            span { class: "state-clock", "{clock}" }
        }
    }
}

fn reasons(assessment: &Assessment, locale: &Locale) -> String {
    let named = assessment
        .reasons
        .iter()
        .take(REASONS)
        .map(|reason| match reason {
            Reason::Value {
                label,
                format,
                value,
            } => format!("{label} {}", locale.value(*format, *value)),
            Reason::Alert(message) => message.clone(),
        });
    let mut named: Vec<_> = named.collect();
    let more = assessment.reasons.len().saturating_sub(REASONS);
    if more > 0 {
        named.push(format!("{more} more"));
    }
    named.join(" · ")
}
