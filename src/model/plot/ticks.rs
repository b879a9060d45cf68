//! Round times for a time axis. Times are seconds since the Unix epoch.

/// The steps between ticks, in seconds: round on a clock.
const STEPS: [f64; 17] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
    10_800.0, 21_600.0, 43_200.0,
];

/// A day; longer steps are multiples of it.
pub(super) const DAY: f64 = 86_400.0;

/// The smallest step that divides a span, in seconds, into at most `parts` parts.
pub(super) fn time_step(span: f64, parts: f64) -> f64 {
    let mut steps = STEPS.into_iter();
    steps.find(|step| span / step <= parts).unwrap_or_else(|| {
        // Whole days; at least one, also if the span is not a number.
        DAY * (span / parts / DAY).ceil().max(1.0)
    })
}

/// The times from `start` to `end` that are multiples of `step` seconds in local
/// time; at most 1,000. `utc_offset` is in minutes, east positive.
pub(super) fn time_ticks(
    start: f64,
    end: f64,
    step: f64,
    utc_offset: i32,
) -> impl Iterator<Item = f64> {
    let ahead = f64::from(utc_offset) * 60.0;
    let first = ((start + ahead) / step).ceil();
    (0..1000)
        .map(move |n| (first + f64::from(n)) * step - ahead)
        .take_while(move |tick| *tick <= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_on_a_clock() {
        for (span, expected) in [
            (0.0, 1.0),
            (6.0, 1.0),
            (7.0, 2.0),
            (60.0, 10.0),
            (75.0, 15.0),
            (300.0, 60.0),
            (3600.0, 600.0),
            (43_200.0, 7200.0),
            (86_400.0 * 20.0, 86_400.0 * 4.0),
            (f64::NAN, 86_400.0),
        ] {
            assert_eq!(time_step(span, 6.0), expected, "{span}");
        }
    }

    #[test]
    fn ticks_are_round_in_local_time() {
        let ticks = |start, end, step, offset| -> Vec<f64> {
            time_ticks(start, end, step, offset).collect()
        };
        assert_eq!(ticks(7.0, 31.0, 10.0, 0), [10.0, 20.0, 30.0]);
        assert_eq!(ticks(10.0, 20.0, 10.0, 0), [10.0, 20.0]);
        // Kathmandu is 5:45 ahead: its full hours are at a quarter past.
        assert_eq!(ticks(0.0, 7200.0, 3600.0, 345), [900.0, 4500.0]);
        assert_eq!(ticks(5.0, 5.0, 10.0, 0), [0.0; 0]);
    }

    proptest::proptest! {
        #[test]
        fn the_number_of_ticks_is_bounded(start: f64, span: f64) {
            let step = time_step(span, 6.0);
            let count = time_ticks(start, start + span, step, 60).count();
            proptest::prop_assert!(count <= 1000);
            if (0.0..4e9).contains(&start) && (0.0..1e9).contains(&span) {
                proptest::prop_assert!(count <= 7, "{count} of {step}");
            }
        }
    }
}
