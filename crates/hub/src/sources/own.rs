//! The hub's own HTTP traffic and viewers: real numbers without any other software.

use std::sync::Arc;
use std::time::Duration;

use live_dashboard_protocol::message::Level;
use serde_json::json;

use super::built_in::{Sample, Source};
use crate::hub::Hub;
use crate::metrics::Metrics;

/// The share of failed requests that raises an alert.
const MANY_ERRORS: f64 = 0.05;

pub(super) struct Own {
    hub: Arc<Hub>,
    last: Totals,
    many_errors: bool,
}

/// Counters since the start of the hub.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    requests: u64,
    errors: u64,
    seconds: f64,
    closed_as_slow: u64,
}

impl Totals {
    fn read(metrics: &Metrics) -> Self {
        Self {
            requests: metrics.http_requests.get(),
            errors: metrics.http_errors.get(),
            seconds: metrics.http_seconds.get(),
            closed_as_slow: metrics.closed_as_slow.get(),
        }
    }
}

impl Own {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        let last = Totals::read(hub.metrics());
        Self {
            hub,
            last,
            many_errors: false,
        }
    }
}

impl Source for Own {
    fn sample(&mut self, elapsed: Duration) -> Sample {
        let metrics = self.hub.metrics();
        let now = Totals::read(metrics);
        let requests = now.requests - self.last.requests;
        let errors = now.errors - self.last.errors;
        let slow = now.closed_as_slow - self.last.closed_as_slow;
        // Without requests both quotients are 0.
        let divisor = requests.max(1) as f64;
        let error_rate = errors as f64 / divisor;
        let avg_latency = (now.seconds - self.last.seconds) * 1000.0 / divisor;
        self.last = now;

        let mut alerts = Vec::new();
        if slow > 0 {
            let message = format!("Closed {slow} slow connections: the viewers reconnect");
            alerts.push(json!({"level": Level::Warning, "message": message}));
        }
        let many_errors = error_rate > MANY_ERRORS;
        if many_errors != self.many_errors {
            let (level, status, message) = match many_errors {
                true => {
                    let message = format!("{errors} of {requests} requests to the hub failed");
                    (Level::Error, "firing", message)
                }
                false => {
                    let message = "Requests to the hub succeed again".to_owned();
                    (Level::Info, "resolved", message)
                }
            };
            alerts.push(json!({
                "level": level,
                "key": "hub errors",
                "status": status,
                "message": message,
            }));
        }
        self.many_errors = many_errors;

        Sample {
            active_users: u64::try_from(metrics.connections.get()).unwrap_or(0),
            requests_per_sec: if elapsed.is_zero() {
                0.0
            } else {
                requests as f64 / elapsed.as_secs_f64()
            },
            error_rate,
            avg_latency,
            requests,
            errors,
            alerts,
        }
    }
}
