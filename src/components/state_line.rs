//! The dashboard's health along the top edge, as word, icon, colour and pattern.

use dioxus::prelude::*;

use crate::components::icon::{Shape, icon};
use crate::model::format::Locale;
use crate::model::health::{Assessment, Health, Reason};

/// How many reasons are listed; of more, their number is.
const MAX_REASONS: usize = 3;

/// The dashboard's health, the reasons for it, and the time.
#[component]
pub fn StateLine(
    assessment: ReadSignal<Assessment>,
    /// The dashboard's title, if nothing else shows it.
    #[props(default)]
    title: Option<String>,
    /// The details of a state that has no reasons.
    #[props(default)]
    detail: ReadSignal<Option<String>>,
    /// The time by the dashboard's clock.
    clock: ReadSignal<String>,
    locale: Locale,
) -> Element {
    let assessment = assessment.read();
    let state = assessment.health.as_str();
    let (shape, word) = match assessment.health {
        Health::Waiting => (Shape::Busy, "Waiting"),
        Health::Ok => (Shape::Check, "All systems OK"),
        Health::Warning => (Shape::Warning, "Warning"),
        Health::Critical => (Shape::Error, "Critical"),
        Health::Stale => (Shape::Clock, "Stale"),
        Health::Disconnected => (Shape::Refused, "Disconnected"),
    };
    let reasons = reasons(&assessment, &locale);
    rsx! {
        div { class: "state", "data-state": state,
            if let Some(title) = title {
                h1 { class: "state-title", dir: "auto", "{title}" }
            }
            p { class: "state-word",
                {icon(shape)}
                strong { "{word}" }
            }
            // A new element for each state: a word of another length is not a
            // layout shift.
            for state in [state] {
                p { key: "{state}", class: "state-detail", dir: "auto",
                    if reasons.is_empty() {
                        {detail()}
                    } else {
                        "{reasons}"
                    }
                }
            }
            Clock { clock }
        }
    }
}

/// A component, so that a passing minute runs nothing else.
#[component]
fn Clock(clock: ReadSignal<String>) -> Element {
    rsx! {
        span { class: "state-clock", "{clock}" }
    }
}

fn reasons(assessment: &Assessment, locale: &Locale) -> String {
    let reasons = &assessment.reasons;
    let listed = reasons.iter().take(MAX_REASONS).map(|reason| match reason {
        Reason::Value {
            label,
            format,
            value,
        } => format!("{label} {}", locale.value(*format, *value)),
        Reason::Alert(message) => message.clone(),
    });
    let mut listed: Vec<_> = listed.collect();
    let more = reasons.len().saturating_sub(MAX_REASONS);
    if more > 0 {
        listed.push(format!("{more} more"));
    }
    listed.join(" · ")
}
