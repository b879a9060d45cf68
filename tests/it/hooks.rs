//! The hooks in a running VirtualDom, against a fake hub.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus::core::NoOpMutations;
use dioxus::prelude::*;
use live_dashboard::Config;
use live_dashboard::hooks::{
    Feed, use_alerts, use_chart_history, use_connection, use_feed, use_layout, use_previous_stats,
    use_stats,
};

use crate::support::fake_hub::{FakeHub, message};
use crate::support::within;

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

/// A page under test: what it drew, the hub it watches, and how to change it.
struct Page {
    dom: VirtualDom,
    drawn: Drawn,
}

impl Page {
    fn open(root: fn() -> Element, hub: &FakeHub) -> Self {
        let drawn = Drawn::default();
        let config = Config::for_hub(&hub.url()).expect("a hub's address");
        let mut dom = VirtualDom::new(root)
            .with_root_context(drawn.clone())
            .with_root_context(config);
        dom.rebuild_in_place();
        Self { dom, drawn }
    }

    /// Keeps the page going while something else is done.
    async fn during<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = std::pin::pin!(other);
        loop {
            tokio::select! {
                done = &mut other => return done,
                () = self.dom.wait_for_work() => self.dom.render_immediate(&mut NoOpMutations),
            }
        }
    }

    /// Keeps the page going until the last thing it drew that starts so is
    /// this.
    async fn shows(&mut self, start: &str, what: &str) {
        let drawn = self.drawn.clone();
        let waiting = async {
            while drawn.last(start).as_deref() != Some(what) {
                self.dom.wait_for_work().await;
                self.dom.render_immediate(&mut NoOpMutations);
            }
        };
        within(what, waiting).await;
    }
}

/// A component for each slice.
fn slices() -> Element {
    let feed = use_feed(use_context());
    rsx! {
        ShowStats { feed }
        ShowPrevious { feed }
        ShowHistory { feed }
        ShowAlerts { feed }
        ShowConnection { feed }
    }
}

#[component]
fn ShowStats(feed: Feed) -> Element {
    let stats = use_stats(feed);
    let users = stats.get("activeUsers").map(|value| value.value);
    use_context::<Drawn>().add(format!("users {users:?}"));
    rsx! {}
}

#[component]
fn ShowPrevious(feed: Feed) -> Element {
    let previous = use_previous_stats(feed);
    use_context::<Drawn>().add(format!("previous {:?}", previous.get("activeUsers")));
    rsx! {}
}

#[component]
fn ShowHistory(feed: Feed) -> Element {
    let history = use_chart_history(feed);
    let layout = use_layout(feed);
    let points = history.latest(&layout.chart[0]).len();
    let drawn = use_context::<Drawn>();
    drawn.add(format!("points {points}"));
    drawn.add(format!("gaps {}", history.gaps().len()));
    rsx! {}
}

#[component]
fn ShowAlerts(feed: Feed) -> Element {
    let alerts = use_alerts(feed);
    let messages: Vec<String> = alerts
        .newest(5)
        .iter()
        .map(|entry| entry.alert.message.clone())
        .collect();
    use_context::<Drawn>().add(format!("alerts {messages:?}"));
    rsx! {}
}

#[component]
fn ShowConnection(feed: Feed) -> Element {
    let connection = use_connection(feed);
    use_context::<Drawn>().add(format!("connection {}", connection.as_str()));
    rsx! {}
}

#[tokio::test]
async fn each_slice_is_drawn_when_it_changed_and_only_then() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(slices, &hub);
    let mut viewer = page.during(hub.bring_live()).await;
    page.shows("connection", "connection live").await;
    viewer
        .publish("a", "stats-update", r#"{"activeUsers":5}"#)
        .await;
    page.shows("users", "users Some(5.0)").await;
    viewer
        .publish("b", "stats-update", r#"{"activeUsers":6}"#)
        .await;
    page.shows("users", "users Some(6.0)").await;
    page.shows("previous", "previous Some(5.0)").await;
    viewer
        .publish("c", "chart-data", r#"{"timestamp":1,"requests":2}"#)
        .await;
    page.shows("points", "points 1").await;
    viewer.publish("d", "alert", r#"{"message":"fire"}"#).await;
    page.shows("alerts", r#"alerts ["fire"]"#).await;
    assert_eq!(page.drawn.count("users"), 3, "none, 5, 6");
    assert_eq!(page.drawn.count("points"), 2);
    assert_eq!(page.drawn.count("alerts"), 2);
    assert_eq!(page.drawn.count("connection"), 2);
}

#[tokio::test]
async fn a_burst_is_drawn_in_a_few_steps() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(slices, &hub);
    let mut viewer = page.during(hub.bring_live()).await;
    page.shows("connection", "connection live").await;
    // Not one of these is taken while they are sent.
    for n in 1..=500 {
        let data = format!(r#"{{"activeUsers":{n}}}"#);
        viewer
            .publish(&format!("id {n}"), "stats-update", &data)
            .await;
    }
    page.shows("users", "users Some(500.0)").await;
    let steps = page.drawn.count("users");
    assert!(steps < 100, "{steps} steps");
}

#[tokio::test]
async fn what_is_stored_fills_the_page_in_one_step() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(slices, &hub);
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
    page.shows("points", "points 20").await;
    assert_eq!(page.drawn.count("points"), 2, "none, and all");
    let users = [9, 8].map(|n| stored("stats-update", n, &format!(r#"{{"activeUsers":{n}}}"#)));
    page.during(hub.list(&users)).await;
    page.shows("users", "users Some(9.0)").await;
    page.shows("previous", "previous Some(8.0)").await;
    let alert = stored("alert", 7, r#"{"message":"fire"}"#);
    page.during(hub.list(&[alert])).await;
    page.shows("alerts", r#"alerts ["fire"]"#).await;
}

fn stored(event: &str, n: u32, data: &str) -> String {
    message(&format!("01ARYZ6S41{n:016}"), event, data)
}

#[tokio::test]
async fn what_was_missed_and_not_stored_is_a_gap() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(slices, &hub);
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
    page.shows("points", "points 5").await;
    viewer.cut();
    let mut viewer = page.during(hub.bring_live()).await;
    page.during(hub.list(&[])).await;
    // Nor is any point stored at all.
    page.during(hub.list(&[])).await;
    let late = stored("chart-data", 60, r#"{"timestamp":60,"requests":1}"#);
    viewer.send(late).await;
    page.shows("points", "points 6").await;
    page.shows("gaps", "gaps 1").await;
}

/// A dashboard that goes away when its parent says so.
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
async fn a_component_that_goes_closes_its_connection() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(removable, &hub);
    let viewer = page.during(hub.bring_live()).await;
    let mut shown = SHOWN.take().expect("the page was drawn");
    page.dom.in_runtime(|| shown.set(false));
    page.during(viewer.closed()).await;
}

#[tokio::test]
async fn a_page_that_goes_closes_its_connection() {
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
        ShowConnection { feed }
    }
}

thread_local! {
    static CONFIG: RefCell<Option<Signal<Config>>> = const { RefCell::new(None) };
}

#[tokio::test]
async fn another_config_starts_afresh() {
    let mut first = FakeHub::start().await;
    let mut second = FakeHub::start().await;
    let mut page = Page::open(switching, &first);
    let mut viewer = page.during(first.bring_live()).await;
    viewer
        .publish("a", "stats-update", r#"{"activeUsers":5}"#)
        .await;
    page.shows("users", "users Some(5.0)").await;
    let mut config = CONFIG.take().expect("the page was drawn");
    let other = Config::for_hub(&second.url()).expect("a hub's address");
    page.dom.in_runtime(|| config.set(other));
    page.during(viewer.closed()).await;
    page.shows("users", "users None").await;
    let _viewer = page.during(second.bring_live()).await;
    page.shows("connection", "connection live").await;
}

#[tokio::test]
async fn the_whole_dashboard_shows_what_the_hub_sends() {
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(removable, &hub);
    let mut viewer = page.during(hub.bring_live()).await;
    viewer
        .publish("a", "stats-update", r#"{"activeUsers":1284}"#)
        .await;
    let waiting = async {
        while !dioxus_ssr::render(&page.dom).contains("1,284") {
            page.dom.wait_for_work().await;
            page.dom.render_immediate(&mut NoOpMutations);
        }
    };
    within("1,284", waiting).await;
    let html = dioxus_ssr::render(&page.dom);
    assert!(html.contains(r#"data-connection="live""#), "{html}");
    assert!(
        html.contains("<style>"),
        "outside of a page it brings its looks"
    );
}
