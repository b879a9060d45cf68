//! Takes the texts out of panics. A page that panics stops either way, and nobody
//! would read what it says: without an operating system there is no standard error.
//! Nobody reads `Debug` texts either, nor where in the sources a panic is.

use std::ops::Range;

use anyhow::{Context, Result};
use rustc_demangle::demangle;
use walrus::ir::Value;
use walrus::{ConstExpr, DataKind, FunctionBuilder, FunctionKind, Module, ModuleConfig};

/// Path prefixes of functions, or of the types that they belong to, that only panic, or
/// only format a panic's message.
const PANICS: [&str; 8] = [
    "core::panicking::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "rustc_demangle::",
    "std::backtrace",
];

/// How the path of a function that formats with `{:?}` ends.
const DEBUG: &str = " as core::fmt::Debug>::fmt";

/// The same module; functions that only panic do so at once, those that format for
/// developers write nothing, and places in the sources are zero. wasm-bindgen and
/// wasm-opt then remove what these alone used.
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
    let named: Vec<_> = module
        .funcs
        .iter_local()
        .filter_map(|(id, _)| Some((id, Silent::named(module.funcs.get(id).name.as_deref()?)?)))
        .collect();
    for (id, silent) in named {
        let (parameters, results) = module.types.params_results(module.funcs.get(id).ty());
        let (parameters, results) = (parameters.to_vec(), results.to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
        match silent {
            Silent::Panic => builder.func_body().unreachable(),
            Silent::Debug => builder.func_body().i32_const(0),
        };
        let arguments = parameters.iter().map(|ty| module.locals.add(*ty)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
    let data: Vec<_> = module.data.iter().map(walrus::Data::id).collect();
    for id in data {
        let data = module.data.get_mut(id);
        if let DataKind::Active {
            offset: ConstExpr::Value(Value::I32(offset)),
            ..
        } = data.kind
        {
            clear_locations(&mut data.value, offset.cast_unsigned() as usize);
        }
    }
}

/// What is left of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silent {
    /// It panics at once.
    Panic,
    /// It returns `fmt::Result::Ok`, which is 0.
    Debug,
}

impl Silent {
    /// `None` for a function that is kept. A mangled name also contains the crate that
    /// instantiated a generic function; the demangled path does not, so functions that
    /// the backtrace shares with the page are kept.
    fn named(mangled: &str) -> Option<Self> {
        let path = format!("{:#}", demangle(mangled));
        let owner = path.trim_start_matches(['<', '&']);
        // The compiler numbers copies.
        let method = path.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit());
        if PANICS.iter().any(|start| owner.starts_with(start)) {
            Some(Self::Panic)
        } else if method.ends_with(DEBUG) {
            Some(Self::Debug)
        } else {
            None
        }
    }
}

/// Clears the `core::panic::Location`s in data that is loaded at `offset`, and the paths
/// in them. Each is four words: address and length of the path, line, column.
fn clear_locations(data: &mut [u8], offset: usize) {
    let mut paths = Vec::new();
    for at in (0..data.len().saturating_sub(15)).step_by(4) {
        if let Some(path) = location(&data[at..], data, offset) {
            data[at..at + 16].fill(0);
            paths.push(path);
        }
    }
    for path in paths {
        data[path].fill(0);
    }
}

/// Where in the data the path is, if words begin with a location.
fn location(words: &[u8], data: &[u8], offset: usize) -> Option<Range<usize>> {
    let word = |index: usize| {
        let bytes = words.get(4 * index..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes) as usize)
    };
    let start = word(0)?.checked_sub(offset)?;
    let path = start..start.checked_add(word(1)?)?;
    let text = data.get(path.clone())?;
    let is_path = text.ends_with(b".rs") && text.iter().all(u8::is_ascii_graphic);
    let is_place = (1..100_000).contains(&word(2)?) && (1..1_000).contains(&word(3)?);
    (is_path && is_place).then_some(path)
}

#[cfg(test)]
mod tests {
    use walrus::ValType;
    use walrus::ir::{Const, Instr};

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
    fn only_functions_for_developers_are_replaced() {
        let names = [
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt",
            "_RNvMs4_NtCsowIhRXm7bo_14rustc_demangle2v0NtB5_7Printer9print_pat",
            "_ZN14live_dashboard4main17h0123456789abcdefE",
            // `<&str as Display>::fmt`, which every crate shares, asked for by rustc_demangle.
            "_RNvXs1i_NtCsgXGp5Oqx2Ny_4core3fmtReNtB6_7Display3fmtCsowIhRXm7bo_14rustc_demangle",
            "_RNvXsh_NtCsgXGp5Oqx2Ny_4core3fmteNtB5_5Debug3fmt.17",
        ];
        let wasm = without_texts(&module(&names).emit_wasm()).expect("a module");
        let module = Module::from_buffer(&wasm).expect("still a module");
        let first = |name: &str| {
            let id = module.exports.get_func(name).expect("exported");
            let function = module.funcs.get(id).kind.unwrap_local();
            match function.block(function.entry_block()).instrs[0].0 {
                Instr::Unreachable(_) => "stops",
                Instr::Const(Const {
                    value: Value::I32(0),
                }) => "writes nothing",
                _ => "is kept",
            }
        };
        assert_eq!(
            names.map(first),
            ["stops", "stops", "is kept", "is kept", "writes nothing"]
        );
    }

    #[test]
    fn places_in_the_sources_are_cleared() {
        let offset = 1_048_576_u32;
        // A path, a text that is not one, and two words beside the location.
        let mut data = b"src/lib.rs: no.rs\0\0\0".to_vec();
        let words = [7, offset, 10, 12, 5, 9, offset, 12, 12, 5, offset, 10, 0, 5];
        data.extend(words.iter().flat_map(|word: &u32| word.to_le_bytes()));
        clear_locations(&mut data, offset as usize);
        let kept = [7, 0, 0, 0, 0, 9, offset, 12, 12, 5, offset, 10, 0, 5];
        let mut expected = b"\0\0\0\0\0\0\0\0\0\0: no.rs\0\0\0".to_vec();
        expected.extend(kept.iter().flat_map(|word: &u32| word.to_le_bytes()));
        assert_eq!(data, expected);
    }

    #[test]
    fn other_files_are_an_error() {
        assert!(without_texts(b"not wasm").is_err());
    }
}
