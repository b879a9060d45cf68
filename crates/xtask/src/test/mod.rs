//! `cargo xtask test`: every check of the project, stage by stage.
//!
//! - [`rust`]: format, lints, docs, dependencies, Rust's tests.
//! - [`bundle`]: the page within its budget, the hub, and dx's page.
//! - [`browser`]: Playwright, in a real Chromium.
//! - [`desktop`]: the desktop app, installed from its package, on a virtual screen.
//! - [`tally`]: what passed and what failed.

mod browser;
mod bundle;
pub(crate) mod desktop;
mod rust;
mod tally;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::output;
use crate::workspace::Workspace;
use tally::Tally;

/// Which stages to run.
#[derive(Args)]
pub(crate) struct Options {
    /// Run this stage only (may be repeated)
    #[arg(long, value_name = "STAGE", value_enum)]
    only: Vec<Stage>,
    /// List the stages and run none
    #[arg(long)]
    list: bool,
}

/// A part of the checks, which may be run on its own. They run in this order:
/// those that build what later ones need come first.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Stage {
    /// cargo fmt --check
    Format,
    /// Lints on this machine's target, with the desktop renderer
    Clippy,
    /// Lints on wasm32
    ClippyWasm,
    /// cargo doc without warnings
    Docs,
    /// Bans, licences and sources of all dependencies
    Deny,
    /// Known vulnerabilities; skipped if their database is unreachable
    Advisories,
    /// All Rust tests but those of the desktop app's own parts
    Rust,
    /// The page's release bundle, within its budget
    Page,
    /// The hub's release build, with the page inside
    Hub,
    /// dx build --platform web --release
    Dx,
    /// The page in a real Chromium, served by the real hub
    Browser,
    /// Rust tests of the desktop app's own parts
    DesktopUnits,
    /// The desktop app, installed from its package, on a virtual screen, with the real hub
    Desktop,
}

impl Stage {
    fn name(self) -> String {
        let value = self.to_possible_value().expect("no stage is hidden");
        value.get_name().to_owned()
    }

    fn about(self) -> String {
        let value = self.to_possible_value().expect("no stage is hidden");
        value
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    fn check(self, workspace: &Workspace) -> Result<Tally> {
        match self {
            Self::Format => rust::format(workspace),
            Self::Clippy => rust::clippy(workspace),
            Self::ClippyWasm => rust::clippy_wasm(workspace),
            Self::Docs => rust::docs(workspace),
            Self::Deny => rust::deny(workspace),
            Self::Advisories => rust::advisories(workspace),
            Self::Rust => rust::tests(workspace),
            Self::Page => bundle::page(workspace),
            Self::Hub => bundle::hub(workspace),
            Self::Dx => bundle::dx(workspace),
            Self::Browser => browser::tests(workspace),
            Self::DesktopUnits => desktop::units(workspace),
            Self::Desktop => desktop::app(workspace),
        }
    }
}

/// The result of a stage.
struct Outcome {
    stage: Stage,
    time: Duration,
    tally: Tally,
    error: Option<anyhow::Error>,
}

impl Outcome {
    fn of(workspace: &Workspace, stage: Stage) -> Self {
        let began = Instant::now();
        let (tally, error) = match stage.check(workspace) {
            Ok(tally) => (tally, None),
            Err(error) => (Tally::failed(), Some(error)),
        };
        Self {
            stage,
            time: began.elapsed(),
            tally,
            error,
        }
    }

    fn line(&self) -> String {
        let result = match (self.tally.failed, self.tally.passed) {
            (0, 0) => "skip",
            (0, _) => "ok",
            _ => "FAIL",
        };
        let (name, seconds) = (self.stage.name(), self.time.as_secs_f64());
        let mut line = format!("{result:<5} {name:<13} {seconds:>7.1} s  {}", self.tally);
        if let Some(error) = &self.error {
            line += &format!(": {error:#}");
        }
        line
    }
}

/// Runs the chosen stages, each even if an earlier one failed. An error if any did.
pub(crate) fn test(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.list {
        for stage in Stage::value_variants() {
            output::line(&format!("{:<13} {}", stage.name(), stage.about()));
        }
        return Ok(());
    }
    let mut outcomes = Vec::new();
    for stage in chosen(&options.only) {
        output::step(&format!("Stage {}: {}", stage.name(), stage.about()));
        let outcome = Outcome::of(workspace, stage);
        output::note(&outcome.line());
        outcomes.push(outcome);
    }

    output::line("");
    for outcome in &outcomes {
        output::line(&outcome.line());
        for failure in &outcome.tally.failures {
            output::line(&format!("      {failure}"));
        }
    }
    let time: Duration = outcomes.iter().map(|outcome| outcome.time).sum();
    let passed: u64 = outcomes.iter().map(|outcome| outcome.tally.passed).sum();
    let failed: u64 = outcomes.iter().map(|outcome| outcome.tally.failed).sum();
    let minutes = time.as_secs_f64() / 60.0;
    output::line(&format!(
        "\n{passed} passed, {failed} failed in {minutes:.1} minutes"
    ));
    ensure!(failed == 0, "{failed} failed");
    Ok(())
}

fn chosen(only: &[Stage]) -> impl Iterator<Item = Stage> {
    let all = Stage::value_variants().iter().copied();
    all.filter(move |stage| only.is_empty() || only.contains(stage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_stages_run_in_their_own_order() {
        let names = |only: &[Stage]| chosen(only).map(Stage::name).collect::<Vec<_>>();
        assert_eq!(names(&[]).len(), Stage::value_variants().len());
        assert_eq!(names(&[Stage::DesktopUnits]), ["desktop-units"]);
        assert_eq!(names(&[Stage::Rust, Stage::Format]), ["format", "rust"]);
    }

    #[test]
    fn a_failed_stage_is_listed_with_its_error() {
        let outcome = Outcome {
            stage: Stage::Page,
            time: Duration::from_millis(1_250),
            tally: Tally::failed(),
            error: Some(anyhow::anyhow!("too large")),
        };
        let line = "FAIL  page              1.2 s  0 passed, 1 failed: too large";
        assert_eq!(outcome.line(), line);
    }
}
