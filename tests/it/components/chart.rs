//! Charts: the places of bars, lines and labels, and their texts.

use dioxus::prelude::*;
use live_dashboard::components::ChartPanel;
use live_dashboard::model::format::Locale;
use live_dashboard::model::{Gap, Point, Range};
use live_dashboard_protocol::layout::{Better, Chart, ChartKind, Format, Layout, Scale};

use super::{lines, render, text};

/// 2024-03-08 12:33:54 UTC.
const START: f64 = 1_709_901_234.0;

/// What is drawn.
#[derive(Clone)]
struct Scene {
    chart: Chart,
    range: Range,
    points: Vec<Point>,
    gaps: Vec<Gap>,
    stale_since: Option<f64>,
    /// The time under the crosshair.
    at: Option<f64>,
}

impl Scene {
    fn new(points: Vec<Point>) -> Self {
        Self {
            chart: Layout::default().chart.remove(0),
            range: Range::Latest,
            points,
            gaps: Vec::new(),
            stale_since: None,
            at: None,
        }
    }

    fn html(self) -> String {
        render(move || {
            let cursor = use_signal(|| self.at);
            let now = use_signal(|| 1_709_901_234_000.0);
            let locale = use_hook(|| Locale::english(60));
            rsx! {
                ChartPanel {
                    chart: self.chart.clone(),
                    range: self.range,
                    points: self.points.clone(),
                    gaps: self.gaps.clone(),
                    stale_since: self.stale_since,
                    now,
                    locale,
                    cursor,
                    on_action: EventHandler::new(|_| {}),
                }
            }
        })
    }
}

fn chart(points: Vec<Point>) -> String {
    Scene::new(points).html()
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
        rect.contains(r#"class="bar""#) && rect.contains(&format!(r#"data-series="{series}""#))
    });
    let value = |bar: &str| {
        let (_, rest) = bar.split_once(&format!(r#" {attribute}=""#))?;
        rest.split('"').next().map(str::to_owned)
    };
    bars.map(|bar| value(bar).expect("a bar has the attribute"))
        .collect()
}

#[test]
fn twenty_points_are_twenty_bars_in_order_of_time() {
    let points = (0..20)
        .map(|n| point(START + f64::from(n), &[Some(100.0), Some(1.0)]))
        .collect();
    let html = chart(points);
    let times = of_bars(&html, "requests", "data-timestamp");
    assert_eq!(times.len(), 20);
    assert!(times.is_sorted());
    assert_eq!(times[0], "1709901234");
    assert_eq!(of_bars(&html, "errors", "height").len(), 20);
    for label in ["13:33:55", "13:34:00", "13:34:05", "13:34:10"] {
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
    let width = |series| {
        let width = of_bars(&html, series, "width").remove(0);
        width.trim_end_matches('%').parse::<f64>().expect("a share")
    };
    assert!(width("errors") < width("requests"), "both can be seen");
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
fn a_sentence_describes_the_chart() {
    let html = chart(vec![
        point(START, &[Some(4100.0), Some(7.0)]),
        point(START + 3.5, &[Some(4521.0), Some(12.0)]),
    ]);
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
fn the_crosshair_shows_the_exact_values_at_its_time() {
    let mut scene = Scene::new(vec![
        point(START, &[Some(4100.0), Some(7.0)]),
        point(START + 3.0, &[Some(4521.0), None]),
    ]);
    let at_rest = scene.clone().html();
    assert!(!at_rest.contains(r#"class="reading""#), "{at_rest}");
    assert!(at_rest.contains(r#"type="range""#), "{at_rest}");
    assert!(
        at_rest.contains(r#"aria-valuetext="13:33:57, Requests 4,521""#),
        "{at_rest}"
    );
    scene.at = Some(START + 1.0);
    let html = scene.html();
    assert!(
        html.contains(r#"aria-valuetext="13:33:54, Requests 4,100, Errors 7""#),
        "{html}"
    );
    assert!(html.contains(r#"value="1""#), "{html}");
    let (_, reading) = html.split_once(r#"class="reading""#).expect("a reading");
    let reading = text(&format!("<{reading}"));
    assert!(
        reading.starts_with("13:33:54 Requests 4,100 Errors 7"),
        "{reading}"
    );
}

#[test]
fn lines_are_interrupted_where_there_is_no_data() {
    let mut scene = Scene::new(
        [0.0, 3.0, 6.0, 60.0, 63.0]
            .map(|seconds| point(START + seconds, &[Some(seconds), Some(1.0)]))
            .to_vec(),
    );
    scene.chart.kind = ChartKind::Lines;
    scene.points[1].values[1] = None;
    let html = scene.html();
    let path = |series: &str| {
        let (_, rest) = html
            .split_once(&format!(r#"data-series="{series}" d=""#))
            .expect("a line");
        rest.split('"').next().expect("a path").to_owned()
    };
    assert_eq!(path("requests").matches('M').count(), 2, "a pause breaks");
    assert_eq!(path("errors").matches('M').count(), 3, "no value breaks");
    assert!(html.contains(r#"class="gap""#), "{html}");
    assert!(
        html.contains("No data between 13:34:00 and 13:34:54"),
        "{html}"
    );
    assert!(of_bars(&html, "requests", "x").is_empty());
    insta::assert_snapshot!(lines(&html));
}

#[test]
fn thresholds_are_labelled_bands() {
    let mut scene = Scene::new(vec![point(START, &[Some(0.09), None])]);
    scene.chart.format = Format::Percent;
    scene.chart.better = Better::Lower;
    scene.chart.warning = Some(0.04);
    scene.chart.critical = Some(0.08);
    let html = scene.clone().html();
    for severity in ["warning", "critical"] {
        let band = format!(r#"class="band" data-severity="{severity}""#);
        assert!(html.contains(&band), "{html}");
    }
    let (_, limits) = html.split_once(r#"<ul class="limits">"#).expect("limits");
    let (limits, drawing) = limits.split_once("</ul>").expect("their end");
    assert_eq!(text(limits), "Critical 8.0% Warning 4.0%");
    let text = text(drawing);
    assert!(
        !text.contains("Critical"),
        "{text}: nothing lies over the data"
    );
    assert!(text.contains("10% 8% 6% 4% 2% 0%"), "{text}");
    scene.points.clear();
    assert!(!scene.html().contains("limits"), "nothing to compare");
}

#[test]
fn a_chart_tells_the_age_of_an_old_point() {
    let scene = Scene::new(vec![point(START, &[Some(1.0), None])]);
    let html = |stale_since| {
        let scene = Scene {
            stale_since,
            ..scene.clone()
        };
        scene.html()
    };
    let fresh = html(None);
    assert!(
        !fresh.contains("data-stale") && !fresh.contains("ago"),
        "{fresh}"
    );
    let old = html(Some(1_709_901_234_000.0 - 90_000.0));
    assert!(old.contains(r#"data-stale="true""#), "{old}");
    assert!(text(&old).contains("1 min ago"), "{}", text(&old));
}

#[test]
fn an_hour_is_labelled_as_peaks() {
    let points = (0..1200).map(|n| point(START + f64::from(n) * 3.0, &[Some(100.0), None]));
    let mut scene = Scene::new(points.collect());
    scene.range = Range::Hour;
    scene.at = Some(START + 3000.0);
    let html = scene.html();
    assert!(of_bars(&html, "requests", "x").len() <= 121, "{html}");
    assert!(text(&html).contains("peak of 30 s"), "{}", text(&html));
}

#[test]
fn an_empty_chart_says_so() {
    let html = chart(Vec::new());
    assert!(text(&html).contains("No points yet"), "{html}");
    assert!(html.contains("Requests: no points yet"), "{html}");
    assert!(!html.contains(r#"type="range""#), "{html}");
}

#[test]
fn extreme_values_give_no_invalid_numbers() {
    let strange = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 0.0, -0.0, 1e-300];
    let points = (0..Chart::MAX_POINTS)
        .map(|n| point(n as f64 / 7.0, &[Some(strange[n % strange.len()])]))
        .collect();
    for (name, kind) in ChartKind::ALL {
        for scale in [Scale::Linear, Scale::Log] {
            let mut scene = Scene::new(Vec::clone(&points));
            scene.chart.points = usize::MAX;
            scene.chart.kind = kind;
            scene.chart.scale = scale;
            let html = scene.html();
            let bars = of_bars(&html, "requests", "height").len();
            let expected = if kind.has_bars() {
                Chart::MAX_POINTS
            } else {
                0
            };
            assert_eq!(bars, expected, "{name}");
            assert!(!html.contains("NaN") && !html.contains("inf"), "{name}");
        }
    }
}

/// Two points of `requests` 60 and 20, with `errors` 20 and none.
fn of_kind(kind: ChartKind) -> Scene {
    let mut scene = Scene::new(vec![
        point(START, &[Some(60.0), Some(20.0)]),
        point(START + 3.0, &[Some(20.0), None]),
    ]);
    scene.chart.points = 2;
    scene.chart.kind = kind;
    scene
}

#[test]
fn stacked_bars_are_on_top_of_each_other() {
    let html = of_kind(ChartKind::Stacked).html();
    assert_eq!(of_bars(&html, "requests", "height"), ["75.000%", "25.000%"]);
    assert_eq!(of_bars(&html, "requests", "y"), ["25.000%", "75.000%"]);
    assert_eq!(of_bars(&html, "errors", "height"), ["25.000%"]);
    assert_eq!(of_bars(&html, "errors", "y"), ["0.000%"]);
}

#[test]
fn grouped_bars_are_side_by_side() {
    let html = of_kind(ChartKind::Grouped).html();
    assert_eq!(of_bars(&html, "requests", "x")[0], "6.500%");
    assert_eq!(of_bars(&html, "errors", "x"), ["25.000%"]);
    assert_eq!(of_bars(&html, "errors", "width"), ["18.500%"]);
}

#[test]
fn areas_reach_down_to_zero_and_points_have_no_lines() {
    let html = of_kind(ChartKind::Areas).html();
    assert!(
        html.contains(r#"d="M250.0 1000.0L250.0 0.0L750.0 666.7L750.0 1000.0H250.0Z""#),
        "{html}"
    );
    let html = of_kind(ChartKind::Points).html();
    assert!(!html.contains("<path"), "{html}");
    assert_eq!(
        html.matches(r#"class="dot s0""#).count(),
        3,
        "two and the legend's: {html}"
    );
}

#[test]
fn the_layout_bounds_and_scales_the_axis() {
    let mut scene = of_kind(ChartKind::Lines);
    scene.chart.min = Some(0.0);
    scene.chart.max = Some(200.0);
    let html = scene.html();
    assert!(text(&html).contains("200 150 100 50 0"), "{}", text(&html));
    let mut scene = of_kind(ChartKind::Lines);
    scene.chart.scale = Scale::Log;
    let html = scene.html();
    assert!(text(&html).contains("100 10"), "{}", text(&html));
}
