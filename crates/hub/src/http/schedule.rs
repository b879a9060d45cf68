//! Parses the time of a scheduled message: `at(2026-07-24T14:30:00)` in a time zone.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::limits::MAX_LABEL_CHARS;
use live_dashboard_protocol::name::cut;

/// Parses the time `expression` in `zone` (UTC if `None`). It must be after `now`.
///
/// When the clocks change, a repeated local time means the first one, and a skipped one
/// is moved forward by the length of the gap.
///
/// # Errors
/// The field that breaks its rule, and the rule.
pub(crate) fn due(
    expression: &str,
    zone: Option<&str>,
    now: SystemTime,
) -> Result<SystemTime, ErrorDetail> {
    let expression_broken = |rule: &str| ErrorDetail::invalid_field("scheduleExpression", rule);
    let zone = match zone {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|_| {
            let name = cut(name, MAX_LABEL_CHARS);
            let rule = format!("must be an IANA time zone such as `Europe/Vienna`, not `{name}`");
            ErrorDetail::invalid_field("scheduleExpressionTimezone", rule)
        })?,
    };
    let time = expression
        .trim()
        .strip_prefix("at(")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|time| DateTime::strptime("%Y-%m-%dT%H:%M:%S", time).ok())
        .ok_or_else(|| expression_broken("must be one time such as `at(2026-07-24T14:30:00)`"))?;
    let at = zone
        .to_zoned_datetime(time)
        .map_err(|_| expression_broken("is out of range"))?;
    u64::try_from(at.timestamp().as_second())
        .ok()
        .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
        .filter(|at| *at > now)
        .ok_or_else(|| expression_broken("must be in the future"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(expression: &str, zone: Option<&str>) -> Result<u64, (String, String)> {
        due(expression, zone, UNIX_EPOCH)
            .map(|at| at.duration_since(UNIX_EPOCH).expect("after 1970").as_secs())
            .map_err(|error| (error.field.unwrap_or_default(), error.message))
    }

    #[test]
    fn times_are_read_in_their_zone() {
        assert_eq!(unix("at(2026-07-24T14:30:00)", None), Ok(1_784_903_400));
        let vienna = Some("Europe/Vienna");
        assert_eq!(unix("at(2026-07-24T14:30:00)", vienna), Ok(1_784_896_200));
        // Summer time ends: 2:30 comes twice, first at 0:30 UTC.
        assert_eq!(unix("at(2026-10-25T02:30:00)", vienna), Ok(1_792_888_200));
        // It begins: 2:30 does not come; 3:30 is 1:30 UTC.
        assert_eq!(unix("at(2026-03-29T02:30:00)", vienna), Ok(1_774_747_800));
    }

    #[test]
    fn an_invalid_field_is_named_with_its_rule() {
        for expression in [
            "",
            "2026-07-24T14:30:00",
            "at(2026-07-24)",
            "at(2026-07-24T14:30:00Z)",
            "at(2026-13-24T14:30:00)",
            "rate(5 minutes)",
            "at(1969-01-01T00:00:00)",
        ] {
            let (field, message) = unix(expression, None).expect_err(expression);
            assert_eq!(field, "scheduleExpression");
            assert!(message.starts_with("`scheduleExpression` "), "{message}");
        }
        let (field, message) =
            unix("at(2026-07-24T14:30:00)", Some("Mars/Olympus")).expect_err("no such zone");
        assert_eq!(field, "scheduleExpressionTimezone");
        assert!(message.contains("Mars/Olympus"), "{message}");
    }

    #[test]
    fn a_time_must_be_in_the_future() {
        let now = UNIX_EPOCH + Duration::from_secs(1_784_903_400);
        assert!(due("at(2026-07-24T14:30:00)", None, now).is_err());
        assert!(due("at(2026-07-24T14:30:01)", None, now).is_ok());
    }
}
