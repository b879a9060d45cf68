//! The options about [`Limits`]: in `hub.toml`, those of the table `limits`.

use std::time::Duration;

use serde::Deserialize;

use super::spec::Spec;
use super::{ConfigError, invalid};
use crate::limits::Limits;

/// Options as text, not validated.
#[derive(Clone, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Limits of what the network may take (a number of 0: no limit)")]
pub struct LimitOptions {
    /// The time for the head of a request [default: 10s]
    #[arg(long, env = "LIVE_DASHBOARD_HEAD_TIMEOUT", value_name = "DURATION")]
    pub head_timeout: Option<String>,

    /// The time for the body of a request, and for a client that reads nothing of its
    /// answer [default: 30s]
    #[arg(long, env = "LIVE_DASHBOARD_TRANSFER_TIMEOUT", value_name = "DURATION")]
    pub transfer_timeout: Option<String>,

    /// How long a connection without a request stays open [default: 75s]
    #[arg(long, env = "LIVE_DASHBOARD_IDLE_TIMEOUT", value_name = "DURATION")]
    pub idle_timeout: Option<String>,

    /// The size of a request's head, which contains a viewer's token [default: 16KiB]
    #[arg(long, env = "LIVE_DASHBOARD_HEAD_SIZE", value_name = "SIZE")]
    pub head_size: Option<String>,

    /// Connections [default: as many as the limit of open files allows]
    #[arg(long, env = "LIVE_DASHBOARD_MAX_CONNECTIONS", value_name = "NUMBER")]
    pub max_connections: Option<u32>,

    /// Connections of an address [default: 256]
    #[arg(
        long,
        env = "LIVE_DASHBOARD_CONNECTIONS_PER_ADDRESS",
        value_name = "NUMBER"
    )]
    pub connections_per_address: Option<u32>,

    /// WebSockets of a user, the `uid` of their tokens [default: 256]
    #[arg(
        long,
        env = "LIVE_DASHBOARD_CONNECTIONS_PER_USER",
        value_name = "NUMBER"
    )]
    pub connections_per_user: Option<u32>,

    /// New connections and requests of an address, together, in a second [default: 200]
    #[arg(
        long,
        env = "LIVE_DASHBOARD_REQUESTS_PER_ADDRESS",
        value_name = "NUMBER"
    )]
    pub requests_per_address: Option<u32>,

    /// Frames that are read from a viewer in a second [default: 100]
    #[arg(long, env = "LIVE_DASHBOARD_FRAMES_PER_VIEWER", value_name = "NUMBER")]
    pub frames_per_viewer: Option<u32>,

    /// Bytes that are read from a viewer in a second [default: 64KiB]
    #[arg(long, env = "LIVE_DASHBOARD_BYTES_PER_VIEWER", value_name = "SIZE")]
    pub bytes_per_viewer: Option<String>,

    /// Messages published with an API key in a second [default: 20000]
    #[arg(long, env = "LIVE_DASHBOARD_PUBLISHES_PER_KEY", value_name = "NUMBER")]
    pub publishes_per_key: Option<u32>,

    /// Answers with stored messages that a viewer may leave unread [default: 4]
    #[arg(long, env = "LIVE_DASHBOARD_ANSWERS_PER_VIEWER", value_name = "NUMBER")]
    pub answers_per_viewer: Option<u32>,

    /// How much may wait for all viewers together [default: 256MiB]
    #[arg(long, env = "LIVE_DASHBOARD_WAITING_SIZE", value_name = "SIZE")]
    pub waiting_size: Option<String>,

    /// The memory for deduplication ids of messages that are not stored
    /// [default: 64MiB]
    #[arg(long, env = "LIVE_DASHBOARD_DEDUPLICATION_SIZE", value_name = "SIZE")]
    pub deduplication_size: Option<String>,

    /// Limit loopback addresses too: they have no limits per address otherwise
    #[arg(
        long,
        env = "LIVE_DASHBOARD_LIMIT_LOOPBACK",
        value_name = "BOOL",
        num_args = 0..=1,
        default_missing_value = "true"
    )]
    pub limit_loopback: Option<bool>,
}

impl LimitOptions {
    /// Those of `self` override those of the file.
    pub(super) fn or(self, file: Self) -> Self {
        // The pattern names every field, so that none can be forgotten.
        macro_rules! each {
            ($($name:ident)+) => {{
                let Self { $($name,)+ } = self;
                Self { $($name: $name.or(file.$name),)+ }
            }};
        }
        each! {
            head_timeout transfer_timeout idle_timeout head_size max_connections
            connections_per_address connections_per_user requests_per_address
            frames_per_viewer bytes_per_viewer publishes_per_key answers_per_viewer
            waiting_size deduplication_size limit_loopback
        }
    }

    /// Validates the options.
    ///
    /// # Errors
    /// The first one that breaks its rule.
    pub(super) fn resolve(self) -> Result<Limits, ConfigError> {
        let default = Limits::default();
        let rate = |given: Option<u32>, default| match given {
            None => default,
            Some(given) => (given > 0).then_some(given),
        };
        let count = |given: Option<u32>, default| match given {
            None => default,
            Some(given) => (given > 0).then_some(given as usize),
        };
        Ok(Limits {
            head_timeout: time(
                "limits.head_timeout",
                default.head_timeout,
                self.head_timeout,
            )?,
            transfer_timeout: time(
                "limits.transfer_timeout",
                default.transfer_timeout,
                self.transfer_timeout,
            )?,
            idle_timeout: time(
                "limits.idle_timeout",
                default.idle_timeout,
                self.idle_timeout,
            )?,
            head_bytes: size("limits.head_size", default.head_bytes, HEAD, self.head_size)?,
            connections: count(self.max_connections, default.connections),
            connections_per_address: count(
                self.connections_per_address,
                default.connections_per_address,
            ),
            connections_per_user: count(self.connections_per_user, default.connections_per_user),
            requests_per_address: rate(self.requests_per_address, default.requests_per_address),
            frames_per_viewer: rate(self.frames_per_viewer, default.frames_per_viewer),
            bytes_per_viewer: match self.bytes_per_viewer.as_deref() {
                Some("0") => None,
                None => default.bytes_per_viewer,
                given => {
                    let given = given.map(str::to_owned);
                    let bytes = size("limits.bytes_per_viewer", 0, INPUT, given)?;
                    Some(u32::try_from(bytes).unwrap_or(u32::MAX))
                }
            },
            publishes_per_key: rate(self.publishes_per_key, default.publishes_per_key),
            answers_per_viewer: count(self.answers_per_viewer, default.answers_per_viewer),
            waiting_bytes: size(
                "limits.waiting_size",
                default.waiting_bytes,
                WAITING,
                self.waiting_size,
            )?,
            deduplication_bytes: size(
                "limits.deduplication_size",
                default.deduplication_bytes,
                DEDUPLICATION,
                self.deduplication_size,
            )?,
            loopback: self.limit_loopback.unwrap_or(default.loopback),
            open_files: None,
        })
    }
}

/// A size's minimum, and the rule that names it.
type SizeRule = (u64, &'static str);

/// Less would not hold a viewer's token.
const HEAD: SizeRule = (8 * 1024, "must be a size such as `16KiB`, at least `8KiB`");
/// With less, a frame of the longest size would take minutes.
const INPUT: SizeRule = (
    4 * 1024,
    "must be a size such as `64KiB`, at least `4KiB`, or `0` for no limit",
);
/// Less would not hold some answers of the client API.
const WAITING: SizeRule = (
    8 * 1024 * 1024,
    "must be a size such as `256MiB`, at least `8MiB`",
);
/// Less would hold the ids of seconds.
const DEDUPLICATION: SizeRule = (
    1024 * 1024,
    "must be a size such as `64MiB`, at least `1MiB`",
);

fn size(
    option: &'static str,
    default: usize,
    (min, rule): SizeRule,
    given: Option<String>,
) -> Result<usize, ConfigError> {
    let spec = Spec {
        option,
        default: default as u64,
        min,
        rule,
    };
    Ok(usize::try_from(spec.bytes(given)?).unwrap_or(usize::MAX))
}

fn time(
    option: &'static str,
    default: Duration,
    given: Option<String>,
) -> Result<Duration, ConfigError> {
    let spec = Spec {
        option,
        default,
        min: Duration::from_millis(100),
        rule: "must be a time such as `30s`, at least 100 milliseconds",
    };
    let time = spec.duration(given)?;
    time.ok_or_else(|| invalid(option)(spec.rule))
}
