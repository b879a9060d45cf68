//! `cargo xtask test`: everything that the project checks, stage by stage.
//!
//! - [`rust`]: format, lints, docs, Rust's tests, the desktop renderer.
//! - [`deny`]: licences, sources and advisories of what the project depends on.
//! - [`bundle`]: the page within its budget, the hub, and dx' page.
//! - [`browser`]: Playwright, in a real Chromium.
//! - [`desktop`]: the desktop app, from its package, on a screen.
//! - [`tally`]: what passed and what failed.

mod browser;
mod bundle;
mod deny;
pub(crate) mod desktop;
mod rust;
mod tally;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::say;
use crate::workspace::Workspace;
use tally::Tally;

/// Which stages to run.
#[derive(Args)]
pub(crate) struct Options {
    /// Run this stage only (may be repeated)
    #[arg(long, value_name = "STAGE")]
    only: Vec<String>,
    /// List the stages and run none
    #[arg(long)]
    list: bool,
}

/// A part of the checks, which may be run on its own.
struct Stage {
    name: &'static str,
    about: &'static str,
    check: fn(&Workspace) -> Result<Tally>,
}

const STAGES: [Stage; 14] = [
    Stage {
        name: "format",
        about: "cargo fmt --check",
        check: rust::format,
    },
    Stage {
        name: "clippy",
        about: "lints on this machine's target, warnings denied",
        check: rust::clippy,
    },
    Stage {
        name: "clippy-wasm",
        about: "lints on wasm32, warnings denied",
        check: rust::clippy_wasm,
    },
    Stage {
        name: "docs",
        about: "cargo doc, warnings denied",
        check: rust::docs,
    },
    Stage {
        name: "deny",
        about: "bans, licences and sources of all dependencies",
        check: deny::policy,
    },
    Stage {
        name: "advisories",
        about: "known vulnerabilities, where their database is reachable",
        check: deny::advisories,
    },
    Stage {
        name: "rust",
        about: "all Rust tests",
        check: rust::tests,
    },
    Stage {
        name: "page",
        about: "the page's release bundle, within its budget",
        check: bundle::page,
    },
    Stage {
        name: "hub",
        about: "the hub's release build, with the page inside",
        check: bundle::hub,
    },
    Stage {
        name: "dx",
        about: "dx build --platform web --release",
        check: bundle::dx,
    },
    Stage {
        name: "browser",
        about: "the page in a real Chromium, served by the real hub",
        check: browser::tests,
    },
    Stage {
        name: "clippy-desktop",
        about: "lints with the desktop renderer, warnings denied",
        check: rust::desktop,
    },
    Stage {
        name: "desktop-units",
        about: "Rust tests of the desktop app's own parts",
        check: desktop::units,
    },
    Stage {
        name: "desktop",
        about: "the desktop app from its package, on a screen, with the real hub",
        check: desktop::app,
    },
];

/// What became of a stage.
struct Outcome {
    name: &'static str,
    time: Duration,
    result: Result<Tally>,
}

impl Outcome {
    fn tally(&self) -> Tally {
        match &self.result {
            Ok(tally) => tally.clone(),
            Err(_) => Tally::failed(),
        }
    }

    fn line(&self) -> String {
        let tally = self.tally();
        let word = match (tally.failed, tally.passed) {
            (0, 0) => "skip",
            (0, _) => "ok",
            _ => "FAIL",
        };
        let mut line = format!(
            "{word:<5} {:<12} {:>7.1} s  {}",
            self.name,
            self.time.as_secs_f64(),
            tally.words()
        );
        if let Err(error) = &self.result {
            line.push_str(&format!(": {error:#}"));
        }
        line
    }
}

/// Runs the chosen stages, each even where an earlier one failed.
pub(crate) fn test(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.list {
        for stage in &STAGES {
            say::line(&format!("{:<14} {}", stage.name, stage.about));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let outcomes: Vec<Outcome> = chosen(&options.only)?
        .into_iter()
        .map(|stage| perform(workspace, stage))
        .collect();

    let all = outcomes
        .iter()
        .fold(Tally::default(), |sum, outcome| sum.and(&outcome.tally()));
    say::line("");
    for outcome in &outcomes {
        say::line(&outcome.line());
        for failure in outcome.tally().failures {
            say::line(&format!("      {failure}"));
        }
    }
    say::line("");
    say::line(&format!("{} passed, {} failed", all.passed, all.failed));
    Ok(if all.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn perform(workspace: &Workspace, stage: &Stage) -> Outcome {
    say::step(&format!("Stage {}: {}", stage.name, stage.about));
    let began = Instant::now();
    let result = (stage.check)(workspace);
    let outcome = Outcome {
        name: stage.name,
        time: began.elapsed(),
        result,
    };
    say::note(&outcome.line());
    outcome
}

fn chosen(names: &[String]) -> Result<Vec<&'static Stage>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STAGES.iter().all(|stage| stage.name != **name))
    {
        bail!("there is no stage {unknown:?}; `cargo xtask test --list` names them");
    }
    let wanted = |stage: &&Stage| match names {
        [] => true,
        names => names.iter().any(|name| name == stage.name),
    };
    Ok(STAGES.iter().filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_chosen_by_name_and_run_in_their_order() {
        let names = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
            chosen(&only).map(|stages| stages.iter().map(|stage| stage.name).collect::<Vec<_>>())
        };
        let all = names(&[]).expect("all");
        assert_eq!(all.len(), STAGES.len());
        assert_eq!(names(&["desktop"]).expect("asked for"), ["desktop"]);
        assert_eq!(names(&["rust", "format"]).expect("two"), ["format", "rust"]);
        let error = names(&["rusty"]).expect_err("no such stage");
        assert!(error.to_string().contains("rusty"));
    }

    #[test]
    fn an_outcome_says_why_a_stage_failed() {
        let outcome = Outcome {
            name: "page",
            time: Duration::from_millis(1_250),
            result: Err(anyhow::anyhow!("too large")),
        };
        assert_eq!(
            outcome.line(),
            "FAIL  page             1.2 s  0 passed, 1 failed: too large"
        );
    }
}
