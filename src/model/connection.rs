//! How the viewer stands with its hub.

/// The state of the connection, as a person should hear of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Connection {
    /// The first try is under way.
    #[default]
    Connecting,
    /// Subscribed: what is published arrives.
    Live,
    /// The connection is lost, or never came about; it is tried again.
    Reconnecting {
        /// When the next try starts, in milliseconds since the Unix epoch by
        /// the viewer's clock; `None` while one is under way.
        retry_at: Option<f64>,
        /// What went wrong last.
        problem: Problem,
    },
    /// The hub said no in a way that trying again cannot change.
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
            Self::Reconnecting { .. } => "reconnecting",
            Self::Refused { .. } => "refused",
        }
    }

    /// Seconds from `now`, in milliseconds since the Unix epoch by the
    /// viewer's clock, until the next try; `None` where none is waited for.
    pub fn retry_in(&self, now: f64) -> Option<u64> {
        match self {
            Self::Reconnecting {
                retry_at: Some(at), ..
            } if *at > now => Some(((at - now) / 1000.0).ceil() as u64),
            _ => None,
        }
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
        assert_eq!(waiting(Some(5000.0)).retry_in(1000.0), Some(4));
        assert_eq!(waiting(Some(5000.0)).retry_in(1001.0), Some(4));
        assert_eq!(waiting(Some(5000.0)).retry_in(4999.0), Some(1));
        assert_eq!(waiting(Some(5000.0)).retry_in(5000.0), None);
        assert_eq!(waiting(Some(5000.0)).retry_in(9000.0), None);
        assert_eq!(waiting(None).retry_in(0.0), None);
        assert_eq!(Connection::Live.retry_in(0.0), None);
    }
}
