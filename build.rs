//! Prepares the stylesheet: removes its comments, and passes its colours on to
//! the code. `--good: var(--light, #075e3c) var(--dark, #4ddba4)` becomes
//! `env!("LIGHT_GOOD")` and `env!("DARK_GOOD")`.

use std::path::PathBuf;
use std::{env, fs};

const SOURCE: &str = "assets/dashboard.css";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    let css = fs::read_to_string(SOURCE).expect("the stylesheet is part of the repository");
    let css = without_comments(&css);
    for (name, light, dark) in css.lines().filter_map(color) {
        let name = name.to_uppercase().replace('-', "_");
        println!("cargo::rustc-env=LIGHT_{name}={light}");
        println!("cargo::rustc-env=DARK_{name}={dark}");
    }
    let directory = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let file = PathBuf::from(directory).join("dashboard.css");
    fs::write(file, css).expect("OUT_DIR is writable");
}

fn without_comments(css: &str) -> String {
    let mut parts = css.split("/*");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += part.split_once("*/").map_or("", |(_, after)| after);
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The name of a custom property, and its colour on a light and on a dark page;
/// `None` if the line defines no colour.
fn color(line: &str) -> Option<(&str, &str, &str)> {
    let (name, value) = line.trim().strip_prefix("--")?.split_once(": ")?;
    let value = value.strip_suffix(';')?;
    let (light, dark) = value
        .strip_prefix("var(--light, ")
        .and_then(|value| value.strip_suffix(')')?.split_once(") var(--dark, "))
        .unwrap_or((value, value));
    let is_color = light.starts_with('#') && dark.starts_with('#');
    is_color.then_some((name, light, dark))
}
