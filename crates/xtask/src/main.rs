//! `cargo xtask`: the set-up and every workflow of Live Dashboard.
//!
//! - [`run`]: the dashboard, built for release, with moving numbers.
//! - [`dev`]: a demo hub and `dx serve` beside it, with hot reload.
//! - [`mod@test`]: everything that the project checks.
//! - [`mod@bench`]: figures beside those of others.
//! - [`package`]: the desktop app as a Debian package.
//! - [`drill`]: faults on purpose, with figures.
//! - [`page`]: the page's bundle, built without dx; [`hub`]: the hub's binary.
//! - [`tools`]: finds what these need, and installs what it may.
//! - [`process`], [`say`], [`files`], [`workspace`]: children, printing, files,
//!   places.

#[cfg(not(unix))]
compile_error!("cargo xtask works on Linux and macOS; on Windows use it within WSL");

mod bench;
mod dev;
mod drill;
mod files;
mod hub;
mod package;
mod page;
mod process;
mod run;
mod say;
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
    /// Builds page and hub for release and starts them with moving numbers
    Run(run::Options),
    /// Checks everything: format, lints, docs, dependencies, tests, bundle, browser
    Test(test::Options),
    /// Starts a demo hub and `dx serve` beside it, with hot reload
    Dev(dev::Options),
    /// Puts the hub and the page under faults and prints the figures
    Drill(drill::Options),
    /// Measures what is small and fast only beside others
    Bench(bench::Options),
    /// Builds the page into target/page and prints its size
    BuildPage,
    /// Builds the desktop app and packs it for Debian, into target/package
    Package,
    /// Becomes the given program, which then ends when its parent does
    #[command(hide = true)]
    Tied(process::Tied),
}

fn main() -> ExitCode {
    match perform(CommandLine::parse().task) {
        Ok(code) => code,
        Err(error) => {
            say::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    let workspace = match task {
        Task::Tied(tied) => return Err(tied.become_it()),
        _ => Workspace::find()?,
    };
    match task {
        Task::Run(options) => run::run(&workspace, &options)?,
        Task::Test(options) => return test::test(&workspace, &options),
        Task::Bench(options) => bench::bench(&workspace, &options)?,
        Task::Dev(options) => dev::dev(&workspace, &options)?,
        Task::Drill(options) => drill::drill(&workspace, &options)?,
        Task::BuildPage => {
            let page = page::build(&workspace)?;
            say::line(&page.size.report());
        }
        Task::Package => {
            let package = package::package(&workspace)?;
            say::line(&package.display().to_string());
        }
        Task::Tied(_) => unreachable!("handled above"),
    }
    Ok(ExitCode::SUCCESS)
}
