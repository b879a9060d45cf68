//! The dashboards' links to each other. They are addresses of a page, which a
//! window has none of: so they are taken from the page before it follows them.

use dioxus::document::{Eval, eval};

const LISTENER: &str = r#"
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="?"]');
  if (link) {
    event.preventDefault();
    event.stopPropagation();
    dioxus.send(link.getAttribute("href"));
  }
}, true);
await new Promise(() => {});
"#;

/// Gives the query of each such link that the viewer follows.
pub(crate) fn listen() -> Eval {
    eval(LISTENER)
}

/// The dashboard that a link leads to; `None` for the choice of them. Names in
/// links are plain, without anything escaped.
pub(crate) fn dashboard(query: &str) -> Option<String> {
    let mut parameters = query.trim_start_matches('?').split('&');
    let name = parameters.find_map(|parameter| parameter.strip_prefix("dashboard="))?;
    Some(name.to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_their_dashboard() {
        for (query, name) in [
            ("?dashboard=shop", Some("shop")),
            ("?theme=dark&dashboard=shop", Some("shop")),
            ("?theme=dark", None),
            ("?dashboard=", None),
            ("?", None),
        ] {
            assert_eq!(dashboard(query).as_deref(), name, "{query}");
        }
    }
}
