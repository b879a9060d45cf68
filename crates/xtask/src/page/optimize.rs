//! The same wasm, smaller.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use wasmparser::{Validator, WasmFeatures};

use crate::tools::shrink::Shrinker;
use crate::{files, process};

/// What the compiler may have used, and what the oldest browsers that the page
/// supports (Chromium 109, Firefox 115, Safari 16.4) all know.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Runs wasm-opt and does not believe it: its result must be valid and smaller.
pub(crate) fn smaller(wasm_opt: &Shrinker, wasm: &[u8], work: &Path) -> Result<Vec<u8>> {
    let before = work.join("before.wasm");
    let after = work.join("after.wasm");
    files::write(&before, wasm)?;
    process::run(
        Command::new(&wasm_opt.program)
            .args(["-Oz", "--converge", "--strip-producers"])
            // Large functions with one caller stay by themselves: that packs
            // better.
            .args(["--one-caller-inline-max-function-size", "50"])
            .args(FEATURES)
            .arg(&before)
            .arg("-o")
            .arg(&after)
            .stdin(Stdio::null()),
    )?;
    let optimized = files::read(&after).context("wasm-opt wrote nothing")?;
    check(&optimized)?;
    ensure!(
        optimized.len() < wasm.len(),
        "wasm-opt made the page no smaller: {} bytes before, {} after",
        wasm.len(),
        optimized.len()
    );
    Ok(optimized)
}

/// Whether bytes are a module that browsers would take.
pub(crate) fn check(wasm: &[u8]) -> Result<()> {
    Validator::new_with_features(WasmFeatures::WASM2)
        .validate_all(wasm)
        .context("not a valid WebAssembly module")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_modules_pass() {
        let empty_module = b"\0asm\x01\0\0\0";
        assert!(check(empty_module).is_ok());
        assert!(check(b"").is_err(), "what a failed wasm-opt leaves");
        assert!(check(&[empty_module.as_slice(), b"\x01"].concat()).is_err());
    }
}
