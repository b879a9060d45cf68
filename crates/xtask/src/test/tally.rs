//! What passed and what failed, as the test runners report it.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use xshell::Cmd;

use crate::output;

/// Counts of tests; a stage without tests of its own counts as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed, or were not run: a skipped test proves nothing.
    pub(crate) failed: u64,
    /// The names of these, as far as the runner prints them.
    pub(crate) failures: Vec<String>,
    /// Why nothing was counted, if nothing was.
    skipped: Option<&'static str>,
}

impl Tally {
    /// One check that passed.
    pub(crate) fn passed() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    /// One check that failed.
    pub(crate) fn failed() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }

    /// A check that this machine cannot make.
    pub(crate) fn skipped(reason: &'static str) -> Self {
        Self {
            skipped: Some(reason),
            ..Self::default()
        }
    }

    /// Runs a command as one check.
    pub(crate) fn of_check(command: Cmd<'_>) -> Result<Self> {
        command.run()?;
        Ok(Self::passed())
    }

    /// Runs a command that prints results as `cargo test` does, passes its output on
    /// and counts the results.
    pub(crate) fn of_tests(command: Cmd<'_>) -> Result<Self> {
        let shown = command.to_string();
        output::note(&format!("$ {shown}"));
        let mut child = Command::from(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut tally = Self::default();
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.with_context(|| format!("cannot read the output of `{shown}`"))?;
            let line = String::from_utf8_lossy(&line);
            output::line(&line);
            tally.count_line(&line);
        }
        tally.confirmed(child.wait()?.success())
    }

    fn count_line(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            let count = |word: &str| -> u64 {
                let mut parts = counts.split([';', '.']);
                let number = parts.find_map(|part| part.trim().strip_suffix(word));
                number.and_then(|it| it.trim().parse().ok()).unwrap_or(0)
            };
            self.passed += count("passed");
            self.failed += count("failed") + count("ignored");
        } else if let Some(test) = line.strip_prefix("test ")
            && let Some((name, result)) = test.split_once(" ... ")
            && (result.starts_with("FAILED") || result.starts_with("ignored"))
        {
            self.failures.push(name.to_owned());
        }
    }

    /// Checks the counts against the runner's exit code: if it failed, so did at
    /// least one test; and some test was run.
    fn confirmed(mut self, success: bool) -> Result<Self> {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        ensure!(self.passed + self.failed > 0, "no test was run");
        Ok(self)
    }

    /// The sum of both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.skipped {
            Some(reason) => f.write_str(reason),
            None => write!(f, "{} passed, {} failed", self.passed, self.failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use xshell::{Shell, cmd};

    use super::*;

    fn tally(passed: u64, failed: u64) -> Tally {
        Tally {
            passed,
            failed,
            ..Tally::default()
        }
    }

    #[test]
    fn adds_up_the_results_of_cargo_test() {
        let lines = "\
            test a ... ok\n\
            test b::c ... FAILED\n\
            test src/lib.rs - d (line 3) ... ignored\n\
            test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.52s\n\
            test result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        let shell = Shell::new().expect("a shell");
        let counted = Tally::of_tests(cmd!(shell, "echo {lines}")).expect("some were run");
        assert_eq!((counted.passed, counted.failed), (14, 5));
        assert_eq!(counted.failures, ["b::c", "src/lib.rs - d (line 3)"]);
        let both = counted.and(tally(1, 2));
        assert_eq!((both.passed, both.failed, both.failures.len()), (15, 7, 2));
    }

    #[test]
    fn a_runner_that_fails_without_a_result_counts_as_a_failure() {
        assert_eq!(tally(3, 0).confirmed(false).expect("some"), tally(3, 1));
        assert_eq!(tally(3, 2).confirmed(false).expect("some"), tally(3, 2));
        assert_eq!(tally(3, 0).confirmed(true).expect("some"), tally(3, 0));
        assert!(tally(0, 0).confirmed(true).is_err(), "no test was run");
    }
}
