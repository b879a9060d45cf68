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
    /// The names of these, as far as the runner told them.
    pub(crate) failures: Vec<String>,
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
        if let Some(counts) = line.strip_prefix("test result: ") {
            let count = |word: &str| -> u64 {
                counts
                    .split([';', '.'])
                    .filter_map(|part| part.trim().strip_suffix(word))
                    .find_map(|number| number.trim().parse().ok())
                    .unwrap_or(0)
            };
            self.passed += count("passed");
            self.failed += count("failed") + count("ignored");
        } else if let Some((name, result)) = line
            .strip_prefix("test ")
            .and_then(|line| line.split_once(" ... "))
            && (result.starts_with("FAILED") || result.starts_with("ignored"))
        {
            self.failures.push(name.to_owned());
        }
    }

    /// Reads the report that Playwright writes as JSON.
    pub(crate) fn of_playwright(report: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Report {
            stats: Stats,
            suites: Vec<Suite>,
            errors: Vec<serde_json::Value>,
        }
        #[derive(Deserialize)]
        struct Stats {
            expected: u64,
            unexpected: u64,
            flaky: u64,
            skipped: u64,
        }
        #[derive(Deserialize)]
        struct Suite {
            title: String,
            #[serde(default)]
            suites: Vec<Suite>,
            #[serde(default)]
            specs: Vec<Spec>,
        }
        #[derive(Deserialize)]
        struct Spec {
            title: String,
            tests: Vec<Test>,
        }
        #[derive(Deserialize)]
        struct Test {
            status: String,
        }
        impl Suite {
            fn failures(&self, into: &mut Vec<String>) {
                let failed = |spec: &&Spec| spec.tests.iter().any(|it| it.status != "expected");
                for spec in self.specs.iter().filter(failed) {
                    into.push(format!("{}: {}", self.title, spec.title));
                }
                for suite in &self.suites {
                    suite.failures(into);
                }
            }
        }
        let report: Report =
            serde_json::from_str(report).context("cannot read Playwright's report")?;
        let mut failures = Vec::new();
        for suite in &report.suites {
            suite.failures(&mut failures);
        }
        let stats = report.stats;
        let outside_of_tests = report.errors.len() as u64;
        Ok(Self {
            passed: stats.expected,
            failed: stats.unexpected + stats.flaky + stats.skipped + outside_of_tests,
            failures,
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
            ..Self::default()
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
            ..Tally::default()
        }
    }

    #[test]
    fn adds_up_cargo_s_results() {
        let mut heard = Tally::default();
        for line in [
            "test a ... ok",
            "test b::c ... FAILED",
            "test src/lib.rs - d (line 3) ... ignored",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.52s",
            "test result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ] {
            heard.hear(line);
        }
        assert_eq!((heard.passed, heard.failed), (14, 5));
        assert_eq!(heard.failures, ["b::c", "src/lib.rs - d (line 3)"]);
    }

    #[test]
    fn reads_playwright_s_report() {
        let report = r#"{"config": {}, "errors": [{"message": "x"}],
            "stats": {"duration": 1.5, "expected": 7, "unexpected": 1, "flaky": 1, "skipped": 2},
            "suites": [{"title": "a.spec.mjs",
                "specs": [{"title": "good", "tests": [{"status": "expected"}]},
                          {"title": "bad", "tests": [{"status": "unexpected"}]}],
                "suites": [{"title": "inner",
                    "specs": [{"title": "left out", "tests": [{"status": "skipped"}]}]}]}]}"#;
        let tally = Tally::of_playwright(report).expect("a report");
        assert_eq!((tally.passed, tally.failed), (7, 5));
        assert_eq!(tally.failures, ["a.spec.mjs: bad", "inner: left out"]);
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
