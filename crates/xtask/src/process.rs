//! Child processes: to run and wait for, to listen to, and to keep several of
//! that end together.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, bail};
use clap::Args;
use rustix::process::{Pid, Signal, getppid, kill_process};

use crate::say;

/// How long a child may take to end after SIGTERM, before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a command, which prints for itself; an error if it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    succeeded(command, status)
}

/// Runs a command and returns what it printed to stdout; an error, with what it
/// printed to stderr, if it fails.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    succeeded(command, output.status).with_context(|| {
        String::from_utf8_lossy(&output.stderr)
            .trim_end()
            .to_owned()
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, prints its stdout as it comes and hands each line on.
pub(crate) fn listen(command: &mut Command, mut heard: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let stdout = child.stdout.take().context("the child has no stdout")?;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.with_context(|| format!("cannot read from {}", shown(command)))?;
        let line = String::from_utf8_lossy(&line);
        say::line(&line);
        heard(&line);
    }
    Ok(child.wait()?)
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut words = vec![name.to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    format!("`{}`", words.join(" "))
}

/// Becomes the program; returns only if that fails. Whoever signals or waits
/// for this process then deals with the program itself.
pub(crate) fn become_program(command: &mut Command) -> Error {
    let error = command.exec();
    Error::new(error).context(format!("cannot start {}", shown(command)))
}

/// Runs several commands side by side until one of them ends or this process
/// is told to (Ctrl-C, SIGTERM, SIGHUP); then ends the others. An error if one
/// ended by itself and failed.
pub(crate) fn run_together(commands: Vec<Command>) -> Result<()> {
    let told_to_end = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&told_to_end);
    ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst))
        .context("cannot listen for Ctrl-C")?;

    let mut family = Family(Vec::new());
    for command in commands {
        let mut command = tied(command)?;
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", shown(&command)))?;
        family.0.push(child);
    }
    while !told_to_end.load(Ordering::SeqCst) {
        for child in &mut family.0 {
            if let Some(status) = child.try_wait()? {
                if status.success() || told_to_end.load(Ordering::SeqCst) {
                    return Ok(());
                }
                bail!("one of the programs ended ({status}); the others were ended too");
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Arguments of the hidden task that ties a program to its parent.
#[derive(Args)]
pub(crate) struct Tied {
    parent: i32,
    program: std::ffi::OsString,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<std::ffi::OsString>,
}

impl Tied {
    /// Asks Linux for SIGTERM at the parent's end, however that comes, and
    /// becomes the program, which inherits the request.
    pub(crate) fn become_it(self) -> Error {
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::TERM)) {
            return Error::new(error).context("cannot tie the program to its parent");
        }
        if getppid().map(Pid::as_raw_nonzero).map(i32::from) != Some(self.parent) {
            return Error::msg("the parent ended before the program began");
        }
        become_program(Command::new(self.program).args(self.arguments))
    }
}

/// The same command, started by way of the hidden task above.
fn tied(command: Command) -> Result<Command> {
    let mut tied = Command::new(std::env::current_exe().context("cannot find this program")?);
    tied.arg("tied")
        .arg(std::process::id().to_string())
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        tied.current_dir(directory);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => tied.env(name, value),
            None => tied.env_remove(name),
        };
    }
    Ok(tied)
}

/// Children that end when this is dropped.
struct Family(Vec<Child>);

impl Drop for Family {
    fn drop(&mut self) {
        let asked = Instant::now();
        for child in &mut self.0 {
            // One that has been waited for has no process any more to signal.
            if matches!(child.try_wait(), Ok(None)) {
                let _gone_already = kill_process(Pid::from_child(child), Signal::TERM);
            }
        }
        for child in &mut self.0 {
            while matches!(child.try_wait(), Ok(None)) {
                if asked.elapsed() > PATIENCE {
                    let _gone_already = child.kill();
                    let _reaped = child.wait();
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("{} failed ({status})", shown(command));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_an_error_with_its_words() {
        let error = capture(Command::new("sh").args(["-c", "echo oh no >&2; exit 3"]))
            .expect_err("exit code 3");
        let words = format!("{error:#}");
        assert!(
            words.contains("oh no") && words.contains("exit status: 3"),
            "{words}"
        );
    }

    #[test]
    fn every_line_is_heard() {
        let mut lines = Vec::new();
        let status = listen(Command::new("printf").arg("one\\ntwo"), |line| {
            lines.push(line.to_owned());
        })
        .expect("printf is everywhere");
        assert!(status.success());
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn a_family_ends_with_its_owner() {
        let child = Command::new("sleep")
            .arg("600")
            .spawn()
            .expect("sleep is everywhere");
        let pid = Pid::from_child(&child);
        drop(Family(vec![child]));
        assert!(
            kill_process(pid, Signal::TERM).is_err(),
            "the child was reaped"
        );
    }
}
