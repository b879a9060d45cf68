//! The layers of `docs/architecture.md`: which folder may use which.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the page, and those that each may use in addition to itself.
const PAGE: [(&str, &[&str]); 6] = [
    ("platform", &[]),
    ("model", &[]),
    ("components", &["model"]),
    ("feed", &["platform", "model"]),
    // Of the components only their types.
    (
        "hooks",
        &["platform", "model", "feed", "config", "components"],
    ),
    ("config", &["feed", "components", "platform"]),
];

/// The modules of the hub, and those that each must not use.
const HUB: [(&str, &[&str]); 13] = [
    (
        "limits",
        &["hub", "http", "session", "registry", "admission"],
    ),
    (
        "admission",
        &["hub", "http", "session", "registry", "engine", "server"],
    ),
    ("server", &["session", "registry", "engine"]),
    ("engine", &["hub", "http", "session", "registry", "auth"]),
    ("registry", &["hub", "http", "session", "auth"]),
    ("sources", &["http", "session", "registry", "server"]),
    ("alerting", &["http", "session", "registry", "server"]),
    ("notify", &["http", "session", "registry", "server"]),
    ("session", &["http", "registry"]),
    ("http", &["registry"]),
    (
        "drawing",
        &["hub", "http", "session", "registry", "engine", "auth"],
    ),
    ("hub", &["http", "session"]),
    ("config", &["http", "session"]),
];

/// The modules of the hub that may use the engine's types, but not the engine.
const WITHOUT_ENGINE: [&str; 6] = [
    "registry", "session", "http", "sources", "alerting", "notify",
];

/// The Rust files of a module: `NAME.rs` and those below `NAME/`.
fn files(source: &Path, module: &str) -> Vec<PathBuf> {
    let mut files = vec![source.join(format!("{module}.rs"))];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.retain(|file| file.is_file());
    assert!(!files.is_empty(), "there is no module {module}");
    files
}

/// The modules of the same crate that a module names, with the file.
fn used(source: &Path, module: &str) -> Vec<(String, PathBuf)> {
    let mut used = Vec::new();
    for file in files(source, module) {
        let text = fs::read_to_string(&file).expect("a Rust file");
        for part in text.split("crate::").skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            used.push((name, file.clone()));
        }
    }
    used
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn page_modules_use_only_lower_layers() {
    let modules: Vec<&str> = PAGE.iter().map(|(module, _)| *module).collect();
    for (module, allowed) in PAGE {
        for (name, file) in used(&root().join("src"), module) {
            let forbidden = ["app", "hooks", "desktop", "web"].contains(&name.as_str())
                || modules.contains(&name.as_str());
            let fine = name == module || allowed.contains(&name.as_str());
            assert!(fine || !forbidden, "{} uses {name}", file.display());
        }
    }
}

#[test]
fn hub_modules_use_no_upper_layers() {
    for (module, forbidden) in HUB {
        for (name, file) in used(&root().join("crates/hub/src"), module) {
            let fine = name == module || !forbidden.contains(&name.as_str());
            assert!(fine, "{} uses {name}", file.display());
        }
    }
}

#[test]
fn only_the_hub_itself_uses_the_engine() {
    for module in WITHOUT_ENGINE {
        for file in files(&root().join("crates/hub/src"), module) {
            let text = fs::read_to_string(&file).expect("a Rust file");
            let imports = text.split("crate::engine::").skip(1);
            let imports = imports.filter_map(|import| import.split(';').next());
            for name in imports.flat_map(|import| import.split(|c: char| !c.is_alphanumeric())) {
                let is_engine = ["Engine", "Embedded"].contains(&name);
                assert!(!is_engine, "{} uses {name}", file.display());
            }
        }
    }
}

#[test]
fn only_the_platform_module_chooses_by_target() {
    let all = [
        "app",
        "components",
        "config",
        "desktop",
        "feed",
        "hooks",
        "lib",
        "main",
    ];
    let mut files: Vec<PathBuf> = all
        .iter()
        .chain(&["model", "platform", "web"])
        .flat_map(|module| files(&root().join("src"), module))
        .collect();
    files.retain(|file| !file.ends_with("platform/mod.rs"));
    for file in files {
        let text = fs::read_to_string(&file).expect("a Rust file");
        assert!(!text.contains("target_arch"), "{}", file.display());
    }
}

#[test]
fn components_listen_only_to_events_that_the_page_s_renderer_knows() {
    let mut files = files(&root().join("src"), "components");
    // The desktop app's own.
    files.retain(|file| {
        !["about.rs", "first_run.rs"]
            .iter()
            .any(|own| file.ends_with(own))
    });
    let renderer = fs::read_to_string(root().join("src/web/events.rs")).expect("a Rust file");
    let (_, known) = renderer.split_once("EVENTS: &str =").expect("the list");
    let known = known.split('"').nth(1).expect("a string");
    let known: Vec<&str> = known.split(' ').chain(["resize"]).collect();
    let mut listeners = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("a Rust file");
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for word in code.flat_map(str::split_whitespace) {
            let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase());
            let event = word.strip_suffix(':').filter(is_name);
            let Some(event) = event.and_then(|name| name.strip_prefix("on")) else {
                continue;
            };
            // A parameter `on` is no event.
            let fine = event.is_empty() || known.contains(&event);
            assert!(fine, "{event} in {}", file.display());
            listeners += 1;
        }
    }
    assert!(listeners > known.len(), "found {listeners} listeners");
}
