//! Picks the renderer and launches the dashboard.

fn main() {}
