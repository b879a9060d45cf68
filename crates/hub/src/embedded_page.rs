//! The page inside the binary. It is part of the binary alone, so that the library
//! can be compiled before, or while, the page is built.

use live_dashboard_hub::page::Page;

/// The page that was built in, if one was.
#[cfg(feature = "embedded-page")]
pub(crate) fn page() -> Option<Page> {
    /// Tells cargo to build again if the variable changes.
    const _DIRECTORY: &str = env!(
        "LIVE_DASHBOARD_PAGE_DIR",
        "the feature `embedded-page` needs LIVE_DASHBOARD_PAGE_DIR: the absolute path of a \
         built page (`cargo xtask build-page` builds one)"
    );

    #[derive(rust_embed::Embed)]
    #[folder = "$LIVE_DASHBOARD_PAGE_DIR"]
    struct Files;

    let file = |path: std::borrow::Cow<'static, str>| {
        let contents = Files::get(&path)?.data.into_owned();
        Some((path.into_owned(), contents.into()))
    };
    Page::from_files(&Files::iter().filter_map(file).collect())
}

/// Without the feature there is none.
#[cfg(not(feature = "embedded-page"))]
pub(crate) fn page() -> Option<Page> {
    None
}
