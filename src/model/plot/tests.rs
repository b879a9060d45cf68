use live_dashboard_protocol::layout::Layout;

use super::*;
use crate::model::Range;

fn chart(kind: ChartKind) -> Chart {
    let mut chart = Layout::default().chart.remove(0);
    chart.kind = kind;
    chart
}

/// Points of these times, each with one value.
fn points(times: impl IntoIterator<Item = f64>) -> Vec<Point> {
    let point = |timestamp| Point {
        timestamp,
        values: vec![Some(timestamp % 7.0), None],
    };
    times.into_iter().map(point).collect()
}

fn every(step: f64, count: u32) -> Vec<Point> {
    points((0..count).map(|n| 600.0 + f64::from(n) * step))
}

fn plot(range: Range, points: &[Point]) -> Plot {
    Plot::new(&chart(ChartKind::Bars), range.seconds(), points, &[], |_| 0)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn counted_points_have_equal_slots_up_to_the_right_edge() {
    let plot = plot(Range::Latest, &every(3.0, 5));
    assert_eq!(plot.slot, 1.0 / 20.0);
    let places: Vec<_> = plot.marks.iter().map(|mark| mark.place).collect();
    for (n, place) in places.iter().enumerate() {
        assert!(near(*place, (15.5 + n as f64) / 20.0), "{places:?}");
    }
    assert_eq!(plot.peak_of, None);
}

/// A narrow chart shows no labels of minor ticks.
#[test]
fn the_time_axis_always_has_a_label() {
    for start in [601.0, 606.0, 611.0] {
        let points = points((0..5).map(|n| start + f64::from(n)));
        let times = plot(Range::Latest, &points).times;
        assert!(times.iter().any(|tick| !tick.minor), "{start}: {times:?}");
    }
}

#[test]
fn the_time_axis_has_round_times() {
    let latest = plot(Range::Latest, &every(3.0, 20));
    let times: Vec<_> = latest.times.iter().map(|tick| tick.at).collect();
    assert_eq!(times, [600.0, 610.0, 620.0, 630.0, 640.0, 650.0]);
    assert!(latest.to_the_second);
    let tick = latest.times[1];
    assert!(near(tick.place, (0.5 + 10.0 / 3.0) / 20.0), "{tick:?}");
    assert!(tick.minor && !latest.times[0].minor);

    let five = plot(Range::FiveMinutes, &every(3.0, 101));
    let times: Vec<_> = five.times.iter().map(|tick| tick.at).collect();
    assert_eq!(times, [600.0, 660.0, 720.0, 780.0, 840.0, 900.0]);
    assert!(!five.to_the_second);
    assert_eq!(five.marks.len(), 101);
}

#[test]
fn an_hour_is_reduced_to_peaks_of_fixed_periods() {
    let all = every(2.0, 1800);
    let hour = plot(Range::Hour, &all);
    assert_eq!(hour.peak_of, Some(30.0));
    assert_eq!(hour.marks.len(), 120);
    let first = &hour.marks[0].point;
    assert_eq!(first.values[0], Some(6.0), "the largest of each stretch");
    assert_eq!(first.values[1], None);
    let later = plot(Range::Hour, &all[1..]);
    assert_eq!(later.marks[1].point, hour.marks[1].point);
    let lines = Plot::new(
        &chart(ChartKind::Lines),
        Range::Hour.seconds(),
        &all,
        &[],
        |_| 0,
    );
    assert_eq!(lines.peak_of, Some(10.0));
}

#[test]
fn a_gap_takes_a_slot_among_counted_points() {
    let mut all = every(3.0, 5);
    all.extend(points([4000.0, 4003.0]));
    let paused = plot(Range::Latest, &all);
    assert_eq!(paused.slot, 1.0 / 21.0);
    assert!(paused.marks[5].after_gap);
    let [gap] = &paused.gaps[..] else {
        panic!("one gap: {:?}", paused.gaps)
    };
    assert_eq!((gap.gap.after, gap.gap.before), (612.0, 4000.0));
    assert!(near(gap.width, 1.0 / 21.0), "{gap:?}");
    assert!(near(gap.place, 18.0 / 21.0), "{gap:?}");
    assert!(
        paused
            .times
            .iter()
            .all(|tick| tick.at < 613.0 || tick.at >= 4000.0)
    );
}

#[test]
fn a_known_gap_is_shown_however_short() {
    let known = [Gap {
        after: 606.0,
        before: 607.0,
    }];
    let all = every(3.0, 5);
    let plot = Plot::new(
        &chart(ChartKind::Lines),
        Range::FiveMinutes.seconds(),
        &all,
        &known,
        |_| 0,
    );
    let after: Vec<_> = plot.marks.iter().map(|mark| mark.after_gap).collect();
    assert_eq!(after, [false, false, false, true, false]);
    assert!(plot.gaps[0].width > 0.0 || plot.slot > 0.0);
}

#[test]
fn marks_are_found_by_place_and_by_time() {
    let plot = plot(Range::Latest, &every(3.0, 5));
    assert_eq!(plot.nearest(0.0), Some(0));
    assert_eq!(plot.nearest(0.88), Some(2));
    assert_eq!(plot.nearest(1.0), Some(4));
    assert_eq!(plot.at(607.0), Some(2));
    assert_eq!(plot.at(612.0), Some(4));
    assert_eq!(plot.at(600.0), Some(0));
    assert_eq!(plot.at(650.0), None);
    assert_eq!(plot.at(500.0), None);
    let empty = super::Plot::new(
        &chart(ChartKind::Bars),
        Range::Hour.seconds(),
        &[],
        &[],
        |_| 0,
    );
    assert_eq!((empty.nearest(0.5), empty.at(1.0)), (None, None));
}

#[test]
fn bands_are_on_the_bad_side_of_their_thresholds() {
    let with = |better, warning, critical| {
        let chart = Chart {
            better,
            warning: Some(warning),
            critical: Some(critical),
            ..chart(ChartKind::Bars)
        };
        let point = Point {
            timestamp: 1.0,
            values: vec![Some(100.0)],
        };
        let plot = Plot::new(&chart, Range::Latest.seconds(), &[point], &[], |_| 0);
        let bands = plot.bands.iter();
        let all: Vec<_> = bands
            .map(|band| (band.severity, band.line, band.top, band.height))
            .collect();
        all
    };
    use Severity::{Critical, Warning};
    assert_eq!(
        with(Better::Lower, 50.0, 80.0),
        [(Critical, 0.2, 0.0, 0.2), (Warning, 0.5, 0.2, 0.3)]
    );
    assert_eq!(
        with(Better::Higher, 50.0, 25.0),
        [(Critical, 0.75, 0.75, 0.25), (Warning, 0.5, 0.5, 0.25)]
    );
    assert_eq!(
        with(Better::Lower, 5000.0, 8000.0),
        [],
        "far away, off the axis"
    );
}

#[test]
fn an_axis_has_one_unit() {
    let chart = Chart {
        format: live_dashboard_protocol::layout::Format::Bytes,
        ..chart(ChartKind::Lines)
    };
    let point = |timestamp, value| Point {
        timestamp,
        values: vec![Some(value)],
    };
    let points = [point(1.0, 0.0), point(2.0, 4096.0)];
    let plot = Plot::new(&chart, Range::Latest.seconds(), &points, &[], |_| 0);
    assert_eq!(plot.axis_unit, (1024.0, "KiB"));
    assert_eq!(plot.axis.high, 4.0);
    assert_eq!(plot.depth(2048.0), 0.5);
}

proptest::proptest! {
    #[test]
    fn whatever_comes_stays_within_the_drawing(
        mut times in proptest::collection::vec(0.0..2e9_f64, 0..40),
        value: f64,
        lines: bool,
    ) {
        times.sort_by(f64::total_cmp);
        let kind = if lines { ChartKind::Lines } else { ChartKind::Bars };
        let all: Vec<_> = times
            .into_iter()
            .map(|timestamp| Point { timestamp, values: vec![Some(value)] })
            .collect();
        for range in Range::ALL {
            let newest = all.last().map_or(0.0, |point| point.timestamp);
            let start = range.seconds().map_or(0.0, |span| newest - span);
            let shown: Vec<_> = all.iter().filter(|p| p.timestamp >= start).cloned().collect();
            let plot = Plot::new(&chart(kind), range.seconds(), &shown, &[], |_| 60);
            for mark in &plot.marks {
                proptest::prop_assert!((0.0..=1.0).contains(&mark.place), "{mark:?}");
            }
            for tick in &plot.times {
                proptest::prop_assert!((0.0..=1.0).contains(&tick.place), "{tick:?}");
            }
            proptest::prop_assert!(plot.times.len() <= 12);
        }
    }
}
