//! The form that asks which hub to watch, shown while none is configured.

use dioxus::prelude::*;

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
