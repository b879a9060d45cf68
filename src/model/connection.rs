//! The state of the connection to the hub.

/// The state of the connection, as shown to people.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Connection {
    /// The first attempt is in progress.
    #[default]
    Connecting,
    /// Subscribed: messages arrive as they are published.
    Live,
    /// Subscribed, but the hub cannot publish at present.
    Interrupted,
    /// The connection was lost or could not be made; it is retried.
    Reconnecting {
        /// When the next attempt starts, in milliseconds since the Unix epoch
        /// by the viewer's clock; `None` while one is in progress.
        retry_at: Option<f64>,
        /// What went wrong last.
        problem: Problem,
    },
    /// The hub refused, and retrying cannot change that.
    Refused {
        /// Why, as a sentence.
        reason: String,
    },
}

impl Connection {
    /// The state in one word, for stylesheets and tests.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Interrupted => "interrupted",
            Self::Reconnecting { .. } => "reconnecting",
            Self::Refused { .. } => "refused",
        }
    }

    /// Seconds until the next attempt; `None` unless one is scheduled. `now`
    /// returns milliseconds since the Unix epoch by the viewer's clock, and is
    /// only called if an attempt is scheduled.
    pub fn retry_in(&self, now: impl FnOnce() -> f64) -> Option<u64> {
        let Self::Reconnecting {
            retry_at: Some(at), ..
        } = self
        else {
            return None;
        };
        let wait = at - now();
        (wait > 0.0).then(|| (wait / 1000.0).ceil() as u64)
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problem {
    /// What happened, as a short sentence.
    pub text: String,
    /// The address that was tried.
    pub address: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countdown_ends_at_one_second() {
        let waiting = |retry_at| Connection::Reconnecting {
            retry_at,
            problem: Problem::default(),
        };
        assert_eq!(waiting(Some(5000.0)).retry_in(|| 1000.0), Some(4));
        assert_eq!(waiting(Some(5000.0)).retry_in(|| 1001.0), Some(4));
        assert_eq!(waiting(Some(5000.0)).retry_in(|| 4999.0), Some(1));
        assert_eq!(waiting(Some(5000.0)).retry_in(|| 5000.0), None);
        assert_eq!(waiting(Some(5000.0)).retry_in(|| 9000.0), None);
        assert_eq!(waiting(None).retry_in(|| 0.0), None);
        assert_eq!(Connection::Live.retry_in(|| unreachable!("not read")), None);
    }
}
