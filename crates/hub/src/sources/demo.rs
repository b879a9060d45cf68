//! Made-up numbers: each wanders around its baseline, and now and then
//! something goes wrong for a while.

use std::time::Duration;

use live_dashboard_protocol::payload::Level;
use rand::RngExt;

use super::{Sample, Source};

/// How likely a tick is to start an incident.
const INCIDENT_CHANCE: f64 = 0.06;
/// How many ticks an incident lasts.
const INCIDENT_TICKS: u32 = 5;
/// How likely a quiet tick is to have some news.
const NEWS_CHANCE: f64 = 0.08;

const NEWS: [&str; 4] = [
    "Deployment finished: checkout 4.12",
    "Nightly backup completed",
    "Autoscaler added a node",
    "Certificate renewed",
];

/// What goes wrong, and how bad it is.
#[derive(Clone, Copy)]
enum Incident {
    Latency,
    Errors,
}

pub(super) struct Demo {
    users: f64,
    requests: f64,
    errors: f64,
    latency: f64,
    incident: Option<(Incident, u32)>,
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

    /// Moves the current incident on; tells what there is to tell.
    fn news(&mut self) -> Option<(Level, String)> {
        let mut rng = rand::rng();
        if !self.started {
            self.started = true;
            return Some((
                Level::Info,
                "Demo started: these numbers are made up".into(),
            ));
        }
        match &mut self.incident {
            Some((_, 0)) => {
                self.incident = None;
                Some((Level::Info, "Back to normal".into()))
            }
            Some((_, ticks)) => {
                *ticks -= 1;
                None
            }
            None if rng.random_bool(INCIDENT_CHANCE) => {
                let latency = rng.random_bool(0.5);
                let incident = if latency {
                    Incident::Latency
                } else {
                    Incident::Errors
                };
                self.incident = Some((incident, INCIDENT_TICKS));
                Some(match incident {
                    Incident::Latency => (Level::Warning, "Latency spike detected".into()),
                    Incident::Errors => (Level::Error, "Error rate above 5%".into()),
                })
            }
            None if rng.random_bool(NEWS_CHANCE) => {
                let news = NEWS[rng.random_range(0..NEWS.len())];
                Some((Level::Info, news.into()))
            }
            None => None,
        }
    }
}

impl Source for Demo {
    fn sample(&mut self, _elapsed: Duration) -> Sample {
        let alerts: Vec<_> = self.news().into_iter().collect();
        let (errors, latency) = match self.incident {
            Some((Incident::Errors, _)) => (0.08, 60.0),
            Some((Incident::Latency, _)) => (0.03, 150.0),
            None => (0.02, 45.0),
        };
        self.users = wander(self.users, 1284.0, 0.02);
        self.requests = wander(self.requests, 4521.0, 0.05);
        self.errors = wander(self.errors, errors, 0.12);
        self.latency = wander(self.latency, latency, 0.1);
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

/// A step toward `target`, with noise of a `spread`th of it. Never negative.
fn wander(value: f64, target: f64, spread: f64) -> f64 {
    let noise = rand::rng().random_range(-1.0..1.0) * target * spread;
    (value + (target - value) * 0.35 + noise).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_stay_believable() {
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
    fn the_first_thing_said_is_that_it_is_a_demo() {
        let alerts = Demo::new().sample(Duration::ZERO).alerts;
        assert!(alerts[0].1.contains("made up"));
    }
}
