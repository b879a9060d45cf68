//! How far back the charts reach.

use live_dashboard_protocol::limits::HISTORY_SECONDS;

/// A range that the viewer can choose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Range {
    /// The number of points in each chart's layout.
    #[default]
    Latest,
    /// The last five minutes.
    FiveMinutes,
    /// The last hour.
    Hour,
    /// The last six hours.
    SixHours,
    /// The last 24 hours.
    Day,
    /// The last seven days.
    Week,
}

impl Range {
    /// All ranges, shortest first.
    pub const ALL: [Self; 6] = [
        Self::Latest,
        Self::FiveMinutes,
        Self::Hour,
        Self::SixHours,
        Self::Day,
        Self::Week,
    ];

    /// The seconds before the newest point; `None` if points are counted.
    pub fn seconds(self) -> Option<f64> {
        match self {
            Self::Latest => None,
            Self::FiveMinutes => Some(300.0),
            Self::Hour => Some(3600.0),
            Self::SixHours => Some(21_600.0),
            Self::Day => Some(86_400.0),
            Self::Week => Some(604_800.0),
        }
    }

    /// Its name on the switch and in a viewer's notes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "Latest",
            Self::FiveMinutes => "5 min",
            Self::Hour => "1 h",
            Self::SixHours => "6 h",
            Self::Day => "24 h",
            Self::Week => "7 d",
        }
    }

    /// Whether it is offered: it ends where the hub's stored points do, but the page
    /// keeps an hour by itself.
    pub fn is_within(self, reach: f64) -> bool {
        self.seconds().unwrap_or_default() <= reach.max(HISTORY_SECONDS)
    }

    /// The range of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_range_is_found_by_its_name() {
        for range in Range::ALL {
            assert_eq!(Range::named(range.as_str()), Some(range));
        }
        assert_eq!(Range::named("1 week"), None);
    }

    #[test]
    fn ranges_are_offered_as_far_as_the_hub_reaches() {
        for (reach, longest) in [
            (0.0, Range::Hour),
            (3600.0, Range::Hour),
            (86_399.0, Range::SixHours),
            (1e9, Range::Week),
        ] {
            let mut offered = Range::ALL.into_iter().rev();
            assert_eq!(offered.find(|range| range.is_within(reach)), Some(longest));
        }
    }
}
