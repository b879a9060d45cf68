//! What the tool prints: steps and notes to stderr, between cargo's own
//! progress; results to stdout.

#![expect(
    clippy::print_stdout,
    reason = "the results of a command-line tool go there"
)]

use std::io::IsTerminal;

/// A step begins.
pub(crate) fn step(title: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("\x1b[1;36m==>\x1b[0m \x1b[1m{title}\x1b[0m");
    } else {
        eprintln!("==> {title}");
    }
}

/// Something worth knowing about the step under way.
pub(crate) fn note(text: &str) {
    eprintln!("    {text}");
}

/// A line of the result.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Why the tool gave up, with each cause on a line of its own.
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
}
