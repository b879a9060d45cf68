//! The storm: the hub is killed under many viewers, real feeds of the
//! dashboard's own, and started again. All must return, nothing may be missed,
//! and they must not return all at once.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, ensure};
use live_dashboard::Config;
use live_dashboard::feed;
use live_dashboard::model::{Connection, Event, Message};
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
/// How long all viewers together may take to be where they should be.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the hub is gone.
const OUTAGE: Duration = Duration::from_secs(3);
/// The returns are counted by slices of this length.
const SLICE: Duration = Duration::from_millis(100);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many viewers watch
    #[arg(long, default_value_t = 2000)]
    viewers: usize,
}

/// What one viewer went through.
#[derive(Default)]
struct Watcher {
    live: bool,
    /// When it was live again after the kill.
    returned: Option<Instant>,
    /// The numbers of the points that it got, in the order that they came in.
    points: Vec<u64>,
    gaps: usize,
}

impl Watcher {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Connection(Connection::Live) => {
                self.live = true;
                self.returned.get_or_insert_with(Instant::now);
            }
            Event::Connection(_) => self.live = false,
            Event::CaughtUp {
                complete: false, ..
            } => self.gaps += 1,
            Event::Message(Message::Point(point), _) => {
                let number = point.values.get("requests").copied().unwrap_or(-1.0);
                self.points.push(number as u64);
            }
            _ => {}
        }
    }

    /// How many points are missing between the first and the last that came.
    fn missing(&self) -> usize {
        let mut points = self.points.clone();
        points.sort_unstable();
        points.dedup();
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
        tokio::task::spawn_local(feed::run(endpoints, move |event| {
            watcher.borrow_mut().hear(event);
        }));
    }
    let all = |is: fn(&Watcher) -> bool| watchers.iter().all(|watcher| is(&watcher.borrow()));
    until(|| all(|watcher| watcher.live)).await?;

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
    until(|| all(|watcher| watcher.points.len() >= 5)).await?;

    hub.kill().await?;
    until(|| all(|watcher| !watcher.live)).await?;
    for watcher in &watchers {
        watcher.borrow_mut().returned = None;
    }
    sleep(OUTAGE).await;
    hub.restart().await?;
    let begun = Instant::now();
    until(|| all(|watcher| watcher.live)).await?;
    let last = *published.borrow();
    until(|| {
        watchers
            .iter()
            .all(|watcher| watcher.borrow().points.iter().any(|point| *point >= last))
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
    let gaps: usize = watchers.iter().map(|w| w.borrow().gaps).sum();
    println!(
        "{} viewers, the hub gone for {} s; {} back in the first second, the last after {:.1} s",
        options.viewers,
        OUTAGE.as_secs(),
        slices.iter().take(10).sum::<usize>(),
        latest.as_secs_f64()
    );
    let promises = [
        promise(
            missing == 0 && gaps == 0,
            &format!("all back; points missed {missing}, gaps reported {gaps}"),
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

/// Waits for a condition, with an end.
async fn until(is: impl Fn() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !is() {
        ensure!(
            begun.elapsed() < PATIENCE,
            "not within {} s",
            PATIENCE.as_secs()
        );
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
