//! One publisher, many viewers.

use std::path::Path;

use anyhow::Result;
use clap::Args;

use crate::load::{Viewers, publish_at, quantile};
use crate::target::Target;

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
    #[arg(long, default_value_t = 1)]
    channels: usize,
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
    for &viewers in &options.viewers {
        for &bytes in &options.bytes {
            let mut all: Vec<_> = targets.iter().map(|_| Figures::default()).collect();
            for _ in 0..options.rounds {
                for (target, figures) in targets.iter().zip(&mut all) {
                    measure(**target, hub, options, (viewers, bytes), figures).await?;
                }
            }
            let mut first = None;
            for (target, figures) in targets.iter().zip(&mut all) {
                let micros = quantile(&mut figures.micros, 0.5);
                let ratio = micros / *first.get_or_insert(micros);
                println!(
                    "| {viewers} | {} | {bytes} | {} | {micros:.2} | {ratio:.2} | {:.2} | {:.2} | {} |",
                    options.channels,
                    target.name(),
                    quantile(&mut figures.p50, 0.5),
                    quantile(&mut figures.p99, 0.5),
                    figures.lost
                );
            }
        }
    }
    Ok(())
}

async fn measure(
    target: Target,
    hub: &Path,
    options: &Options,
    (count, bytes): (usize, usize),
    figures: &mut Figures,
) -> Result<()> {
    let server = target.start(hub).await?;
    let channels: Vec<_> = (0..options.channels)
        .map(|it| format!("bench-{it}"))
        .collect();
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
        server.request(&channels[index], &viewers.data(bytes))
    };
    publish_at(&server.address, options.rate, options.seconds, request).await?;
    let mut millis = viewers.deliveries(expected).await;
    let used = server.processes.processor_micros() - before;
    figures.micros.push(used / millis.len().max(1) as f64);
    figures.lost += expected - millis.len().min(expected);
    figures.p50.push(quantile(&mut millis, 0.5));
    figures.p99.push(quantile(&mut millis, 0.99));
    Ok(())
}
