//! Autobahn's test suite for WebSocket servers, against the hub's echo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xshell::cmd;

use crate::process::Background;
use crate::workspace::Workspace;
use crate::{hub, output};

/// The suite's name and version in Python's package index.
const SUITE: (&str, &str) = ("autobahntestsuite", "25.10.1");
/// The version of Python that it runs on, as pyenv calls it.
const PYTHON: &str = "2.7.18";
/// The cases about compression, which the hub does not offer.
const EXCLUDED: [&str; 2] = ["12.*", "13.*"];
/// How many cases are left.
const CASES: usize = 301;
/// The results of a case that is passed: as the protocol demands, as it permits, or as it
/// leaves open.
const PASSED: [&str; 3] = ["OK", "NON-STRICT", "INFORMATIONAL"];

/// Runs all cases and prints how many had which result. An error if one was not passed.
/// Where the suite cannot be installed, it is skipped.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let (python, packages) = match install(workspace) {
        Ok(installed) => installed,
        Err(error) => {
            output::line(&format!("skipped: {error:#}"));
            return Ok(());
        }
    };
    let sh = &workspace.shell;
    let hub = hub::build_debug(workspace, &["echo"])?;
    let directory = workspace.target.join("autobahn");
    sh.remove_path(&directory)?;
    sh.create_dir(&directory)?;
    let data = sh.create_temp_dir()?;
    let data = data.path();
    // The suite sends as fast as it can.
    let serve = cmd!(
        sh,
        "{hub} serve --listen 127.0.0.1:0 --bytes-per-viewer 0 --data-dir {data}"
    );
    let (_hub, line) = Background::start_with_line(serve.env("LIVE_DASHBOARD_LOG", "error"))?;
    let address = line
        .strip_prefix("listening on http://")
        .context("the hub does not tell its address")?;
    let spec = json!({
        "outdir": directory,
        "servers": [{"agent": "hub", "url": format!("ws://{address}/echo")}],
        "cases": ["*"],
        "exclude-cases": EXCLUDED,
    });
    let spec_file = directory.join("spec.json");
    sh.write_file(&spec_file, spec.to_string())?;
    output::step(&format!("Running {CASES} cases; this takes minutes"));
    cmd!(
        sh,
        "{python} -m autobahntestsuite.wstest --mode fuzzingclient --spec {spec_file}"
    )
    .env("PYTHONPATH", packages)
    .ignore_stdout()
    .run()?;

    let report = sh.read_file(directory.join("index.json"))?;
    let report = Report::read(&serde_json::from_str(&report)?);
    output::line(&report.summary());
    output::note(&format!(
        "details: {}",
        directory.join("index.html").display()
    ));
    ensure!(report.failed.is_empty(), "not passed: {:?}", report.failed);
    ensure!(
        report.total() == CASES,
        "{} of {CASES} cases ran",
        report.total()
    );
    Ok(())
}

/// Installs the suite, unless it is there. Returns Python and the directory of its packages.
fn install(workspace: &Workspace) -> Result<(PathBuf, PathBuf)> {
    let sh = &workspace.shell;
    let prefix = cmd!(sh, "pyenv prefix {PYTHON}").quiet().ignore_stderr();
    let prefix = prefix
        .read()
        .with_context(|| format!("the suite needs Python {PYTHON}: pyenv install {PYTHON}"))?;
    let python = Path::new(&prefix).join("bin/python2.7");
    let (name, version) = SUITE;
    let packages = workspace.tools().join(format!("{name}-{version}"));
    // Without it, a part of the package cannot be imported. Written last.
    let complete = packages.join("zope/__init__.py");
    if !complete.exists() {
        output::step(&format!("Installing {name} {version}"));
        sh.remove_path(&packages)?;
        let pip = || {
            cmd!(
                sh,
                "{python} -m pip --quiet --disable-pip-version-check install --target {packages}"
            )
        };
        let unavailable = || format!("cannot install {name} {version}");
        let suite = format!("{name}=={version}");
        pip()
            .args(["--no-deps", &suite])
            .run()
            .with_context(unavailable)?;
        let metadata = packages.join(format!("{name}-{version}.dist-info/METADATA"));
        let requirements = requirements(&sh.read_file(metadata)?);
        pip().args(requirements).run().with_context(unavailable)?;
        sh.write_file(&complete, "")?;
    }
    Ok((python, packages))
}

/// The requirements in a package's metadata, each of one version, without extras: those of
/// `autobahn` would have to be compiled.
fn requirements(metadata: &str) -> Vec<String> {
    let lines = metadata.lines();
    let required = lines.filter_map(|line| {
        let (name, version) = line.strip_prefix("Requires-Dist: ")?.split_once(" (")?;
        let name = name.split('[').next()?.to_lowercase();
        Some((name, version.trim_end_matches(')')))
    });
    // Some are there twice.
    let required: BTreeMap<_, _> = required.collect();
    let required = required.into_iter();
    required
        .map(|(name, version)| format!("{name}{version}"))
        .collect()
}

/// The results of all cases.
struct Report {
    /// How many cases had each result.
    counts: BTreeMap<String, usize>,
    /// The names of those that were not passed.
    failed: Vec<String>,
}

impl Report {
    fn read(report: &Value) -> Self {
        let mut read = Self {
            counts: BTreeMap::new(),
            failed: Vec::new(),
        };
        for (name, case) in report["hub"].as_object().into_iter().flatten() {
            let result = |key| case[key].as_str().unwrap_or("missing");
            let behavior = result("behavior");
            *read.counts.entry(behavior.to_owned()).or_default() += 1;
            let passed = [behavior, result("behaviorClose")].map(|it| PASSED.contains(&it));
            if passed.contains(&false) {
                read.failed.push(name.clone());
            }
        }
        read
    }

    fn total(&self) -> usize {
        self.counts.values().sum()
    }

    fn summary(&self) -> String {
        let counts = self.counts.iter();
        let counts = counts.map(|(result, count)| format!("{count} {result}"));
        let counts = counts.collect::<Vec<_>>().join(", ");
        format!("{} cases: {counts}", self.total())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_pinned_and_without_extras() {
        let metadata = "Name: x\nRequires-Dist: pyOpenSSL (==19.1.0)\n\
            Requires-Dist: pyopenssl (==19.1.0)\nRequires-Dist: autobahn[accelerate,twisted] (==0.10.9)\n\n\
            Requires-Dist is explained here.";
        assert_eq!(
            requirements(metadata),
            ["autobahn==0.10.9", "pyopenssl==19.1.0"]
        );
    }

    #[test]
    fn a_case_fails_by_its_behavior_or_by_how_it_closes() {
        let case = |behavior, close| json!({"behavior": behavior, "behaviorClose": close});
        let report = Report::read(&json!({"hub": {
            "1.1": case("OK", "OK"),
            "1.2": case("OK", "FAILED"),
            "6.4": case("NON-STRICT", "OK"),
            "7.1": case("FAILED", "OK"),
            "7.2": {},
        }}));
        assert_eq!(report.failed, ["1.2", "7.1", "7.2"]);
        assert_eq!(
            report.summary(),
            "5 cases: 1 FAILED, 1 NON-STRICT, 2 OK, 1 missing"
        );
    }
}
