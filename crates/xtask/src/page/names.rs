//! Short names for what the wasm and its glue take from each other: nobody reads them,
//! and wasm-bindgen's are long and hard to compress.

use anyhow::{Result, ensure};
use walrus::Module;

/// Renames the imports and exports of a module, and removes the exports that the glue does
/// not use. Returns the glue with the new names.
pub(crate) fn shorten(module: &mut Module, glue: &str) -> Result<String> {
    let mut glue = glue.to_owned();
    let mut names = (0..).map(|n| format!("_{n}"));
    for (import, short) in module.imports.iter_mut().zip(&mut names) {
        let renamed = rename(&glue, &import.name, &short);
        ensure!(renamed != glue, "the glue has no `{}`", import.name);
        (import.name, glue) = (short, renamed);
    }
    let mut unused = Vec::new();
    for (export, short) in module.exports.iter_mut().zip(names) {
        let renamed = rename(
            &glue,
            &format!("wasm.{}", export.name),
            &format!("wasm.{short}"),
        );
        if renamed == glue {
            unused.push(export.id());
        }
        (export.name, glue) = (short, renamed);
    }
    for export in unused {
        module.exports.delete(export);
    }
    Ok(glue)
}

/// Replaces a word where it is not a part of another.
fn rename(text: &str, old: &str, new: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut parts = text.split(old);
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_whole = !renamed.ends_with(is_part) && !part.starts_with(is_part);
        renamed += if is_whole { new } else { old };
        renamed += part;
    }
    renamed
}

#[cfg(test)]
mod tests {
    use walrus::ValType;

    use super::*;

    #[test]
    fn both_sides_have_the_same_new_names() {
        let mut module = Module::default();
        let ty = module.types.add(&[], &[ValType::I32]);
        let (function, _) = module.add_import_func("./glue.js", "__wbg_now_1", ty);
        for name in ["unused", "now", "used"] {
            module.exports.add(name, function);
        }
        let glue = "({ __wbg_now_1: f, __wbg_now_12: g }); wasm.used(); wasm.unused_too();";
        let renamed = shorten(&mut module, glue).expect("the import is in the glue");
        assert_eq!(
            renamed,
            "({ _0: f, __wbg_now_12: g }); wasm._3(); wasm.unused_too();"
        );
        let imports: Vec<_> = module.imports.iter().map(|one| &*one.name).collect();
        let exports: Vec<_> = module.exports.iter().map(|one| &*one.name).collect();
        assert_eq!((&imports[..], &exports[..]), (&["_0"][..], &["_3"][..]));
        assert!(shorten(&mut module, glue).is_err(), "another glue");
    }
}
