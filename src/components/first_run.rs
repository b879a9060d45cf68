//! What helps at first: the form that asks which hub to watch, shown while none is
//! configured, and the command that publishes a first message.

use dioxus::prelude::*;
use live_dashboard_protocol::json::quoted;
use live_dashboard_protocol::layout::{Format, Layout};
use live_dashboard_protocol::message::{ALERT, CHART_DATA, STATS_UPDATE};

use crate::components::Theme;

/// The form's values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstRunAnswers {
    /// The hub's address.
    pub hub: String,
    /// The dashboard's name; empty for the hub's default dashboard.
    pub dashboard: String,
    /// The colour scheme; the system setting if `None`.
    pub theme: Option<Theme>,
}

/// Asks for the hub's address, the dashboard and the theme.
#[component]
pub fn FirstRun(
    /// The initial values.
    answers: FirstRunAnswers,
    /// Why the last answers were rejected, as a sentence.
    problem: Option<String>,
    /// Whether the last answers are being checked.
    checking: bool,
    /// Called with the answers.
    on_submit: EventHandler<FirstRunAnswers>,
    /// Called when the viewer cancels. `None` hides the Cancel button.
    on_cancel: Option<EventHandler<()>>,
) -> Element {
    let theme = answers.theme;
    // The fields are uncontrolled: a redraw must not overwrite what the viewer
    // is typing.
    let mut current = use_hook(|| CopyValue::new(answers));
    let initial = use_hook(|| current.cloned());
    rsx! {
        main { class: "live-dashboard", "data-theme": theme.map(Theme::as_str),
            form {
                class: "first-run",
                onsubmit: move |event| {
                    event.prevent_default();
                    if !checking {
                        on_submit.call(current.cloned());
                    }
                },
                h1 { "Live Dashboard" }
                p { "Which hub do you want to watch? Its administrator can tell you the address." }
                label {
                    span { "Hub address" }
                    input {
                        name: "hub",
                        initial_value: "{initial.hub}",
                        placeholder: "https://hub.example",
                        inputmode: "url",
                        autocomplete: "url",
                        autocapitalize: "off",
                        spellcheck: "false",
                        onmounted: move |field| async move {
                            // Without focus the viewer clicks into the field.
                            let _ = field.set_focus(true).await;
                        },
                        required: true,
                        "aria-invalid": problem.is_some(),
                        "aria-describedby": problem.is_some().then_some("first-run-problem"),
                        oninput: move |event| current.write().hub = event.value().trim().to_owned(),
                    }
                }
                label {
                    span { "Dashboard" }
                    input {
                        name: "dashboard",
                        initial_value: "{initial.dashboard}",
                        placeholder: "The hub's default",
                        autocapitalize: "off",
                        spellcheck: "false",
                        oninput: move |event| {
                            current.write().dashboard = event.value().trim().to_owned();
                        },
                    }
                }
                label {
                    span { "Theme" }
                    select {
                        name: "theme",
                        oninput: move |event| current.write().theme = Theme::named(&event.value()),
                        option { value: "", initial_selected: initial.theme.is_none(), "Use system setting" }
                        option { value: "light", initial_selected: initial.theme == Some(Theme::Light), "Light" }
                        option { value: "dark", initial_selected: initial.theme == Some(Theme::Dark), "Dark" }
                    }
                }
                p { class: "problem", id: "first-run-problem", role: "alert",
                    if let Some(problem) = &problem {
                        "{problem}"
                    }
                }
                div { class: "actions",
                    if let Some(on_cancel) = on_cancel {
                        button {
                            r#type: "button",
                            class: "secondary",
                            onclick: move |_| on_cancel.call(()),
                            "Cancel"
                        }
                    }
                    button { r#type: "submit", "aria-busy": checking,
                        if checking {
                            "Connecting …"
                        } else {
                            "Connect"
                        }
                    }
                }
            }
        }
    }
}

/// The command that publishes a first message, for a shell; `None` if the layout's
/// channel is not known.
pub(super) fn command(layout: &Layout, hub: &str) -> Option<String> {
    let channel = quoted(layout.channel.as_deref()?);
    let series = layout.chart.iter().flat_map(|chart| &chart.series).next();
    let (event, data) = match (layout.stat.first(), series) {
        (Some(stat), _) => {
            let example = if stat.format == Format::Percent {
                "0.02"
            } else {
                "42"
            };
            (STATS_UPDATE, [&quoted(&stat.key), ":", example].concat())
        }
        (_, Some(series)) => {
            let time = "\"timestamp\":\u{1}$(date +%s)\u{1},";
            (CHART_DATA, [time, &quoted(&series.key), ":42"].concat())
        }
        _ => (ALERT, r#""level":"info","message":"Hello""#.to_owned()),
    };
    let body = format!(r#"{{"channel":{channel},"event":"{event}","data":{{{data}}}}}"#);
    // A quote ends the quoted text; the marks are where the time is inserted.
    let body = body.replace('\'', r"'\''").replace('\u{1}', "'");
    Some(format!(
        r#"curl {hub}/publish -H "Authorization: Bearer $KEY" -d '{body}'"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_publishes_what_the_layout_shows() {
        let layout = |rest: &str| {
            let json = format!(r#"{{"title":"T","channel":"it's"{rest}}}"#);
            let json = live_dashboard_protocol::json::Json::parse(&json).expect("JSON");
            Layout::from_json(&json).expect("a layout")
        };
        let start = r#"curl http://h:1/publish -H "Authorization: Bearer $KEY" -d '{"channel":"it'\''s","event":"#;
        for (rest, end) in [
            (
                r#","stat":[{"key":"users","label":"Users"}]"#,
                r#""stats-update","data":{"users":42}}'"#,
            ),
            (
                r#","stat":[{"key":"rate","label":"Rate","format":"percent"}]"#,
                r#""stats-update","data":{"rate":0.02}}'"#,
            ),
            (
                r#","chart":[{"title":"C","series":[{"key":"jobs"}]}]"#,
                r#""chart-data","data":{"timestamp":'$(date +%s)',"jobs":42}}'"#,
            ),
            ("", r#""alert","data":{"level":"info","message":"Hello"}}'"#),
        ] {
            let command = command(&layout(rest), "http://h:1");
            assert_eq!(command, Some(format!("{start}{end}")), "{rest}");
        }
        assert_eq!(command(&Layout::default(), "http://h:1"), None);
    }
}
