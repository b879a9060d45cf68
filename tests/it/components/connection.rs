//! The state of the connection: the badge and the notices.

use dioxus::prelude::*;
use live_dashboard::components::{ConnectionBadge, ConnectionNotice};
use live_dashboard::model::{Connection, Problem};

use super::{lines, render, slice, text};

/// Seconds from now until the next attempt.
fn reconnecting(retry_in: Option<f64>) -> Connection {
    Connection::Reconnecting {
        retry_at: retry_in.map(|seconds| seconds * 1000.0),
        problem: Problem {
            text: "No hub answers".into(),
            address: "http://127.0.0.1:8400/live-dashboard".into(),
        },
    }
}

fn refused() -> Connection {
    Connection::Refused {
        reason: "The dashboard `ops` is not known.".into(),
    }
}

fn badge(connection: Connection) -> String {
    render(move || {
        rsx! {
            ConnectionBadge { connection: slice(connection.clone()), now: Signal::new(0.0) }
        }
    })
}

fn notice(connection: Connection) -> String {
    render(move || {
        rsx! {
            ConnectionNotice { connection: slice(connection.clone()), now: Signal::new(0.0) }
        }
    })
}

#[test]
fn the_badge_has_a_word_for_each_state() {
    for (connection, state, words) in [
        (Connection::Connecting, "connecting", "Connecting"),
        (Connection::Live, "live", "Connected"),
        (Connection::Interrupted, "interrupted", "Interrupted"),
        (reconnecting(None), "reconnecting", "Reconnecting"),
        (
            reconnecting(Some(7.0)),
            "reconnecting",
            "Reconnecting in 7 s",
        ),
        (refused(), "refused", "Refused"),
    ] {
        let html = badge(connection);
        assert!(html.contains(&format!(r#"data-state="{state}""#)), "{html}");
        assert!(html.contains(r#"role="status""#), "{html}");
        assert!(html.contains(r#"class="connection-badge""#), "{html}");
        assert_eq!(text(&html), words);
    }
}

#[test]
fn screen_readers_do_not_announce_the_countdown() {
    let badge = badge(reconnecting(Some(7.0)));
    assert!(
        badge.contains(r#"<span class="countdown" aria-hidden="true">in 7 s"#),
        "{badge}"
    );
    let notice = notice(reconnecting(Some(7.0)));
    assert!(
        notice.contains(r#"<span aria-hidden="true">in 7 s"#),
        "{notice}"
    );
}

#[test]
fn the_notice_has_the_address_and_what_to_do() {
    let html = notice(reconnecting(Some(7.0)));
    assert_eq!(
        text(&html),
        "No hub answers Retrying in 7 s. automatically. If this continues, check that the hub \
         is running at http://127.0.0.1:8400/live-dashboard ."
    );
    assert!(text(&notice(reconnecting(None))).contains("Retrying now"));
    insta::assert_snapshot!(lines(&html));
}

#[test]
fn an_interruption_needs_no_action() {
    let html = notice(Connection::Interrupted);
    assert!(html.contains(r#"role="status""#), "{html}");
    assert_eq!(
        text(&html),
        "Publishing is interrupted The hub has lost its server and is reconnecting to it."
    );
}

#[test]
fn a_refusal_has_its_reason() {
    let html = notice(refused());
    assert!(html.contains(r#"role="alert""#), "{html}");
    assert_eq!(
        text(&html),
        "The hub refused the connection The dashboard `ops` is not known. \
         Not retrying. Reload once this is resolved."
    );
}

#[test]
fn there_is_no_notice_while_connected() {
    for connection in [Connection::Connecting, Connection::Live] {
        assert_eq!(text(&notice(connection)), "");
    }
}
