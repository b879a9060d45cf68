//! The states of several keys over time.

use dioxus::prelude::*;
use live_dashboard_protocol::limits::HISTORY_SECONDS;

use super::status::state_name;
use super::{Content, Scene, changing_word, empty};
use crate::components::chart::share;
use crate::model::format;
use crate::model::trend::{Severity, panel_severity};

/// A state from one time to another, in milliseconds since the Unix epoch.
struct Span {
    from: f64,
    to: f64,
    severity: Option<Severity>,
    word: String,
}

pub(super) fn timeline(scene: &Scene) -> Content {
    // It moves with the samples' pace: a picture of each second would be costly.
    let stats = scene.slices.samples.read();
    let now = *scene.slices.now.peek();
    let lines = scene.panel.labels().map(|(key, label)| {
        let mut spans: Vec<Span> = Vec::new();
        for (at, value) in stats.states(key) {
            let state = scene.word(value);
            if let Some(last) = spans.last_mut() {
                last.to = at;
                if last.word == state {
                    continue;
                }
            }
            let severity = panel_severity(scene.panel, value);
            spans.push(Span {
                from: at,
                to: at,
                severity,
                word: state,
            });
        }
        if let Some(last) = spans.last_mut() {
            last.to = now.max(last.to);
        }
        (label, spans)
    });
    let lines: Vec<_> = lines.collect();
    let all = || lines.iter().flat_map(|(_, spans)| spans);
    let oldest = all().fold(now, |oldest, span| oldest.min(span.from));
    if all().next().is_none() {
        return (Severity::Ok, empty(), String::new());
    }
    let start = oldest.max(now - HISTORY_SECONDS * 1000.0);
    let place = |at: f64| ((at - start) / (now - start).max(1.0)).clamp(0.0, 1.0);
    let current = lines.iter().filter_map(|(_, spans)| spans.last()?.severity);
    let worst = current.max().unwrap_or_default();
    let clock = |at: f64| scene.locale.times.clock(at, true);
    let mut data = String::new();
    for (label, spans) in &lines {
        for span in spans {
            let at = format::rfc3339(span.from);
            data = [&*data, label, "\t", &at, "\t", &span.word, "\n"].concat();
        }
    }
    let content = rsx! {
        ul { class: "lanes",
            for (label , spans) in &lines {
                li {
                    span { class: "lane-name", dir: "auto", "{label}" }
                    if let Some(last) = spans.last() {
                        {changing_word("lane-word", &last.word)}
                    }
                    svg { class: "lane", "aria-hidden": "true",
                        for span in spans.iter().filter(|span| span.to >= start) {
                            rect {
                                "data-severity": state_name(span.severity),
                                x: share(place(span.from)),
                                width: share(place(span.to) - place(span.from)),
                                height: "100%",
                                title { "{span.word} {clock(span.from)}" }
                            }
                        }
                    }
                }
            }
        }
        p { class: "ends", dir: "ltr",
            span { {clock(start)} }
            span { {clock(now)} }
        }
    };
    (worst, content, data)
}
