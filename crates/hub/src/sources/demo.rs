//! Made-up numbers: each fluctuates around its baseline, with an incident now and
//! then.

use std::time::Duration;

use live_dashboard_protocol::message::Level;
use rand::RngExt;
use serde_json::{Value, json};

use super::built_in::{Sample, Source};

/// The probability that a tick starts an incident.
const INCIDENT_CHANCE: f64 = 0.06;
/// The duration of an incident, in ticks.
const INCIDENT_TICKS: u32 = 5;
/// The probability of an informational alert in a tick without an incident.
const NOTICE_CHANCE: f64 = 0.08;

const NOTICES: [&str; 4] = [
    "Deployment finished: checkout 4.12",
    "Nightly backup completed",
    "Autoscaler added a node",
    "Certificate renewed",
];

/// Something that goes wrong: its alert, and the baselines while it lasts.
struct Incident {
    key: &'static str,
    level: Level,
    message: &'static str,
    resolved: &'static str,
    errors: f64,
    latency: f64,
}

const INCIDENTS: [Incident; 2] = [
    Incident {
        key: "latency",
        level: Level::Warning,
        message: "Latency above 100 ms",
        resolved: "Latency back to normal",
        errors: 0.03,
        latency: 150.0,
    },
    Incident {
        key: "errors",
        level: Level::Error,
        message: "Error rate above 5%",
        resolved: "Error rate back to normal",
        errors: 0.08,
        latency: 60.0,
    },
];

pub(super) struct Demo {
    users: f64,
    requests: f64,
    errors: f64,
    latency: f64,
    incident: Option<(&'static Incident, u32)>,
    started: bool,
}

impl Demo {
    pub(super) fn new() -> Self {
        Self {
            users: 1284.0,
            requests: 4521.0,
            errors: 0.02,
            latency: 45.0,
            incident: None,
            started: false,
        }
    }

    /// Advances the current incident. Returns an alert if something changed.
    fn next_alert(&mut self) -> Option<Value> {
        let mut rng = rand::rng();
        let info = |message| json!({"level": Level::Info, "message": message});
        if !self.started {
            self.started = true;
            return Some(info("Demo started: these numbers are made up"));
        }
        match &mut self.incident {
            Some((incident, 0)) => {
                let alert = json!({
                    "level": Level::Info,
                    "key": incident.key,
                    "status": "resolved",
                    "message": incident.resolved,
                });
                self.incident = None;
                Some(alert)
            }
            Some((_, ticks)) => {
                *ticks -= 1;
                None
            }
            None if rng.random_bool(INCIDENT_CHANCE) => {
                let incident = &INCIDENTS[rng.random_range(0..INCIDENTS.len())];
                self.incident = Some((incident, INCIDENT_TICKS));
                Some(json!({
                    "level": incident.level,
                    "key": incident.key,
                    "status": "firing",
                    "message": incident.message,
                }))
            }
            None if rng.random_bool(NOTICE_CHANCE) => {
                Some(info(NOTICES[rng.random_range(0..NOTICES.len())]))
            }
            None => None,
        }
    }
}

impl Source for Demo {
    fn sample(&mut self, _elapsed: Duration) -> Sample {
        let alerts = self.next_alert().into_iter().collect();
        let (errors, latency) = match self.incident {
            Some((incident, _)) => (incident.errors, incident.latency),
            None => (0.02, 45.0),
        };
        self.users = step(self.users, 1284.0, 0.02);
        self.requests = step(self.requests, 4521.0, 0.05);
        self.errors = step(self.errors, errors, 0.12);
        self.latency = step(self.latency, latency, 0.1);
        let requests = self.requests.round();
        Sample {
            active_users: self.users.round() as u64,
            requests_per_sec: requests,
            error_rate: self.errors,
            avg_latency: self.latency.round(),
            requests: requests as u64,
            errors: (requests * self.errors).round() as u64,
            alerts,
        }
    }
}

/// A step from `value` toward `target`, with noise of at most `spread` × `target`.
/// Never negative.
fn step(value: f64, target: f64, spread: f64) -> f64 {
    let noise = rand::rng().random_range(-1.0..1.0) * target * spread;
    (value + (target - value) * 0.35 + noise).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_stay_near_their_baselines() {
        let mut demo = Demo::new();
        for _ in 0..2000 {
            let sample = demo.sample(Duration::from_secs(2));
            assert!((900..1700).contains(&sample.active_users), "{sample:?}");
            assert!((0.0..0.2).contains(&sample.error_rate), "{sample:?}");
            assert!((1.0..400.0).contains(&sample.avg_latency), "{sample:?}");
            assert!(sample.errors < sample.requests, "{sample:?}");
        }
    }

    #[test]
    fn the_first_alert_says_that_it_is_a_demo() {
        let alerts = Demo::new().sample(Duration::ZERO).alerts;
        assert!(
            alerts[0]["message"]
                .as_str()
                .is_some_and(|it| it.contains("made up"))
        );
    }

    #[test]
    fn an_incident_fires_and_is_resolved() {
        let mut demo = Demo::new();
        let mut firing = None;
        let mut resolved = 0;
        for _ in 0..2000 {
            for alert in demo.sample(Duration::from_secs(2)).alerts {
                match alert["status"].as_str() {
                    Some("firing") => {
                        assert_eq!(firing, None, "one incident at a time");
                        firing = Some(alert["key"].clone());
                    }
                    Some("resolved") => {
                        assert_eq!(firing.take(), Some(alert["key"].clone()));
                        resolved += 1;
                    }
                    _ => assert!(alert["key"].is_null(), "{alert}"),
                }
            }
        }
        assert!(resolved > 10, "{resolved}");
    }
}
