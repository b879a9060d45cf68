//! Viewers that only wait.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use tokio::time::sleep;

use crate::load::Viewers;
use crate::target::Target;

#[derive(Args)]
pub(crate) struct Options {
    /// Viewers
    #[arg(long, default_value_t = 5000)]
    viewers: usize,
    /// Seconds that they wait; after 30 s the hub sends pings
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

pub(crate) async fn run(hub: &Path, options: &Options) -> Result<()> {
    println!("| server | bytes/viewer | µs of processor time/viewer and second |");
    println!("| --- | --- | --- |");
    for target in [Target::Nchan, Target::HubCoalescing] {
        if !target.is_there() {
            continue;
        }
        let server = target.start(hub).await?;
        // The first viewer makes the server allocate what all share.
        let first = Viewers::connect(&server, &["bench".into()], 1).await?;
        let before = server.processes.memory();
        let count = options.viewers;
        let _viewers = Viewers::connect(&server, &["bench".into()], count).await?;
        let bytes = (server.processes.memory() - before) / count as f64;
        let micros = server.processes.processor_micros();
        sleep(Duration::from_secs(options.seconds)).await;
        let micros = server.processes.processor_micros() - micros;
        let micros = micros / (count as f64 * options.seconds as f64);
        println!("| {} | {bytes:.0} | {micros:.2} |", target.name());
        drop(first);
    }
    Ok(())
}
