//! The hooks in a running VirtualDom, against a fake hub.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use dioxus::prelude::*;
use live_dashboard::Config;
use live_dashboard::hooks::{
    Feed, use_alerts, use_chart_history, use_feed, use_previous_stats, use_stats,
};
use live_dashboard_protocol::layout::Layout;

use crate::support::fake_hub::{FakeHub, message};
use crate::support::page::Page;

/// What the components under test drew, in order.
#[derive(Clone, Default)]
struct Drawn(Rc<RefCell<Vec<String>>>);

impl Drawn {
    fn add(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    fn count(&self, start: &str) -> usize {
        let drawn = self.0.borrow();
        drawn.iter().filter(|what| what.starts_with(start)).count()
    }

    fn last(&self, start: &str) -> Option<String> {
        let drawn = self.0.borrow();
        drawn.iter().rfind(|what| what.starts_with(start)).cloned()
    }
}

/// Runs the page until the last thing drawn that starts like this is `what`.
async fn shows(page: &mut Page, drawn: &Drawn, start: &str, what: &str) {
    page.until(what, |_| drawn.last(start).as_deref() == Some(what))
        .await;
}

fn open(root: fn() -> Element, hub: &FakeHub) -> (Page, Drawn) {
    let drawn = Drawn::default();
    (Page::open_with(root, hub, drawn.clone()), drawn)
}

/// A component for each slice.
fn slices() -> Element {
    let feed = use_feed(use_context());
    rsx! {
        ShowStats { feed }
        ShowPrevious { feed }
        ShowHistory { feed }
        ShowAlerts { feed }
    }
}

#[component]
fn ShowStats(feed: Feed) -> Element {
    let stats = use_stats(feed);
    let users = stats.read().get("activeUsers").map(|value| value.value);
    use_context::<Drawn>().add(format!("users {users:?}"));
    rsx! {}
}

#[component]
fn ShowPrevious(feed: Feed) -> Element {
    let previous = use_previous_stats(feed);
    use_context::<Drawn>().add(format!("previous {:?}", previous.read().get("activeUsers")));
    rsx! {}
}

#[component]
fn ShowHistory(feed: Feed) -> Element {
    let history = use_chart_history(feed);
    let history = history.read();
    let points = history.latest(&Layout::default().chart[0]).len();
    let drawn = use_context::<Drawn>();
    drawn.add(format!("points {points}"));
    let gaps = history.gaps(&Layout::default().chart[0]).len();
    drawn.add(format!("gaps {gaps}"));
    rsx! {}
}

#[component]
fn ShowAlerts(feed: Feed) -> Element {
    let alerts = use_alerts(feed);
    let messages: Vec<String> = alerts
        .read()
        .newest(5)
        .iter()
        .map(|entry| entry.alert.message.clone())
        .collect();
    use_context::<Drawn>().add(format!("alerts {messages:?}"));
    rsx! {}
}

#[tokio::test]
async fn a_component_runs_only_when_its_slice_changed() {
    let mut hub = FakeHub::start().await;
    let (mut page, drawn) = open(slices, &hub);
    let mut viewer = page.during(hub.bring_live()).await;
    viewer
        .publish("a", "stats-update", r#"{"activeUsers":5}"#)
        .await;
    shows(&mut page, &drawn, "users", "users Some(5.0)").await;
    viewer
        .publish("b", "stats-update", r#"{"activeUsers":6}"#)
        .await;
    shows(&mut page, &drawn, "users", "users Some(6.0)").await;
    shows(&mut page, &drawn, "previous", "previous Some(5.0)").await;
    viewer
        .publish("c", "chart-data", r#"{"timestamp":1,"requests":2}"#)
        .await;
    shows(&mut page, &drawn, "points", "points 1").await;
    viewer.publish("d", "alert", r#"{"message":"fire"}"#).await;
    shows(&mut page, &drawn, "alerts", r#"alerts ["fire"]"#).await;
    assert_eq!(drawn.count("users"), 3, "none, 5, 6");
    assert_eq!(drawn.count("points"), 2);
    assert_eq!(drawn.count("alerts"), 2);
}

#[tokio::test]
async fn a_burst_is_drawn_at_most_once_per_frame() {
    let mut hub = FakeHub::start().await;
    let (mut page, drawn) = open(slices, &hub);
    let mut viewer = page.during(hub.bring_live()).await;
    // The page takes none of these while they are sent.
    for n in 1..=500 {
        let data = format!(r#"{{"activeUsers":{n}}}"#);
        viewer
            .publish(&format!("id {n}"), "stats-update", &data)
            .await;
    }
    let begun = Instant::now();
    shows(&mut page, &drawn, "users", "users Some(500.0)").await;
    // The first draw was before, and one may be scheduled already.
    let frames = begun.elapsed().as_millis() / 16 + 2;
    let draws = drawn.count("users") as u128;
    assert!(draws <= frames, "{draws} draws in {frames} frames");
}

#[tokio::test]
async fn stored_messages_are_drawn_in_one_step() {
    let mut hub = FakeHub::start().await;
    let (mut page, drawn) = open(slices, &hub);
    let _viewer = page.during(hub.bring_live()).await;
    let points: Vec<String> = (80..100)
        .rev()
        .map(|n| {
            stored(
                "chart-data",
                n,
                &format!(r#"{{"timestamp":{n},"requests":1}}"#),
            )
        })
        .collect();
    page.during(hub.list(&points)).await;
    shows(&mut page, &drawn, "points", "points 20").await;
    assert_eq!(drawn.count("points"), 2, "none, and all");
    let users = [9, 8].map(|n| stored("stats-update", n, &format!(r#"{{"activeUsers":{n}}}"#)));
    page.during(hub.list(&users)).await;
    shows(&mut page, &drawn, "users", "users Some(9.0)").await;
    shows(&mut page, &drawn, "previous", "previous Some(8.0)").await;
    let alert = stored("alert", 7, r#"{"message":"fire"}"#);
    page.during(hub.list(&[alert])).await;
    shows(&mut page, &drawn, "alerts", r#"alerts ["fire"]"#).await;
}

fn stored(event: &str, n: u32, data: &str) -> String {
    message(&format!("01ARYZ6S41{n:016}"), event, data)
}

#[tokio::test]
async fn missed_messages_that_are_not_stored_leave_a_gap() {
    let mut hub = FakeHub::start().await;
    let (mut page, drawn) = open(slices, &hub);
    let mut viewer = page.during(hub.bring_live()).await;
    for _ in 0..3 {
        page.during(hub.list(&[])).await;
    }
    for n in 1..=5 {
        let point = stored(
            "chart-data",
            n,
            &format!(r#"{{"timestamp":{n},"requests":1}}"#),
        );
        viewer.send(point).await;
    }
    shows(&mut page, &drawn, "points", "points 5").await;
    viewer.cut();
    let mut viewer = page.during(hub.bring_live()).await;
    page.during(hub.list(&[])).await;
    // No points are stored.
    page.during(hub.list(&[])).await;
    let late = stored("chart-data", 60, r#"{"timestamp":60,"requests":1}"#);
    viewer.send(late).await;
    shows(&mut page, &drawn, "points", "points 6").await;
    shows(&mut page, &drawn, "gaps", "gaps 1").await;
}

/// A dashboard that can be unmounted.
fn removable() -> Element {
    let shown = use_signal(|| true);
    use_hook(|| SHOWN.with(|known| *known.borrow_mut() = Some(shown)));
    rsx! {
        if shown() {
            live_dashboard::Dashboard { config: use_context::<Config>() }
        }
    }
}

thread_local! {
    static SHOWN: RefCell<Option<Signal<bool>>> = const { RefCell::new(None) };
}

#[tokio::test]
async fn an_unmounted_component_closes_its_connection() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(removable, &hub);
    let viewer = page.during(hub.bring_live()).await;
    let mut shown = SHOWN.take().expect("the page was drawn");
    page.dom.in_runtime(|| shown.set(false));
    page.during(viewer.closed()).await;
}

#[tokio::test]
async fn a_dropped_page_closes_its_connection() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(removable, &hub);
    let viewer = page.during(hub.bring_live()).await;
    drop(page);
    viewer.closed().await;
}

/// A feed whose config changes.
fn switching() -> Element {
    let initial = use_context::<Config>();
    let config = use_signal(|| initial);
    use_hook(|| CONFIG.with(|known| *known.borrow_mut() = Some(config)));
    let feed = use_feed(config());
    rsx! {
        ShowStats { feed }
    }
}

thread_local! {
    static CONFIG: RefCell<Option<Signal<Config>>> = const { RefCell::new(None) };
}

#[tokio::test]
async fn another_config_starts_over() {
    let mut first = FakeHub::start().await;
    let mut second = FakeHub::start().await;
    let (mut page, drawn) = open(switching, &first);
    let mut viewer = page.during(first.bring_live()).await;
    viewer
        .publish("a", "stats-update", r#"{"activeUsers":5}"#)
        .await;
    shows(&mut page, &drawn, "users", "users Some(5.0)").await;
    let mut config = CONFIG.take().expect("the page was drawn");
    let other = Config::for_hub(&second.url()).expect("a hub's address");
    page.dom.in_runtime(|| config.set(other));
    page.during(viewer.closed()).await;
    shows(&mut page, &drawn, "users", "users None").await;
    let mut viewer = page.during(second.bring_live()).await;
    viewer
        .publish("a", "stats-update", r#"{"activeUsers":7}"#)
        .await;
    shows(&mut page, &drawn, "users", "users Some(7.0)").await;
}

#[tokio::test]
async fn the_dashboard_shows_what_the_hub_sends() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(removable, &hub);
    let mut viewer = page.during(hub.bring_live()).await;
    viewer
        .publish("a", "stats-update", r#"{"activeUsers":1284}"#)
        .await;
    page.until_html("1,284").await;
    let html = page.html();
    assert!(html.contains(r#"data-connection="live""#), "{html}");
    assert!(
        html.contains("<style>"),
        "without a page of its own it includes its stylesheet"
    );
}
