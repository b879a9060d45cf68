//! A value against its thresholds over time: how bad it has been for long enough.
//!
//! Times are seconds by any clock that does not go back.

use live_dashboard_protocol::layout::Severity;

/// A value that is good again, but by less than the hysteresis, is believed after this time,
/// in seconds: one that cannot get better by more must not fire forever.
pub(super) const SETTLE: f64 = 60.0;

const LEVELS: [Severity; 2] = [Severity::Warning, Severity::Critical];

/// A value's state.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Watch {
    /// How bad the latest value is.
    latest: Severity,
    /// The same, but what fires goes on until the value is better by the hysteresis.
    severity: Severity,
    /// Since when it has been at least a warning, and critical.
    since: [Option<f64>; 2],
    /// Since when only the hysteresis has kept it as bad as it is.
    settling: Option<f64>,
    /// How bad it has been for long enough.
    fired: Severity,
}

impl Watch {
    /// One whose alert is this bad since then.
    pub(super) fn firing(severity: Severity, since: f64) -> Self {
        let mut watch = Self {
            latest: severity,
            fired: severity,
            ..Self::default()
        };
        watch.set(severity, since);
        watch
    }

    /// Takes a value: how bad it is, and how bad it would be if it had to be better by the
    /// hysteresis. `hold` is for how long a state must last before it fires.
    pub(super) fn judge(&mut self, strict: Severity, relaxed: Severity, at: f64, hold: f64) {
        let fired = self.fired(at, hold);
        self.latest = strict;
        self.set(strict.max(relaxed.min(fired)), at);
        self.settling = match strict < self.severity {
            true => self.settling.or(Some(at)),
            false => None,
        };
    }

    /// What fires by now.
    pub(super) fn fired(&mut self, now: f64, hold: f64) -> Severity {
        if self.settling.is_some_and(|since| now - since >= SETTLE) {
            self.settling = None;
            self.set(self.latest, now);
        }
        self.fired = self.fired.min(self.severity);
        for (level, since) in LEVELS.into_iter().zip(self.since) {
            if since.is_some_and(|since| now - since >= hold) {
                self.fired = self.fired.max(level);
            }
        }
        self.fired
    }

    /// Since when it has been bad.
    pub(super) fn since(&self) -> Option<f64> {
        self.since[0]
    }

    /// How bad the latest value is by itself.
    pub(super) fn latest(&self) -> Severity {
        self.latest
    }

    fn set(&mut self, severity: Severity, at: f64) {
        self.severity = severity;
        for (level, since) in LEVELS.into_iter().zip(&mut self.since) {
            *since = since.or(Some(at)).filter(|_| severity >= level);
        }
    }
}

#[cfg(test)]
mod tests {
    use Severity::{Critical, Ok as Good, Warning};
    use proptest::prelude::*;

    use super::*;

    /// The severity of a number: a warning above 10, critical above 20.
    fn severity(number: f64, shift: f64) -> Severity {
        match number + shift {
            number if number > 20.0 => Critical,
            number if number > 10.0 => Warning,
            _ => Good,
        }
    }

    fn judge(watch: &mut Watch, number: f64, at: f64, hold: f64) -> Severity {
        watch.judge(severity(number, 0.0), severity(number, 1.0), at, hold);
        watch.fired(at, hold)
    }

    #[test]
    fn a_value_fires_beyond_its_thresholds_and_until_it_is_clearly_better() {
        let mut watch = Watch::default();
        for (at, (number, expected)) in (0_u32..).zip([
            (10.0, Good),
            (9.5, Good),
            (10.1, Warning),
            (9.5, Warning),
            (20.5, Critical),
            (19.5, Critical),
            (19.0, Warning),
            (9.1, Warning),
            (9.0, Good),
            (9.5, Good),
            (21.0, Critical),
            (5.0, Good),
        ]) {
            let fired = judge(&mut watch, number, at.into(), 0.0);
            assert_eq!(fired, expected, "{number} at {at}");
        }
        assert_eq!(watch.since(), None);
    }

    #[test]
    fn a_state_must_last_before_it_fires() {
        let mut watch = Watch::default();
        let hold = 120.0;
        assert_eq!(judge(&mut watch, 15.0, 0.0, hold), Good);
        assert_eq!(watch.fired(119.0, hold), Good);
        // The hysteresis is for what fires.
        assert_eq!(judge(&mut watch, 9.5, 119.5, hold), Good);
        assert_eq!(watch.fired(130.0, hold), Good, "it did not last");
        assert_eq!(judge(&mut watch, 15.0, 200.0, hold), Good);
        assert_eq!(judge(&mut watch, 25.0, 300.0, hold), Good);
        assert_eq!(watch.fired(320.0, hold), Warning);
        assert_eq!(watch.fired(419.0, hold), Warning);
        assert_eq!(watch.fired(420.0, hold), Critical);
        assert_eq!(watch.since(), Some(200.0));
        assert_eq!(judge(&mut watch, 0.0, 421.0, hold), Good);
    }

    #[test]
    fn a_value_that_cannot_get_better_is_believed_in_the_end() {
        let mut watch = Watch::default();
        judge(&mut watch, 15.0, 0.0, 0.0);
        assert_eq!(judge(&mut watch, 9.5, 10.0, 0.0), Warning);
        assert_eq!(judge(&mut watch, 9.6, 60.0, 0.0), Warning);
        assert_eq!(watch.fired(10.0 + SETTLE, 0.0), Good);
        assert_eq!(watch.since(), None);
        judge(&mut watch, 15.0, 100.0, 0.0);
        judge(&mut watch, 9.5, 110.0, 0.0);
        judge(&mut watch, 15.0, 150.0, 0.0);
        assert_eq!(judge(&mut watch, 9.5, 160.0, 0.0), Warning);
        assert_eq!(watch.fired(200.0, 0.0), Warning, "it was bad meanwhile");
    }

    #[test]
    fn what_fired_before_a_restart_fires_until_a_good_value() {
        let mut watch = Watch::firing(Critical, -500.0);
        assert_eq!(watch.fired(0.0, 3600.0), Critical);
        assert_eq!(watch.since(), Some(-500.0));
        assert_eq!(judge(&mut watch, 19.5, 1.0, 3600.0), Critical);
        assert_eq!(judge(&mut watch, 15.0, 2.0, 3600.0), Warning);
        assert_eq!(judge(&mut watch, 1.0, 3.0, 3600.0), Good);
    }

    proptest! {
        #[test]
        fn it_fires_only_what_lasted_and_never_beyond_what_the_value_allows(
            steps in prop::collection::vec((0.0..30.0_f64, 0.0..40.0_f64), 1..60),
            hold in prop_oneof![Just(0.0), 0.0..100.0],
        ) {
            let mut watch = Watch::default();
            // Asked more often, it must not answer differently.
            let mut observed = Watch::default();
            let mut at = 0.0;
            let mut values: Vec<(f64, f64)> = Vec::new();
            let mut before = Good;
            for (number, wait) in steps {
                observed.fired(at + wait / 3.0, hold);
                observed.fired(at + wait / 2.0, hold);
                at += wait;
                let lasted = watch.fired(at, hold);
                if lasted > before {
                    // All values were as bad, also the one that was the latest at the start.
                    let is_earlier = |(_, time): &(f64, f64)| *time <= at - hold;
                    let first = values.iter().rposition(is_earlier).expect("such a value");
                    let as_bad = |(number, _): &(f64, f64)| severity(*number, 0.0) >= lasted;
                    prop_assert!(values[first..].iter().all(as_bad));
                }
                values.push((number, at));
                let fired = judge(&mut watch, number, at, hold);
                prop_assert_eq!(judge(&mut observed, number, at, hold), fired);
                prop_assert!(fired <= severity(number, 1.0));
                prop_assert!(fired <= lasted.max(watch.latest()));
                if hold == 0.0 {
                    prop_assert!(fired >= severity(number, 0.0));
                } else {
                    prop_assert!(fired <= lasted);
                }
                before = fired;
            }
            prop_assert_eq!(watch.fired(at + 2.0 * SETTLE + hold, hold), watch.latest());
        }
    }
}
