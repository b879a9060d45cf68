//! How far back the charts reach.

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
}

impl Range {
    /// All ranges, shortest first.
    pub const ALL: [Self; 3] = [Self::Latest, Self::FiveMinutes, Self::Hour];

    /// The seconds before the newest point; `None` if points are counted.
    pub fn seconds(self) -> Option<f64> {
        match self {
            Self::Latest => None,
            Self::FiveMinutes => Some(300.0),
            Self::Hour => Some(3600.0),
        }
    }

    /// Its name on the switch and in a viewer's notes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "Latest",
            Self::FiveMinutes => "5 min",
            Self::Hour => "1 h",
        }
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
}
