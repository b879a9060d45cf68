//! The storm: the hub is killed under many viewers, each with the dashboard's
//! own feed and model, and restarted. All must return, miss nothing, and not
//! return all at once.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, ensure};
use live_dashboard::Config;
use live_dashboard::feed;
use live_dashboard::model::{Connection, Event, Model};
use live_dashboard_protocol::layout::Chart;
use serde_json::json;
use tokio::task::LocalSet;
use tokio::time::{Instant, interval, sleep};

use crate::hub::Hub;
use crate::publisher::Publisher;
use crate::statistics::promise;

/// How long a stored point is kept, in seconds.
const STORE: u32 = 3600;
/// Between two points.
const SPACING: Duration = Duration::from_millis(500);
/// The timeout for all viewers to reach a state.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the hub is down.
const OUTAGE: Duration = Duration::from_secs(3);
/// Returns are counted per slice of this length.
const SLICE: Duration = Duration::from_millis(100);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Number of viewers
    #[arg(long, default_value_t = 2000)]
    viewers: usize,
}

/// One viewer.
#[derive(Default)]
struct Watcher {
    model: Model,
    /// When it was live again after the kill.
    returned: Option<Instant>,
}

impl Watcher {
    fn apply(&mut self, event: Event) {
        if event == Event::Connection(Connection::Live) {
            self.returned.get_or_insert_with(Instant::now);
        }
        self.model.apply(event);
    }

    fn is_live(&self) -> bool {
        *self.model.connection() == Connection::Live
    }

    /// The numbers of the newest points, oldest first.
    fn newest(&self, count: usize) -> Vec<u64> {
        let chart = Chart {
            points: count,
            ..self.model.layout().chart[0].clone()
        };
        let points = self.model.history().latest(&chart);
        let number = |values: Vec<Option<f64>>| values[0].map(|number| number as u64);
        points
            .into_iter()
            .filter_map(|point| number(point.values))
            .collect()
    }

    /// The number of points missing between the first and the last one.
    fn missing(&self) -> usize {
        let points = self.newest(usize::MAX);
        match (points.first(), points.last()) {
            (Some(first), Some(last)) => (last - first + 1) as usize - points.len(),
            _ => 0,
        }
    }
}

pub(crate) async fn run(binary: PathBuf, options: Options) -> Result<bool> {
    LocalSet::new().run_until(drill(binary, options)).await
}

async fn drill(binary: PathBuf, options: Options) -> Result<bool> {
    let mut hub = Hub::start(binary, &[]).await?;
    let config = Config::for_hub(&hub.url())?;
    let watchers: Vec<Rc<RefCell<Watcher>>> = (0..options.viewers)
        .map(|_| Rc::new(RefCell::new(Watcher::default())))
        .collect();
    for watcher in &watchers {
        let endpoints = config.endpoints();
        let watcher = Rc::clone(watcher);
        tokio::task::spawn_local(feed::run(endpoints, None, move |event| {
            watcher.borrow_mut().apply(event);
        }));
    }
    let all = |is: fn(&Watcher) -> bool| watchers.iter().all(|watcher| is(&watcher.borrow()));
    until(|| all(Watcher::is_live)).await?;

    let published = Rc::new(RefCell::new(0_u64));
    let publisher = Publisher::new(&hub.url(), "dashboard")?;
    let count = Rc::clone(&published);
    tokio::task::spawn_local(async move {
        let mut ticks = interval(SPACING);
        loop {
            ticks.tick().await;
            let number = *count.borrow();
            let data =
                json!({"timestamp": 1_800_000_000 + number, "requests": number, "errors": 0});
            let id = number.to_string();
            publisher
                .publish_until_accepted("chart-data", &data, &id, STORE)
                .await;
            *count.borrow_mut() += 1;
        }
    });
    until(|| all(|watcher| watcher.newest(5).len() == 5)).await?;

    hub.kill().await?;
    until(|| all(|watcher| !watcher.is_live())).await?;
    for watcher in &watchers {
        watcher.borrow_mut().returned = None;
    }
    sleep(OUTAGE).await;
    hub.restart().await?;
    let begun = Instant::now();
    until(|| all(Watcher::is_live)).await?;
    let last = *published.borrow();
    until(|| {
        watchers
            .iter()
            .all(|watcher| watcher.borrow().newest(1).first() >= Some(&last))
    })
    .await?;

    let mut slices: Vec<usize> = Vec::new();
    let mut latest = Duration::ZERO;
    for watcher in &watchers {
        let returned = watcher.borrow().returned.unwrap_or(begun) - begun;
        latest = latest.max(returned);
        let slice = (returned.as_millis() / SLICE.as_millis()) as usize;
        slices.resize(slices.len().max(slice + 1), 0);
        slices[slice] += 1;
    }
    let fullest = slices.iter().skip(10).max().copied().unwrap_or(0);
    let missing: usize = watchers.iter().map(|w| w.borrow().missing()).sum();
    let gaps: usize = watchers
        .iter()
        .map(|watcher| {
            let model = &watcher.borrow().model;
            let charts = model.layout().chart.iter();
            charts
                .map(|chart| model.history().gaps(chart).len())
                .sum::<usize>()
        })
        .sum();
    println!(
        "{} viewers, hub down for {} s; {} back in the first second, the last after {:.1} s",
        options.viewers,
        OUTAGE.as_secs(),
        slices.iter().take(10).sum::<usize>(),
        latest.as_secs_f64()
    );
    let promises = [
        promise(
            missing == 0 && gaps == 0,
            &format!("all back; points missed {missing}, gaps {gaps}"),
        ),
        promise(
            fullest * 10 <= options.viewers,
            &format!(
                "most returns in 100 ms after the first second: {fullest} ({:.1}%; at most 10%)",
                fullest as f64 * 100.0 / options.viewers as f64
            ),
        ),
    ];
    Ok(promises.into_iter().all(|kept| kept))
}

/// Waits for a condition, with a timeout.
async fn until(is: impl Fn() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !is() {
        ensure!(
            begun.elapsed() < PATIENCE,
            "the viewers did not get there within {} s",
            PATIENCE.as_secs()
        );
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
