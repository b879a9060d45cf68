//! Writes the stylesheet without its comments, which are for people.

use std::path::PathBuf;
use std::{env, fs};

const SOURCE: &str = "assets/dashboard.css";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    let css = fs::read_to_string(SOURCE).expect("the stylesheet is part of the project");
    let directory = env::var_os("OUT_DIR").expect("cargo names it");
    let file = PathBuf::from(directory).join("dashboard.css");
    fs::write(file, without_comments(&css)).expect("cargo's directory can be written to");
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
