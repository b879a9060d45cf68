//! Takes the texts out of panics. A page that panics stops either way, and nobody
//! would read what it says: without an operating system there is no standard error.

use anyhow::{Context, Result};
use walrus::{FunctionBuilder, FunctionKind, Module, ModuleConfig};

/// Parts of the (mangled) names of functions that only panic, or only write what a
/// panic says.
const PANICS: [&str; 9] = [
    "4core9panicking",
    "13unwrap_failed",
    "13expect_failed",
    "16slice_index_fail",
    "16slice_error_fail",
    "14rustc_demangle",
    "3std9backtrace",
    "12backtrace_rs",
    "6anyhow3fmt",
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
    let panics = |name: &str| PANICS.iter().any(|part| name.contains(part));
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

#[cfg(test)]
mod tests {
    use walrus::ValType;
    use walrus::ir::Instr;

    use super::*;

    /// A module of two functions with these names, which return 7.
    fn module(names: [&str; 2]) -> Module {
        let mut module = Module::default();
        for name in names {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
            builder.name(name.to_owned()).func_body().i32_const(7);
            let function = builder.finish(Vec::new(), &mut module.funcs);
            module.exports.add(name, function);
        }
        module
    }

    #[test]
    fn only_functions_that_panic_are_replaced() {
        let names = [
            "_RNvNtCs_4core9panicking9panic_fmt",
            "_ZN14live_dashboard4main17hE",
        ];
        let wasm = without_texts(&module(names).emit_wasm()).expect("a module");
        let module = Module::from_buffer(&wasm).expect("still a module");
        let stops = |name: &str| {
            let id = module.exports.get_func(name).expect("exported");
            let function = module.funcs.get(id).kind.unwrap_local();
            let body = function.block(function.entry_block());
            matches!(body.instrs[0].0, Instr::Unreachable(_))
        };
        assert_eq!(names.map(stops), [true, false]);
    }

    #[test]
    fn other_files_are_an_error() {
        assert!(without_texts(b"not wasm").is_err());
    }
}
