//! Declares the page as an input if it is built into the binary.

use std::env;

fn main() {
    println!("cargo::rerun-if-env-changed=LIVE_DASHBOARD_PAGE_DIR");
    if env::var_os("CARGO_FEATURE_EMBEDDED_PAGE").is_none() {
        return;
    }
    match env::var("LIVE_DASHBOARD_PAGE_DIR") {
        Ok(directory) => println!("cargo::rerun-if-changed={directory}"),
        Err(_) => println!(
            "cargo::error=the feature `embedded-page` needs LIVE_DASHBOARD_PAGE_DIR, \
             the absolute path of a built page: `cargo xtask build-page` builds one"
        ),
    }
}
