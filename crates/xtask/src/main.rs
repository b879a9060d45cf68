//! `cargo xtask`: set-up and every workflow of Live Dashboard.
//!
//! - [`run`]: the dashboard, built for release, with demo numbers.
//! - [`dev`]: a demo hub and `dx serve` with hot reload.
//! - [`mod@test`]: every check of the project.
//! - [`mod@bench`]: figures that mean something only in comparison.
//! - [`package`]: the desktop app or the hub, packaged.
//! - [`drill`]: fault injection with figures.
//! - [`fuzz`]: random input, guided by coverage.
//! - [`page`]: the page's bundle, built without dx; [`hub`]: the hub's binary.
//! - [`tools`]: finds the tools that these need and installs what it may.
//! - [`workspace`], [`process`], [`output`]: paths, child processes, printing.

#[cfg(not(unix))]
compile_error!("cargo xtask works on Linux and macOS; on Windows use it within WSL");

mod bench;
mod dev;
mod drill;
mod fuzz;
mod hub;
mod output;
mod package;
mod page;
mod process;
mod run;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about,
    disable_version_flag = true
)]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build page and hub for release and start the hub with demo numbers
    Run(run::Options),
    /// Run all checks: format, lints, docs, dependencies, tests, bundle, browser, desktop
    Test(test::Options),
    /// Start a demo hub and `dx serve` with hot reload
    Dev(dev::Options),
    /// Inject faults into hub and page and print the figures
    Drill(drill::Options),
    /// Feed what reads foreign input with random input, guided by coverage
    Fuzz(fuzz::Options),
    /// Measure what only a comparison can judge
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Build the page into target/page and print its size
    BuildPage,
    /// Build a package, in target/package
    Package {
        /// What to package
        #[arg(value_enum, default_value = "desktop")]
        product: package::Product,
    },
}

fn main() -> ExitCode {
    match perform(CommandLine::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Run(options) => run::run(&workspace, &options)?,
        Task::Test(options) => test::test(&workspace, &options)?,
        Task::Dev(options) => dev::dev(&workspace, &options)?,
        Task::Drill(options) => drill::drill(&workspace, &options)?,
        Task::Fuzz(options) => fuzz::fuzz(&workspace, &options)?,
        Task::Bench(bench) => bench::bench(&workspace, &bench)?,
        Task::BuildPage => output::line(&page::build(&workspace)?.size.to_string()),
        Task::Package { product } => {
            output::line(&package::package(&workspace, product)?.to_string_lossy());
        }
    }
    Ok(())
}
