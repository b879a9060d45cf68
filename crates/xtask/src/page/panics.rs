//! Takes the texts out of panics. A page that panics stops either way, and nobody
//! would read what it says: without an operating system there is no standard error.

use anyhow::{Context, Result};
use rustc_demangle::demangle;
use walrus::{FunctionBuilder, FunctionKind, Module, ModuleConfig};

/// Path prefixes of functions that only panic, or only format a panic's message.
const PANICS: [&str; 12] = [
    "core::panicking::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "rustc_demangle::",
    "<rustc_demangle::",
    "std::backtrace::",
    "<std::backtrace::",
    "std::backtrace_rs::",
    "<std::backtrace_rs::",
];

/// The same module; functions that only panic do so at once. wasm-bindgen then
/// removes what they alone used.
pub(crate) fn without_texts(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut config = ModuleConfig::new();
    config.generate_producers_section(false);
    let mut module = config
        .parse(wasm)
        .context("cannot read the compiled page")?;
    silence(&mut module);
    Ok(module.emit_wasm())
}

fn silence(module: &mut Module) {
    let ids: Vec<_> = module
        .funcs
        .iter_local()
        .map(|(id, _)| id)
        .filter(|id| module.funcs.get(*id).name.as_deref().is_some_and(panics))
        .collect();
    for id in ids {
        let (parameters, results) = module.types.params_results(module.funcs.get(id).ty());
        let (parameters, results) = (parameters.to_vec(), results.to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
        builder.func_body().unreachable();
        let arguments = parameters.iter().map(|ty| module.locals.add(*ty)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
}

/// A mangled name also contains the crate that instantiated a generic function; the
/// demangled path does not, so functions that the backtrace shares with the page are
/// kept.
fn panics(mangled: &str) -> bool {
    let path = format!("{:#}", demangle(mangled));
    PANICS.iter().any(|start| path.starts_with(start))
}

#[cfg(test)]
mod tests {
    use walrus::ValType;
    use walrus::ir::Instr;

    use super::*;

    /// A module of functions with these names, which return 7.
    fn module(names: &[&str]) -> Module {
        let mut module = Module::default();
        for name in names {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
            builder.name((*name).to_owned()).func_body().i32_const(7);
            let function = builder.finish(Vec::new(), &mut module.funcs);
            module.exports.add(name, function);
        }
        module
    }

    #[test]
    fn only_functions_that_panic_are_replaced() {
        let names = [
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt",
            "_RNvMs4_NtCsowIhRXm7bo_14rustc_demangle2v0NtB5_7Printer9print_pat",
            "_ZN14live_dashboard4main17h0123456789abcdefE",
            // `<&str as Display>::fmt`, which every crate shares, asked for by rustc_demangle.
            "_RNvXs1i_NtCsgXGp5Oqx2Ny_4core3fmtReNtB6_7Display3fmtCsowIhRXm7bo_14rustc_demangle",
        ];
        let wasm = without_texts(&module(&names).emit_wasm()).expect("a module");
        let module = Module::from_buffer(&wasm).expect("still a module");
        let stops = |name: &str| {
            let id = module.exports.get_func(name).expect("exported");
            let function = module.funcs.get(id).kind.unwrap_local();
            let body = function.block(function.entry_block());
            matches!(body.instrs[0].0, Instr::Unreachable(_))
        };
        assert_eq!(names.map(stops), [true, true, false, false]);
    }

    #[test]
    fn other_files_are_an_error() {
        assert!(without_texts(b"not wasm").is_err());
    }
}
