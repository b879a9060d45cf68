//! The page as the hub draws it from a snapshot.

use dioxus::prelude::*;
use live_dashboard::components::Drawing;
use live_dashboard::model::Snapshot;
use live_dashboard_protocol::id::{self, RANDOM_BITS};

use super::{render, text};

const NOW: u64 = 1_709_901_234_000;

/// A snapshot with a title and messages of this many seconds ago, as event and data.
fn snapshot(title: &str, messages: &[(u64, &str, &str)]) -> Snapshot {
    let messages = messages.iter().enumerate().map(|(n, (ago, event, data))| {
        let id = id::encode(u128::from(NOW - ago * 1000) << RANDOM_BITS | n as u128);
        format!(r#"{{"id":"{id}","event":"{event}","channel":"c","data":{data}}}"#)
    });
    let messages: Vec<_> = messages.collect();
    let json = format!(
        r#"{{"grant":{{"token":"t","channel":"c","time":{NOW},
           "layout":{{"title":"{title}","stat":[{{"key":"users","label":"Users"}}]}},
           "dashboards":[{{"name":"default","title":"D"}},{{"name":"ops","title":"Operations"}}]}},
           "messages":[{}],"query":"dashboard=ops&theme=dark","utcOffset":60}}"#,
        messages.join(",")
    );
    Snapshot::parse(&json).expect("a snapshot")
}

fn draw(snapshot: Snapshot, undecided: bool, kiosk: bool) -> String {
    render(move || {
        rsx! {
            Drawing {
                model: snapshot.model(undecided),
                now: snapshot.now(),
                locale: snapshot.locale(),
                theme: None,
                kiosk,
                query: "theme=dark",
            }
        }
    })
}

#[test]
fn a_drawing_shows_stored_values_their_age_and_that_it_is_connecting() {
    let stored = [
        (300, "alert", r#"{"level":"error","message":"Disk full"}"#),
        (61, "stats-update", r#"{"users":42}"#),
    ];
    let html = draw(snapshot("Shop", &stored), false, false);
    assert!(html.contains(r#"data-connection="connecting""#), "{html}");
    let text = text(&html);
    for expected in [
        "Stale",
        "13:33",
        "Shop",
        "Connecting",
        "Users 42 1 min ago",
        "Disk full",
        "5 min ago",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(html.contains(r#"href="?theme=dark""#), "{html}");
}

#[test]
fn current_values_decide_the_health_before_the_page_is_connected() {
    let stored = [(2, "stats-update", r#"{"users":42}"#)];
    let html = draw(snapshot("Shop", &stored), false, true);
    assert!(html.contains(r#"data-state="ok""#), "{html}");
    assert!(html.contains(r#"data-kiosk="true""#), "{html}");
    let nothing = draw(snapshot("Shop", &[]), false, true);
    assert!(nothing.contains(r#"data-state="waiting""#), "{nothing}");
}

#[test]
fn among_several_dashboards_a_drawing_is_their_list() {
    let html = draw(snapshot("Shop", &[]), true, false);
    assert!(
        html.contains(r#"href="?dashboard=ops&#38;theme=dark""#),
        "{html}"
    );
    assert!(text(&html).contains("Operations"), "{html}");
    assert!(!html.contains("Users"), "{html}");
}

#[test]
fn published_text_stays_text() {
    let hostile = "</script><img src=x onerror=alert(1)>";
    let alert = format!(r#"{{"level":"<b>","message":"{hostile}","url":"https://h/?\"><i>"}}"#);
    let html = draw(snapshot(hostile, &[(1, "alert", &alert)]), false, false);
    for markup in ["<img", "<script", "</script", "<b>", "<i>"] {
        assert!(!html.contains(markup), "{markup} in {html}");
    }
    assert!(html.contains("&#60;img src=x"), "{html}");
}
