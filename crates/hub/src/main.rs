//! The hub as a program.

fn main() {}
