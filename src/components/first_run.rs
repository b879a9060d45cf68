//! The form that asks which hub to watch, if none is configured.

use dioxus::prelude::*;

use crate::components::Theme;

/// The form's values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstRunAnswers {
    /// The hub's address.
    pub hub: String,
    /// The dashboard's name; empty for the hub's default one.
    pub dashboard: String,
    /// The colour scheme; the system's when `None`.
    pub theme: Option<Theme>,
}

/// Asks for the hub's address, the dashboard and the theme.
#[component]
pub fn FirstRun(
    /// The initial values.
    answers: FirstRunAnswers,
    /// What is wrong with the last answers, as a sentence.
    problem: Option<String>,
    /// Whether the last answers are being checked.
    checking: bool,
    /// Called with the answers.
    on_submit: EventHandler<FirstRunAnswers>,
    /// Called when the viewer cancels; `None` if there is nothing to go back to.
    on_cancel: Option<EventHandler<()>>,
) -> Element {
    let theme = answers.theme;
    // Given to the page once and never read in a render, which would overwrite
    // what the viewer types meanwhile.
    let mut given = use_hook(|| CopyValue::new(answers));
    let initial = use_hook(|| given.cloned());
    let chosen = initial.theme;
    rsx! {
        main { class: "live-dashboard", "data-theme": theme.map(Theme::as_str),
            form {
                class: "first-run",
                onsubmit: move |event| {
                    event.prevent_default();
                    if !checking {
                        on_submit.call(given.cloned());
                    }
                },
                h1 { "Live Dashboard" }
                p { "Which hub do you want to watch? Whoever runs it knows its address." }
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
                            // If it fails, the viewer clicks into the field.
                            let _ = field.set_focus(true).await;
                        },
                        required: true,
                        "aria-invalid": problem.is_some(),
                        "aria-describedby": problem.is_some().then_some("first-run-problem"),
                        oninput: move |event| given.write().hub = event.value().trim().to_owned(),
                    }
                }
                label {
                    span { "Dashboard" }
                    input {
                        name: "dashboard",
                        initial_value: "{initial.dashboard}",
                        placeholder: "default",
                        autocapitalize: "off",
                        spellcheck: "false",
                        oninput: move |event| {
                            given.write().dashboard = event.value().trim().to_owned();
                        },
                    }
                }
                label {
                    span { "Theme" }
                    select {
                        name: "theme",
                        oninput: move |event| given.write().theme = Theme::named(&event.value()),
                        option { value: "", initial_selected: chosen.is_none(), "Use system setting" }
                        option { value: "light", initial_selected: chosen == Some(Theme::Light), "Light" }
                        option { value: "dark", initial_selected: chosen == Some(Theme::Dark), "Dark" }
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
