//! The form of the first run, and About.

use dioxus::prelude::*;
use live_dashboard::components::{About, FirstRun, FirstRunAnswers, Theme};

use super::{render, text};

fn form(problem: Option<&'static str>, checking: bool, again: bool) -> String {
    render(move || {
        let on_cancel = again.then(|| EventHandler::new(|()| {}));
        rsx! {
            FirstRun {
                answers: FirstRunAnswers {
                    hub: "https://hub.example".into(),
                    dashboard: "ops".into(),
                    theme: Some(Theme::Dark),
                },
                problem: problem.map(Into::into),
                checking,
                on_submit: |_| {},
                on_cancel,
            }
        }
    })
}

#[test]
fn the_form_starts_with_the_known_values() {
    let html = form(None, false, false);
    assert!(
        html.contains(r#"initial_value="https://hub.example""#),
        "{html}"
    );
    assert!(html.contains(r#"initial_value="ops""#), "{html}");
    assert!(
        html.contains(r#"value="dark" initial_selected=true"#),
        "{html}"
    );
    assert!(text(&html).contains("Connect"), "{html}");
    assert!(
        !text(&html).contains("Cancel"),
        "there is nothing to go back to"
    );
    assert!(!html.contains("aria-describedby"), "{html}");
    assert!(text(&form(None, false, true)).contains("Cancel"));
}

#[test]
fn a_problem_is_announced_and_tied_to_the_field() {
    let html = form(Some("There is no host of this name."), false, false);
    assert!(html.contains(r#"role="alert">There is no host"#), "{html}");
    assert!(
        html.contains(r#"aria-describedby="first-run-problem""#),
        "{html}"
    );
    assert!(html.contains(r#"aria-invalid=true"#) || html.contains(r#"aria-invalid="true""#));
}

#[test]
fn a_check_in_progress_is_visible() {
    let html = form(None, true, false);
    assert!(text(&html).contains("Connecting …"), "{html}");
}

#[test]
fn about_has_version_and_shortcuts() {
    let html = render(|| {
        rsx! {
            About {
                version: "1.2.3",
                keys: vec![("F11", "Full screen")],
                theme: None,
                on_close: |()| {},
            }
        }
    });
    let text = text(&html);
    assert!(
        text.contains("Version 1.2.3") && text.contains("F11 Full screen"),
        "{text}"
    );
    assert!(html.contains(r#"role="dialog""#), "{html}");
}
