//! The same wasm, smaller.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasmparser::{Validator, WasmFeatures};
use xshell::{Shell, cmd};

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
/// Large functions with one caller are not inlined: that compresses better.
const PASSES: &str = "-Oz --converge --strip-producers --one-caller-inline-max-function-size 50";

/// Runs wasm-opt. Its exit code is no proof: the result must be valid and smaller.
pub(crate) fn optimize(sh: &Shell, wasm_opt: &Path, wasm: &[u8], work: &Path) -> Result<Vec<u8>> {
    let (before, after) = (work.join("before.wasm"), work.join("after.wasm"));
    sh.write_file(&before, wasm)?;
    let passes = PASSES.split(' ');
    cmd!(
        sh,
        "{wasm_opt} {passes...} {FEATURES...} {before} -o {after}"
    )
    .quiet()
    .run()?;
    let optimized = sh.read_binary_file(&after)?;
    validate(&optimized)?;
    let (was, is) = (wasm.len(), optimized.len());
    ensure!(
        is < was,
        "wasm-opt did not make the page smaller: {was} bytes before, {is} after"
    );
    Ok(optimized)
}

/// An error unless bytes are a module that the oldest supported browsers load.
pub(crate) fn validate(wasm: &[u8]) -> Result<()> {
    Validator::new_with_features(WasmFeatures::WASM2)
        .validate_all(wasm)
        .context("not a valid WebAssembly module")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_modules_are_valid() {
        let empty_module = b"\0asm\x01\0\0\0";
        assert!(validate(empty_module).is_ok());
        assert!(validate(b"").is_err(), "what a failed wasm-opt leaves");
        assert!(validate(&[empty_module.as_slice(), b"\x01"].concat()).is_err());
    }
}
