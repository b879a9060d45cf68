//! What the tool prints: steps and notes to stderr, between cargo's own
//! progress; results to stdout.

#![expect(
    clippy::print_stdout,
    reason = "a command-line tool prints its results there"
)]

use std::io::IsTerminal;

/// The title of the step that begins.
pub(crate) fn step(title: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("\x1b[1;36m==>\x1b[0m \x1b[1m{title}\x1b[0m");
    } else {
        eprintln!("==> {title}");
    }
}

/// A detail of the current step.
pub(crate) fn note(text: &str) {
    eprintln!("    {text}");
}

/// A line of the result.
pub(crate) fn line(text: &str) {
    println!("{text}");
}
