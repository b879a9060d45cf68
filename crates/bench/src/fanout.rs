//! One publisher, many viewers.

use std::path::Path;

use anyhow::Result;
use clap::Args;

use crate::load::{Viewers, publish_at, quantile};
use crate::target::Target;

/// Deliveries in a second while growth is measured: more than a core can make would
/// measure the queue.
const DELIVERIES: f64 = 10_000.0;
/// The most viewers: with what else is open, less than 10,000 files.
const MANY: usize = 9_900;

#[derive(Args)]
pub(crate) struct Options {
    /// What to measure
    #[arg(
        long,
        value_delimiter = ',',
        default_values = ["floor", "nchan", "hub", "hub-stored", "hub-coalescing"]
    )]
    targets: Vec<Target>,
    /// Viewers; several numbers are measured one after the other
    #[arg(long, value_delimiter = ',', default_value = "1000")]
    viewers: Vec<usize>,
    /// Channels that the viewers are spread over; the messages go to them in turn
    #[arg(long, value_delimiter = ',', default_value = "1")]
    channels: Vec<usize>,
    /// Messages in a second
    #[arg(long, default_value_t = 100.0)]
    rate: f64,
    /// Bytes of padding in a message
    #[arg(long, value_delimiter = ',', default_value = "128")]
    bytes: Vec<usize>,
    /// Seconds of each run
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Runs of each, in turn; the medians are printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measure growth instead: by viewers, by channels, by bytes, at 10,000 deliveries a second
    #[arg(long)]
    growth: bool,
}

impl Options {
    /// What is measured.
    fn cases(&self) -> Vec<Case> {
        let case = |viewers, channels, bytes, rate| Case {
            viewers,
            channels,
            bytes,
            rate,
        };
        if self.growth {
            let rate = |viewers| DELIVERIES / viewers as f64;
            let by_viewers = [10, 100, 1_000, MANY].map(|it| case(it, 1, 128, rate(it).min(100.0)));
            let by_channels =
                [10, 100, 1_000].map(|it| case(1_000, it, 128, rate(1_000 / it).min(100.0)));
            let by_bytes = [1_024, 8_192, 32_000].map(|it| case(100, 1, it, 20.0));
            return [&by_viewers[..], &by_channels, &by_bytes].concat();
        }
        let mut cases = Vec::new();
        for &viewers in &self.viewers {
            for &channels in &self.channels {
                for &bytes in &self.bytes {
                    cases.push(case(viewers, channels, bytes, self.rate));
                }
            }
        }
        cases
    }
}

/// One line of the table.
#[derive(Clone, Copy)]
struct Case {
    viewers: usize,
    channels: usize,
    bytes: usize,
    /// Messages in a second.
    rate: f64,
}

#[derive(Default)]
struct Figures {
    micros: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    lost: usize,
}

pub(crate) async fn run(hub: &Path, options: &Options) -> Result<()> {
    let targets: Vec<_> = options.targets.iter().filter(|it| it.is_there()).collect();
    println!(
        "| viewers | channels | bytes | server | µs/delivery | × first | p50 ms | p99 ms | lost |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for case in options.cases() {
        let mut all: Vec<_> = targets.iter().map(|_| Figures::default()).collect();
        for _ in 0..options.rounds {
            for (target, figures) in targets.iter().zip(&mut all) {
                measure(**target, hub, case, options.seconds, figures).await?;
            }
        }
        let mut first = None;
        for (target, figures) in targets.iter().zip(&mut all) {
            let micros = quantile(&mut figures.micros, 0.5);
            let ratio = micros / *first.get_or_insert(micros);
            println!(
                "| {} | {} | {} | {} | {micros:.2} | {ratio:.2} | {:.2} | {:.2} | {} |",
                case.viewers,
                case.channels,
                case.bytes,
                target.name(),
                quantile(&mut figures.p50, 0.5),
                quantile(&mut figures.p99, 0.5),
                figures.lost
            );
        }
    }
    Ok(())
}

async fn measure(
    target: Target,
    hub: &Path,
    case: Case,
    seconds: f64,
    figures: &mut Figures,
) -> Result<()> {
    let server = target.start(hub).await?;
    let channels: Vec<_> = (0..case.channels).map(|it| format!("bench-{it}")).collect();
    let count = case.viewers;
    let viewers = Viewers::connect(&server, &channels, count).await?;
    let before = server.processes.processor_micros();
    let mut expected = 0;
    let request = |number: usize| {
        let index = number % channels.len();
        // The floor and its like know no channels.
        expected += match target {
            Target::Floor => count,
            _ => count / channels.len() + usize::from(index < count % channels.len()),
        };
        server.request(&channels[index], &viewers.data(case.bytes))
    };
    publish_at(&server.address, case.rate, seconds, request).await?;
    let mut millis = viewers.deliveries(expected).await;
    let used = server.processes.processor_micros() - before;
    figures.micros.push(used / millis.len().max(1) as f64);
    figures.lost += expected - millis.len().min(expected);
    figures.p50.push(quantile(&mut millis, 0.5));
    figures.p99.push(quantile(&mut millis, 0.99));
    Ok(())
}
