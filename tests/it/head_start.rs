//! The page that takes over what the hub drew.

use dioxus::prelude::*;
use live_dashboard::components::{Drawing, STYLES};
use live_dashboard::feed::HeadStart;
use live_dashboard::model::Snapshot;
use live_dashboard::{Config, Dashboard};
use live_dashboard_protocol::id::{self, RANDOM_BITS};

use crate::support::fake_hub::FakeHub;
use crate::support::page::Page;

const NOW: u64 = 1_709_901_234_000;

/// A page with an alert, values and points, by a hub with two dashboards.
fn head_start() -> HeadStart {
    let stored = [
        (300, "alert", r#"{"level":"error","message":"Disk full"}"#),
        (9, "stats-update", r#"{"activeUsers":40,"errorRate":0.1}"#),
        (3, "stats-update", r#"{"activeUsers":42}"#),
        (
            6,
            "chart-data",
            r#"{"timestamp":1709901228,"requests":7000,"errors":2}"#,
        ),
        (
            3,
            "chart-data",
            r#"{"timestamp":1709901231,"requests":8000}"#,
        ),
    ];
    let stored = stored.iter().enumerate().map(|(n, (ago, event, data))| {
        let id = id::encode(u128::from(NOW - ago * 1000) << RANDOM_BITS | n as u128);
        format!(r#"{{"id":"{id}","event":"{event}","channel":"c","data":{data}}}"#)
    });
    let stored: Vec<_> = stored.collect();
    let json = format!(
        r#"{{"grant":{{"token":"secret/token","channel":"c","time":{NOW},"dashboards":
           [{{"name":"default","title":"D"}},{{"name":"ops","title":"Operations"}}]}},
           "messages":[{}],"query":"","utcOffset":60}}"#,
        stored.join(",")
    );
    HeadStart {
        snapshot: Snapshot::parse(&json).expect("a snapshot").into(),
        arrived_at: NOW as f64,
    }
}

#[component]
fn Taken(config: Config) -> Element {
    rsx! {
        Dashboard { config, owns_page: true, head_start: head_start() }
    }
}

/// With the marks by which the page finds the drawn nodes, if asked for.
fn render(mut dom: VirtualDom, marked: bool) -> String {
    dom.rebuild_in_place();
    let mut renderer = dioxus_ssr::Renderer::new();
    renderer.pre_render = marked;
    renderer.render(&dom)
}

/// The numbers in marks, in order.
fn marks(html: &str) -> Vec<usize> {
    let starts = ["<!--node-id", "<!--placeholder", "data-node-hydration=\""];
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for start in starts {
        for (at, _) in html.match_indices(start) {
            let number = &html[at + start.len()..];
            let end = number.find(|c: char| !c.is_ascii_digit());
            let number = &number[..end.expect("something follows")];
            marks.push((at, number.parse().expect("a number")));
        }
    }
    marks.sort_unstable();
    marks.into_iter().map(|(_, number)| number).collect()
}

#[test]
fn the_first_draw_is_what_the_hub_drew() {
    let config = Config::for_hub("http://h").expect("a hub's address");
    let named = config.clone().with_dashboard("ops");
    for (config, undecided, kiosk, piece) in [
        (named.clone(), false, false, "Disk full"),
        (named.with_kiosk(), false, true, "Disk full"),
        (config, true, false, "Operations"),
    ] {
        let snapshot = head_start().snapshot;
        let drawing = || {
            VirtualDom::new_with_props(
                Drawing,
                live_dashboard::components::DrawingProps {
                    model: snapshot.model(undecided),
                    now: snapshot.now(),
                    locale: snapshot.locale(),
                    theme: None,
                    kiosk,
                    slot: Default::default(),
                    dashboard: None,
                    query: String::new(),
                },
            )
        };
        let page = || {
            let config = config.clone();
            VirtualDom::new_with_props(Taken, TakenProps { config })
        };
        let drawn = render(drawing(), false);
        assert!(drawn.contains(piece), "{drawn}");
        let page_html = render(page(), false);
        // Here, no page adopts the stylesheet.
        let styles = format!("<style>{STYLES}</style>");
        let (_, taken) = page_html.split_once(&styles).expect("the stylesheet");
        // Links within a window go nowhere.
        let without_links = |html: &str| {
            let mut links = html.split(" href=\"");
            let mut text = links.next().unwrap_or_default().to_owned();
            for link in links {
                text += link.split_once('"').map_or("", |(_, rest)| rest);
            }
            text
        };
        assert_eq!(without_links(taken), without_links(&drawn));
        let (page_marks, marks) = (
            marks(&render(page(), true)),
            marks(&render(drawing(), true)),
        );
        assert!(marks.is_sorted() && marks.len() > 10, "{marks:?}");
        assert_eq!(page_marks.len(), marks.len() + 1, "the stylesheet's");
    }
}

#[tokio::test]
async fn it_connects_without_a_request_for_a_token_and_shows_the_viewers_own_clock() {
    fn root() -> Element {
        rsx! {
            Taken { config: use_context::<Config>().with_dashboard("ops") }
        }
    }
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(root, &hub);
    let html = page.html();
    assert!(html.contains(r#"data-connection="connecting""#), "{html}");
    assert!(html.contains("5 min ago"), "as drawn: {html}");
    let going_live = async {
        let mut viewer = hub.accept().await;
        viewer.subscribe().await;
        let asked = hub.list(&[]).await;
        (viewer, asked)
    };
    let (mut viewer, asked) = page.during(going_live).await;
    assert!(asked.contains("\"after\""), "only what is newer: {asked}");
    page.until_html(r#"data-connection="live""#).await;
    viewer
        .publish("x", "stats-update", r#"{"activeUsers":43}"#)
        .await;
    page.until_html(">43<").await;
    let html = page.html();
    assert!(
        html.contains("Disk full") && !html.contains("5 min ago"),
        "{html}"
    );
}

#[test]
fn a_page_without_its_dashboard_starts_with_the_list_as_drawn() {
    let json = r#"{"grant":{"token":"","channel":"","dashboards":[{"name":"a","title":"A"}]},
        "messages":[],"query":"","utcOffset":0}"#;
    let head_start = HeadStart {
        snapshot: Snapshot::parse(json).expect("a snapshot").into(),
        arrived_at: NOW as f64,
    };
    let snapshot = head_start.snapshot.clone();
    let drawing = VirtualDom::new_with_props(
        Drawing,
        live_dashboard::components::DrawingProps {
            model: snapshot.model(false),
            now: 0.0,
            locale: snapshot.locale(),
            theme: None,
            kiosk: false,
            slot: Default::default(),
            dashboard: Some("b".into()),
            query: String::new(),
        },
    );
    let drawn = render(drawing, false);
    assert!(drawn.contains("No dashboard named"), "{drawn}");
    let config = Config::for_hub("http://127.0.0.1:1").expect("an address");
    let page = VirtualDom::new_with_props(
        |(config, head_start): (Config, HeadStart)| {
            rsx! {
                Dashboard { config, owns_page: true, head_start }
            }
        },
        (config.with_dashboard("b"), head_start),
    );
    assert!(render(page, false).contains("No dashboard named"));
}
