//! What passed and what failed, as the test runners told it.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// Counts of tests; a stage without tests of its own counts as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed, or were not run: a skipped test proves nothing.
    pub(crate) failed: u64,
    /// Why nothing was counted, where nothing was.
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
    pub(crate) fn skipped(why: &'static str) -> Self {
        Self {
            skipped: Some(why),
            ..Self::default()
        }
    }

    /// Adds what a line of `cargo test` tells, if it tells a result.
    pub(crate) fn hear(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        let count = |word: &str| -> u64 {
            counts
                .split([';', '.'])
                .filter_map(|part| part.trim().strip_suffix(word))
                .find_map(|number| number.trim().parse().ok())
                .unwrap_or(0)
        };
        self.passed += count("passed");
        self.failed += count("failed") + count("ignored");
    }

    /// Reads the report that Playwright writes as JSON.
    pub(crate) fn of_playwright(report: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Report {
            stats: Stats,
            #[serde(default)]
            errors: Vec<serde_json::Value>,
        }
        #[derive(Deserialize)]
        struct Stats {
            expected: u64,
            unexpected: u64,
            flaky: u64,
            skipped: u64,
        }
        let report: Report =
            serde_json::from_str(report).context("cannot read Playwright's report")?;
        let stats = report.stats;
        let outside_of_tests = report.errors.len() as u64;
        Ok(Self {
            passed: stats.expected,
            failed: stats.unexpected + stats.flaky + stats.skipped + outside_of_tests,
            skipped: None,
        })
    }

    /// The counts of test runners, held against whether they said that all was
    /// well: they must agree, and something must have been tested.
    pub(crate) fn confirmed(mut self, success: bool) -> Result<Self> {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        ensure!(self.passed + self.failed > 0, "no test was run");
        Ok(self)
    }

    /// Both together.
    pub(crate) fn and(self, other: &Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: None,
        }
    }

    /// The counts, or why there are none.
    pub(crate) fn words(&self) -> String {
        match self.skipped {
            Some(why) => why.to_owned(),
            None => format!("{} passed, {} failed", self.passed, self.failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64) -> Tally {
        Tally {
            passed,
            failed,
            skipped: None,
        }
    }

    #[test]
    fn adds_up_cargo_s_results() {
        let mut heard = Tally::default();
        for line in [
            "test a ... ok",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.52s",
            "test result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ] {
            heard.hear(line);
        }
        assert_eq!(heard, tally(14, 5));
    }

    #[test]
    fn reads_playwright_s_report() {
        let report = r#"{"config":{},"suites":[],"errors":[{"message":"x"}],
            "stats":{"startTime":"","duration":1.5,"expected":7,"unexpected":1,"flaky":1,"skipped":2}}"#;
        assert_eq!(Tally::of_playwright(report).expect("a report"), tally(7, 5));
        assert!(Tally::of_playwright("{}").is_err());
    }

    #[test]
    fn a_runner_that_fails_without_a_word_counts() {
        assert_eq!(tally(3, 0).confirmed(false).expect("some"), tally(3, 1));
        assert_eq!(tally(3, 2).confirmed(false).expect("some"), tally(3, 2));
        assert_eq!(tally(3, 0).confirmed(true).expect("some"), tally(3, 0));
        assert!(tally(0, 0).confirmed(true).is_err(), "nothing was tested");
    }
}
