//! Which points are kept, and where some are missing.

use live_dashboard_protocol::layout::Series;

use super::*;
use crate::model::Stamp;

fn data(timestamp: f64, values: &[(&str, f64)]) -> ChartData {
    ChartData {
        timestamp,
        values: values.iter().map(|(k, v)| ((*k).into(), *v)).collect(),
    }
}

/// The order of a message published at this millisecond.
fn at(time: f64) -> Order {
    Stamp::at(time).order
}

/// Inserts a point that was published at its own time.
fn put(history: &mut ChartHistory, data: ChartData) {
    history.insert(&data, at(data.timestamp * 1_000.0));
}

fn points_at(times: impl IntoIterator<Item = f64>) -> ChartHistory {
    let mut history = ChartHistory::new(&Layout::default());
    for time in times {
        put(&mut history, data(time, &[("requests", 1.0)]));
    }
    history
}

/// The gaps of the default layout's chart.
fn gaps(history: &ChartHistory) -> Vec<Gap> {
    history.gaps(&Layout::default().chart[0])
}

fn times(history: &ChartHistory, chart: &Chart) -> Vec<f64> {
    let points = history.latest(chart);
    points.iter().map(|point| point.timestamp).collect()
}

#[test]
fn twenty_five_points_leave_the_last_twenty() {
    let layout = Layout::default();
    let mut history = ChartHistory::new(&layout);
    for n in 0..25 {
        put(
            &mut history,
            data(100.0 + f64::from(n), &[("requests", f64::from(n))]),
        );
    }
    let points = history.latest(&layout.chart[0]);
    assert_eq!(points.len(), 20);
    assert_eq!(points[0].timestamp, 105.0);
    assert_eq!(points[19].values, [Some(24.0), None]);
}

#[test]
fn points_are_in_order_of_time() {
    let layout = Layout::default();
    let mut history = ChartHistory::new(&layout);
    for timestamp in [30.0, 10.0, 20.0] {
        put(&mut history, data(timestamp, &[("requests", 1.0)]));
    }
    assert_eq!(times(&history, &layout.chart[0]), [10.0, 20.0, 30.0]);
}

#[test]
fn a_point_of_the_same_time_replaces_only_its_own_values() {
    let layout = Layout::default();
    let mut history = ChartHistory::new(&layout);
    let both = data(1.0, &[("requests", 1.0), ("errors", 2.0)]);
    history.insert(&both, at(1.0));
    history.insert(&data(1.0, &[("requests", 5.0)]), at(2.0));
    let points = history.latest(&layout.chart[0]);
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].values, [Some(5.0), Some(2.0)]);
    let before = history.clone();
    history.insert(&data(1.0, &[("requests", 5.0)]), at(2.0));
    history.insert(&both, at(1.0));
    assert_eq!(history, before, "what is known or late changes nothing");
}

#[test]
fn only_the_layouts_series_are_kept() {
    let layout = Layout::default();
    let mut history = ChartHistory::new(&layout);
    put(&mut history, data(1.0, &[("other", 1.0)]));
    put(&mut history, data(2.0, &[("requests", f64::NAN)]));
    assert_eq!(history, ChartHistory::new(&layout));
}

#[test]
fn each_chart_gets_its_own_series_and_length() {
    let mut layout = Layout::default();
    layout.chart.push(Chart {
        title: "Queue".into(),
        points: 2,
        series: vec![Series {
            key: "queue".into(),
            label: None,
        }],
        ..layout.chart[0].clone()
    });
    let mut history = ChartHistory::new(&layout);
    for n in 0..3 {
        put(
            &mut history,
            data(f64::from(n), &[("requests", 1.0), ("queue", 2.0)]),
        );
    }
    put(&mut history, data(3.0, &[("requests", 1.0)]));
    assert_eq!(times(&history, &layout.chart[0]), [0.0, 1.0, 2.0, 3.0]);
    assert_eq!(times(&history, &layout.chart[1]), [1.0, 2.0]);
}

#[test]
fn an_hour_is_kept_and_no_more() {
    let mut history = points_at((0..5_000).map(|n| f64::from(n) * 10.0));
    let chart = &Layout::default().chart[0];
    let hour = history.since(chart, 0.0);
    assert_eq!(hour.len(), 361);
    assert_eq!(hour[0].timestamp, 49_990.0 - ChartHistory::SPAN);
    let before = history.clone();
    put(&mut history, data(40_000.0, &[("requests", 9.0)]));
    assert_eq!(history, before, "an older one is too late");
}

#[test]
fn a_slow_chart_keeps_as_many_points_as_it_shows() {
    let history = points_at((0..100).map(|n| f64::from(n) * 600.0));
    let chart = &Layout::default().chart[0];
    assert_eq!(history.since(chart, 0.0).len(), 20);
}

#[test]
fn a_fast_chart_keeps_no_more_than_the_capacity() {
    let mut layout = Layout::default();
    layout.chart[0].points = usize::MAX;
    let mut history = ChartHistory::new(&layout);
    for n in 0..3_000 {
        put(&mut history, data(f64::from(n), &[("requests", 1.0)]));
    }
    assert_eq!(
        history.since(&layout.chart[0], 0.0).len(),
        ChartHistory::CAPACITY
    );
}

#[test]
fn points_since_a_time() {
    let history = points_at([1.0, 2.0, 3.0, 4.0]);
    let since = |start| {
        let points = history.since(&Layout::default().chart[0], start);
        points
            .iter()
            .map(|point| point.timestamp)
            .collect::<Vec<_>>()
    };
    assert_eq!(since(3.0), [3.0, 4.0]);
    assert_eq!(since(4.5), [0.0; 0]);
}

#[test]
fn the_latest_message_counts_for_each_time() {
    let brought = [
        (1.0, data(7.0, &[("requests", 1.0)])),
        (2.0, data(7.0, &[("requests", 2.0), ("errors", 2.0)])),
        (3.0, data(7.0, &[("errors", 3.0)])),
    ];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let layout = Layout::default();
        let mut history = ChartHistory::new(&layout);
        for n in order {
            let (time, data) = &brought[n];
            history.insert(data, at(*time));
        }
        let points = history.latest(&layout.chart[0]);
        assert_eq!(points[0].values, [Some(2.0), Some(3.0)], "{order:?}");
    }
}

#[test]
fn a_break_with_missing_points_is_a_gap() {
    for (resumes_at, gap) in [
        (12.0, None),
        (13.0, None),
        (14.0, Some(14.0)),
        (60.0, Some(60.0)),
    ] {
        let mut history = points_at([0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        history.break_after(at(10_500.0));
        assert_eq!(gaps(&history), [], "nothing came after it yet");
        put(&mut history, data(resumes_at, &[("requests", 1.0)]));
        let expected = gap.map(|before| Gap {
            after: 10.0,
            before,
        });
        assert_eq!(gaps(&history), expected.as_slice(), "{resumes_at}");
    }
}

#[test]
fn each_chart_has_gaps_of_its_own() {
    let mut layout = Layout::default();
    let mut rare = layout.chart[0].clone();
    rare.series[0].key = "payments#rare".into();
    rare.series.truncate(1);
    layout.chart.push(rare);
    let mut history = ChartHistory::new(&layout);
    for second in [0..21, 41..60].into_iter().flatten().map(f64::from) {
        put(&mut history, data(second, &[("requests", 1.0)]));
        if second % 10.0 == 5.0 {
            put(&mut history, data(second + 0.5, &[("payments#rare", 1.0)]));
        }
    }
    history.break_after(at(20_000.0));
    let of = |chart: usize| history.gaps(&layout.chart[chart]);
    let gap = |after, before| [Gap { after, before }];
    assert_eq!(of(0), gap(20.0, 41.0));
    assert_eq!(of(1), gap(15.5, 45.5));
    // One that is still missing belongs to the chart that it is missing from.
    put(&mut history, data(25.5, &[("payments#rare", 1.0)]));
    put(&mut history, data(35.5, &[("payments#rare", 1.0)]));
    assert_eq!(history.gaps(&layout.chart[0]), gap(20.0, 41.0));
    assert_eq!(history.gaps(&layout.chart[1]), []);
}

#[test]
fn a_pause_without_a_break_is_not_a_gap() {
    let history = points_at([0.0, 2.0, 4.0, 60.0]);
    assert_eq!(gaps(&history), []);
}

#[test]
fn without_a_usual_spacing_stale_after_is_assumed() {
    for (resumes_at, count) in [(15.0, 0), (16.0, 1)] {
        let mut history = points_at([0.0]);
        history.break_after(at(500.0));
        put(&mut history, data(resumes_at, &[("requests", 1.0)]));
        assert_eq!(gaps(&history).len(), count, "{resumes_at}");
    }
}

#[test]
fn late_points_shrink_and_close_a_gap() {
    let mut history = points_at([0.0, 2.0, 4.0]);
    history.break_after(at(4_000.0));
    for n in (10..=15).rev() {
        put(&mut history, data(f64::from(n) * 2.0, &[("requests", 1.0)]));
    }
    let gap = |before| Gap { after: 4.0, before };
    assert_eq!(gaps(&history), [gap(20.0)]);
    put(&mut history, data(12.0, &[("requests", 1.0)]));
    assert_eq!(gaps(&history), [gap(12.0)]);
    // The source itself made a pause: all is there.
    history.mend_after(at(4_000.0));
    assert_eq!(gaps(&history), []);
}

#[test]
fn gaps_are_dropped_with_their_points_and_breaks_are_bounded() {
    let mut history = points_at([0.0, 1.0, 2.0]);
    history.break_after(at(2_000.0));
    put(&mut history, data(100.0, &[("requests", 1.0)]));
    assert_eq!(gaps(&history).len(), 1);
    for n in 0..100 {
        put(
            &mut history,
            data(4_000.0 + f64::from(n), &[("requests", 1.0)]),
        );
    }
    assert_eq!(gaps(&history), []);
    for n in 0..200 {
        let time = 5_000.0 + f64::from(n) * 10.0;
        history.break_after(at((time - 5.0) * 1_000.0));
        for later in 0..4 {
            put(
                &mut history,
                data(time + f64::from(later), &[("requests", 1.0)]),
            );
        }
    }
    assert_eq!(gaps(&history).len(), 32);
}

#[test]
fn a_new_layout_keeps_the_gaps() {
    let mut history = points_at([0.0, 1.0, 2.0]);
    history.break_after(at(2_000.0));
    put(&mut history, data(100.0, &[("requests", 1.0)]));
    let before = gaps(&history);
    history.set_layout(&Layout::default());
    assert_eq!(gaps(&history), before);
    assert_eq!(before.len(), 1);
}

#[test]
fn before_the_kept_points_are_the_peaks_of_the_hubs_summary() {
    let layout = Layout::default();
    let chart = &layout.chart[0];
    let mut history = ChartHistory::new(&layout);
    let series = [
        (
            "requests",
            vec![
                Bucket(0.0, -9.0, 5.0, 1.0, 2),
                Bucket(60.0, 1.0, 7.0, 2.0, 3),
            ],
        ),
        (
            "errors",
            vec![
                Bucket(60.0, 0.0, 2.0, 1.0, 3),
                Bucket(120.0, 9.0, 9.0, 9.0, 1),
            ],
        ),
        ("other", vec![Bucket(30.0, 1.0, 1.0, 1.0, 1)]),
    ];
    history.set_older(Summary {
        seconds: 60.0,
        since: None,
        series: series
            .map(|(key, buckets)| (key.to_owned(), buckets))
            .into(),
    });
    let values = |history: &ChartHistory, start| -> Vec<_> {
        let points = history.since(chart, start).into_iter();
        points
            .map(|point| (point.timestamp, point.values))
            .collect()
    };
    let first = (0.0, vec![Some(-9.0), None]);
    let second = (60.0, vec![Some(7.0), Some(2.0)]);
    let third = (120.0, vec![None, Some(9.0)]);
    assert_eq!(
        values(&history, 0.0),
        [first.clone(), second.clone(), third]
    );
    let data = ChartData {
        timestamp: 100.0,
        values: [("requests".to_owned(), 3.0)].into(),
    };
    history.insert(&data, Order::default());
    let kept = (100.0, vec![Some(3.0), None]);
    assert_eq!(values(&history, 0.0), [first, second.clone(), kept.clone()]);
    assert_eq!(values(&history, 30.0), [second, kept]);
    assert_eq!(history.latest(chart).len(), 1, "which are counted");
}
