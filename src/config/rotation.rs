//! A wall that shows several dashboards in turn.

use std::time::Duration;

use super::ConfigError;

/// How long a dashboard is shown unless the setting says otherwise.
const PAUSE: Duration = Duration::from_secs(30);

/// The shortest time: below it a wall would mostly connect.
const SHORTEST: u64 = 5;

/// Which dashboards, and for how long each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The dashboards' names, in order; at least one.
    pub dashboards: Vec<String>,
    /// How long each is shown.
    pub pause: Duration,
}

impl Rotation {
    /// Reads names with commas between them, and a time such as `30s`, `2m` or `1h`;
    /// `None` without names.
    ///
    /// # Errors
    /// The time is invalid or shorter than 5 s.
    pub(super) fn read(
        rotate: Option<&str>,
        every: Option<&str>,
    ) -> Result<Option<Self>, ConfigError> {
        let pause = match every {
            Some(every) => time(every).ok_or_else(|| ConfigError::Every(every.to_owned()))?,
            None => PAUSE,
        };
        let names = rotate.unwrap_or_default().split(',').map(str::trim);
        let names = names.filter(|name| !name.is_empty()).map(Into::into);
        let dashboards: Vec<String> = names.collect();
        Ok((!dashboards.is_empty()).then_some(Self { dashboards, pause }))
    }
}

fn time(text: &str) -> Option<Duration> {
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let mut times = units.into_iter().filter_map(|(name, unit)| {
        let count: u64 = text.strip_suffix(name)?.trim().parse().ok()?;
        count.checked_mul(unit)
    });
    let seconds = times.next().filter(|seconds| *seconds >= SHORTEST)?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_a_time_are_read() {
        let read = |rotate, every| Rotation::read(Some(rotate), every).expect("valid");
        let both = read("ops, shop,", Some("2m")).expect("two names");
        assert_eq!(both.dashboards, ["ops", "shop"]);
        assert_eq!(both.pause, Duration::from_secs(120));
        assert_eq!(read("ops", None).expect("a name").pause, PAUSE);
        assert_eq!(read(" ,", None), None);
        assert_eq!(Rotation::read(None, None), Ok(None));
        for wrong in [
            "",
            "30",
            "4s",
            "soon",
            "-5s",
            "99999999999999999999h",
            "1.5m",
        ] {
            let error = Rotation::read(Some("ops"), Some(wrong)).expect_err(wrong);
            assert_eq!(error, ConfigError::Every(wrong.into()));
        }
    }
}
