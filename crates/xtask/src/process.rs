//! Child processes beyond what the shell does: to become one, and to keep one
//! in the background.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Error, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use xshell::Cmd;

/// Replaces this process with the command; returns only if that fails. Whoever
/// signals or waits for this process then reaches the command itself.
pub(crate) fn exec(command: Cmd<'_>) -> Error {
    let context = format!("cannot start `{command}`");
    Error::new(Command::from(command).exec()).context(context)
}

/// A child process that is terminated when this is dropped.
pub(crate) struct Background {
    child: Child,
    command: String,
}

impl Background {
    /// Starts the command, with this process's standard streams.
    pub(crate) fn start(command: Cmd<'_>) -> Result<Self> {
        let shown = command.to_string();
        let child = Command::from(command)
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        Ok(Self {
            child,
            command: shown,
        })
    }

    /// Starts the command, and returns the first line that it prints, too.
    pub(crate) fn start_with_line(command: Cmd<'_>) -> Result<(Self, String)> {
        let shown = command.to_string();
        let mut command = Command::from(command);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        let stdout = child.stdout.take().expect("it is piped");
        let started = Self {
            child,
            command: shown,
        };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(!line.is_empty(), "`{}` printed nothing", started.command);
        Ok((started, line.trim_end().to_owned()))
    }

    /// Waits for the command to end; an error if it fails.
    pub(crate) fn wait(mut self) -> Result<()> {
        let status = self.child.wait()?;
        ensure!(status.success(), "`{}` failed ({status})", self.command);
        Ok(())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // A child that has been waited for has no process left to signal.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _already_ended = kill_process(Pid::from_child(&self.child), Signal::TERM);
            let _already_ended = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use xshell::{Shell, cmd};

    use super::*;

    #[test]
    fn a_background_process_ends_when_dropped() {
        let shell = Shell::new().expect("a shell");
        let sleep = Background::start(cmd!(shell, "sleep 600")).expect("sleep is everywhere");
        let pid = Pid::from_child(&sleep.child);
        drop(sleep);
        assert!(kill_process(pid, Signal::TERM).is_err(), "still running");
    }

    #[test]
    fn the_first_line_of_a_background_process_is_returned() {
        let shell = Shell::new().expect("a shell");
        let start = |script: &str| Background::start_with_line(cmd!(shell, "sh -c {script}"));
        let (_running, line) = start("echo ready; sleep 600").expect("it starts");
        assert_eq!(line, "ready");
        assert!(start("exit 0").is_err(), "it printed nothing");
    }

    #[test]
    fn a_failed_background_process_is_an_error() {
        let shell = Shell::new().expect("a shell");
        let fails = Background::start(cmd!(shell, "false")).expect("false is everywhere");
        let error = fails.wait().expect_err("exit code 1");
        assert!(error.to_string().contains("`false` failed"), "{error}");
    }
}
