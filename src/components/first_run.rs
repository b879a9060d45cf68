//! The form that asks which hub, where nobody has said so yet.

use dioxus::prelude::*;

use crate::components::Theme;

/// What the form holds.
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
    /// What the form starts with.
    answers: FirstRunAnswers,
    /// What is wrong with the answers that were given last, as a sentence.
    problem: Option<String>,
    /// Whether the last answers are being checked.
    checking: bool,
    /// Called with the answers.
    on_submit: EventHandler<FirstRunAnswers>,
    /// Called when the viewer leaves all as it was; without it they cannot.
    on_cancel: Option<EventHandler<()>>,
) -> Element {
    let theme = answers.theme;
    // Only told to the page once, and not read while it is drawn: what is
    // typed meanwhile would be lost.
    let mut given = use_hook(|| CopyValue::new(answers));
    let begun = use_hook(|| given.cloned());
    let chosen = begun.theme;
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
                p { "Which hub shall be shown? Ask whoever runs it for its address." }
                label {
                    span { "The hub's address" }
                    input {
                        name: "hub",
                        initial_value: "{begun.hub}",
                        placeholder: "https://hub.example",
                        inputmode: "url",
                        autocomplete: "url",
                        autocapitalize: "off",
                        spellcheck: "false",
                        onmounted: move |field| async move {
                            // Without it, the viewer clicks into the field.
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
                        initial_value: "{begun.dashboard}",
                        placeholder: "the hub's default one",
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
                        option { value: "", initial_selected: chosen.is_none(), "As the system has it" }
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
                            "Asking the hub …"
                        } else {
                            "Show it"
                        }
                    }
                }
            }
        }
    }
}
