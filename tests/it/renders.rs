//! Which components run for what: a change runs only the components that show
//! it, and a passing second only those that show a time.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::mem::take;
use std::sync::{Arc, Mutex};

use dioxus::prelude::*;
use live_dashboard::{Config, Dashboard};
use live_dashboard_protocol::layout::{Chart, Layout, Series};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, subscriber};

use crate::support::fake_hub::FakeHub;
use crate::support::page::Page;

/// The number of runs by component. Dioxus traces each as a span `render` with
/// the component's name.
#[derive(Clone, Default)]
struct Renders(Arc<Mutex<BTreeMap<String, usize>>>);

impl Renders {
    fn count(&self, component: &str) -> usize {
        let counts = self.0.lock().expect("not poisoned");
        counts.get(component).copied().unwrap_or_default()
    }

    /// The runs since the last call, without those of the component that shows a
    /// time: a second may pass at any moment.
    fn take(&self) -> Vec<(String, usize)> {
        let counts = take(&mut *self.0.lock().expect("not poisoned"));
        let counts = counts.into_iter();
        counts.filter(|(name, _)| name != "TimeText").collect()
    }
}

impl Visit for Renders {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "scope" {
            let path = format!("{value:?}");
            let name = path.rsplit("::").next().unwrap_or_default();
            let mut counts = self.0.lock().expect("not poisoned");
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
}

impl Subscriber for Renders {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.name() == "render"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn root() -> Element {
    rsx! {
        Dashboard { config: use_context::<Config>(), owns_page: true }
    }
}

/// Four cards and two charts with a series each, never stale.
fn token() -> String {
    let mut layout = Layout {
        stale_after: 86_400.0,
        ..Layout::default()
    };
    layout.chart = ["requests", "errors"]
        .map(|key| Chart {
            series: vec![Series {
                key: key.into(),
                label: None,
            }],
            ..layout.chart[0].clone()
        })
        .to_vec();
    let layout = serde_json::to_string(&layout).expect("JSON");
    format!(r#"{{"token":"secret/token","channel":"c","layout":{layout}}}"#)
}

fn runs(expected: &[(&str, usize)]) -> Vec<(String, usize)> {
    let expected = expected.iter();
    expected
        .map(|(name, runs)| ((*name).into(), *runs))
        .collect()
}

#[tokio::test]
async fn a_change_runs_only_what_shows_it() {
    let renders = Renders::default();
    let _counting = subscriber::set_default(renders.clone());
    let mut hub = FakeHub::start().await;
    let mut page = Page::open(root, &hub);
    let going_live = async {
        hub.give_token(200, &token()).await;
        let mut viewer = hub.accept().await;
        viewer.subscribe().await;
        viewer
    };
    let mut viewer = page.during(going_live).await;
    let stats = r#"{"activeUsers":1,"requestsPerSec":2,"errorRate":0,"avgLatency":4}"#;
    for id in ["a", "b"] {
        viewer.publish(id, "stats-update", stats).await;
    }
    let point = r#"{"timestamp":1000,"requests":111,"errors":1}"#;
    viewer.publish("c", "chart-data", point).await;
    // Alerts are announced once the page is live.
    page.until_html("All systems OK").await;
    viewer
        .publish("d", "alert", r#"{"message":"first alert"}"#)
        .await;
    page.until_html("Info: first alert").await;
    assert!(renders.count("Dashboard") > 0, "renders are counted");
    renders.take();

    // A metric that the message repeats or lacks changes nothing. Pictures follow
    // at a slower pace.
    let stats = r#"{"activeUsers":1284,"errorRate":0}"#;
    viewer.publish("e", "stats-update", stats).await;
    page.until_html("1,284").await;
    let sparklines = |_: &Page| renders.count("Sparkline") == 4;
    page.until("the sparklines", sparklines).await;
    let one_card = [("Sparkline", 4), ("StatCard", 1), ("StatGrid", 1)];
    assert_eq!(renders.take(), runs(&one_card));

    viewer
        .publish("f", "stats-update", r#"{"avgLatency":77}"#)
        .await;
    page.until_html(">77<").await;
    page.until("the sparklines", sparklines).await;
    assert_eq!(renders.take(), runs(&one_card));

    let point = r#"{"timestamp":1003,"requests":4321}"#;
    viewer.publish("g", "chart-data", point).await;
    page.until_html("4,321").await;
    let one_chart = [
        ("ChartPanel", 1),
        ("Charts", 1),
        ("Crosshair", 1),
        ("DataTable", 1),
    ];
    assert_eq!(renders.take(), runs(&one_chart));

    viewer
        .publish("h", "alert", r#"{"message":"second alert"}"#)
        .await;
    page.until_html("Info: second alert").await;
    let listed = |_: &Page| renders.count("AlertFeed") == 1;
    page.until("the list", listed).await;
    assert_eq!(
        renders.take(),
        runs(&[("AlertFeed", 1), ("Announcement", 1)])
    );

    // A message that was received before changes nothing, nor does a second.
    viewer
        .publish("h", "alert", r#"{"message":"second alert"}"#)
        .await;
    viewer
        .publish("f", "stats-update", r#"{"avgLatency":77}"#)
        .await;
    for _ in 0..2 {
        let ticks = renders.count("TimeText");
        page.until("a second", |_| renders.count("TimeText") > ticks)
            .await;
    }
    assert_eq!(renders.take(), []);
}
