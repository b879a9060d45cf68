//! Set-up and every workflow of Live Dashboard.

fn main() {}
