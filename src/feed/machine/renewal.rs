//! When to renew a connection that the hub will cut.

use live_dashboard_protocol::limits::LAST_SECOND;

use super::retry::Random;
use crate::model::format::rfc3339;

/// A renewal starts this long before the end, in milliseconds, or this share
/// of a short lifetime; randomly up to twice as early.
const LEAD: f64 = 60_000.0;
const LEAD_SHARE: f64 = 0.1;
/// The shortest time until a renewal, in milliseconds: a wrong clock must not
/// make a viewer renew without end.
const SHORTEST: f64 = 2_000.0;

/// The milliseconds until a connection is renewed that ends at `expires_at`, an
/// RFC 3339 time; `now` is the viewer's clock, in milliseconds since the Unix
/// epoch.
///
/// A connection that seems to have ended already is not renewed: the two clocks
/// disagree, and the hub will cut it by its own.
pub(super) fn renew_in(expires_at: &str, now: f64, random: &mut Random) -> Option<f64> {
    let remaining = unix_millis(expires_at)? - now;
    if remaining <= 0.0 {
        return None;
    }
    let lead = LEAD.min(LEAD_SHARE * remaining);
    Some((remaining - lead * random.between(1.0, 2.0)).max(SHORTEST))
}

/// The milliseconds since the Unix epoch of an RFC 3339 time in UTC, such as
/// `2026-10-13T19:09:23Z`; fractions of a second are ignored.
///
/// Such times sort as texts, so a binary search finds the second without
/// another calendar.
fn unix_millis(time: &str) -> Option<f64> {
    let time = time.to_ascii_uppercase();
    let time = time.strip_suffix('Z')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let time = format!("{time}Z");
    let text = |second: u64| rfc3339(second as f64 * 1_000.0);
    let (mut low, mut high) = (0, LAST_SECOND as u64 + 1);
    while low < high {
        let middle = (low + high) / 2;
        if text(middle) < time {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    (text(low) == time).then_some(low as f64 * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (time, millis) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2026-10-13T19:09:23Z", 1_791_918_563_000.0),
            ("2026-10-13t19:09:23.999999z", 1_791_918_563_000.0),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000.0),
            ("2000-03-01T00:00:00Z", 951_868_800_000.0),
            ("1999-12-31T23:59:59Z", 946_684_799_000.0),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000.0),
        ] {
            assert_eq!(unix_millis(time), Some(millis), "{time}");
        }
    }

    #[test]
    fn other_texts_are_not_times() {
        for text in [
            "",
            "Z",
            "2026-10-13",
            "2026-10-13T19:09:23",
            "2026-10-13T19:09:23+02:00",
            "2026-13-13T19:09:23Z",
            "2026-00-13T19:09:23Z",
            "2026-02-29T19:09:23Z",
            "2026-10-32T19:09:23Z",
            "2026-10-13T24:09:23Z",
            "2026-10-13T19:60:23Z",
            "2026-10-13T19:09:23.Z",
            "2026-10-13T19:09:23.xZ",
            "2026-10-13T19:09Z",
            "2026-10-13T19:09:23:00Z",
            "+026-10-13T19:09:23Z",
            "1969-12-31T23:59:59Z",
            "tomorrow",
        ] {
            assert_eq!(unix_millis(text), None, "{text:?}");
        }
    }

    /// The delay until the renewal of a connection with this lifetime.
    fn renewal(lifetime: f64, seed: u64) -> Option<f64> {
        let expires_at = rfc3339(1e12 + lifetime);
        renew_in(&expires_at, 1e12, &mut Random::new(seed))
    }

    #[test]
    fn a_renewal_comes_before_the_end() {
        for seed in 0..100 {
            let hours = renewal(7_200_000.0, seed).expect("a renewal");
            assert!((7_080_000.0..=7_140_000.0).contains(&hours), "{hours}");
            let short = renewal(10_000.0, seed).expect("a renewal");
            assert!((8_000.0..=9_000.0).contains(&short), "{short}");
        }
    }

    #[test]
    fn a_wrong_clock_does_not_cause_endless_renewals() {
        assert_eq!(renewal(1_000.0, 1), Some(2_000.0));
        assert_eq!(renewal(0.0, 1), None);
        assert_eq!(renewal(-5_000.0, 1), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[0-9TZ:. -]{0,30}|\\PC*") {
            let _ = unix_millis(&text);
        }
    }
}
