//! The bars: how many, how high, and what they say.

use dioxus::prelude::*;
use live_dashboard::components::RequestChart;
use live_dashboard::model::Point;
use live_dashboard_protocol::layout::{Chart, Layout};

use super::{lines, render, text};

fn chart(points: Vec<Point>) -> String {
    let chart = Layout::default().chart.remove(0);
    render_chart(chart, points)
}

fn render_chart(chart: Chart, points: Vec<Point>) -> String {
    render(move || {
        rsx! {
            RequestChart { chart: chart.clone(), points: points.clone(), utc_offset_minutes: 60 }
        }
    })
}

fn point(timestamp: f64, values: &[Option<f64>]) -> Point {
    Point {
        timestamp,
        values: values.to_vec(),
    }
}

/// The values of an attribute of one series' bars, in order.
fn of_bars(html: &str, series: &str, attribute: &str) -> Vec<String> {
    let bars = html.split("<rect").filter(|rect| {
        rect.contains(r#"class="bar "#) && rect.contains(&format!(r#"data-series="{series}""#))
    });
    let value = |bar: &str| {
        let (_, rest) = bar.split_once(&format!(r#" {attribute}=""#))?;
        rest.split('"').next().map(str::to_owned)
    };
    bars.map(|bar| value(bar).expect("a bar has the attribute"))
        .collect()
}

#[test]
fn twenty_points_are_twenty_bars_in_the_order_of_time() {
    let points = (0..20)
        .map(|n| point(1_709_901_234.0 + f64::from(n), &[Some(100.0), Some(1.0)]))
        .collect();
    let html = chart(points);
    let times = of_bars(&html, "requests", "data-timestamp");
    assert_eq!(times.len(), 20);
    assert!(times.is_sorted());
    assert_eq!(times[0], "1709901234");
    assert_eq!(of_bars(&html, "errors", "height").len(), 20);
    for label in ["13:33:54", "13:34:13"] {
        assert!(text(&html).contains(label), "{label} in {}", text(&html));
    }
}

#[test]
fn bars_are_proportional_and_stand_on_the_baseline() {
    let html = chart(vec![
        point(1.0, &[Some(100.0), Some(50.0)]),
        point(2.0, &[Some(25.0), None]),
        point(3.0, &[Some(0.0), Some(0.01)]),
    ]);
    let (tops, heights) = (
        of_bars(&html, "requests", "y"),
        of_bars(&html, "requests", "height"),
    );
    assert_eq!(tops, ["0.000%", "75.000%", "100.000%"]);
    assert_eq!(heights, ["100.000%", "25.000%", "0.000%"]);
    assert_eq!(
        of_bars(&html, "errors", "height"),
        ["50.000%", "1.000%"],
        "what is missing has no bar, what is tiny can be seen"
    );
}

#[test]
fn values_below_zero_hang_from_the_baseline() {
    let html = chart(vec![
        point(1.0, &[Some(60.0), None]),
        point(2.0, &[Some(-20.0), None]),
    ]);
    assert_eq!(of_bars(&html, "requests", "y"), ["0.000%", "75.000%"]);
    assert_eq!(of_bars(&html, "requests", "height"), ["75.000%", "25.000%"]);
}

#[test]
fn exact_values_are_there_for_the_pointer_and_the_screen_reader() {
    let html = chart(vec![
        point(1_709_901_234.0, &[Some(4100.0), Some(7.0)]),
        point(1_709_901_237.5, &[Some(4521.0), Some(12.0)]),
    ]);
    assert!(
        html.contains("<title>13:33:57\nRequests: 4,521\nErrors: 12</title>"),
        "{html}"
    );
    assert!(
        html.contains(
            "Requests: 2 points from 13:33:54 to 13:33:57. \
             Requests: now 4,521, lowest 4,100, highest 4,521. \
             Errors: now 12, lowest 7, highest 12."
        ),
        "{html}"
    );
    assert_eq!(
        of_bars(&html, "requests", "data-timestamp"),
        ["1709901234", "1709901237.500"]
    );
    insta::assert_snapshot!(lines(&html));
}

#[test]
fn an_empty_chart_says_so() {
    let html = chart(Vec::new());
    assert!(text(&html).contains("No points yet"), "{html}");
    assert!(html.contains("Requests: no points yet"), "{html}");
    assert!(!html.contains("<title>"), "{html}");
}

#[test]
fn the_largest_chart_of_the_strangest_values_can_be_drawn() {
    let strange = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 0.0, -0.0, 1e-300];
    let points = (0..Chart::MAX_POINTS)
        .map(|n| point(n as f64 / 7.0, &[Some(strange[n % strange.len()])]))
        .collect();
    let mut layout = Layout::default().chart.remove(0);
    layout.points = usize::MAX;
    let html = render_chart(layout, points);
    assert_eq!(
        of_bars(&html, "requests", "height").len(),
        Chart::MAX_POINTS
    );
    assert!(!html.contains("NaN") && !html.contains("inf%"));
}
