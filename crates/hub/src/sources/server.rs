//! A server that the hub sends requests to, and the credentials for it, as keys of a table.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// An address and credentials.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct Server {
    /// The address.
    pub(crate) url: Option<String>,
    /// The user of basic authentication.
    pub(crate) username: Option<String>,
    /// Their password.
    pub(crate) password: Option<Secret>,
    /// A bearer token.
    pub(crate) token: Option<Secret>,
    /// A file with the certificates to trust, in PEM format; by default those of the system.
    pub(crate) ca: Option<PathBuf>,
}

/// A text that is not shown.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

impl Server {
    /// The values of its keys.
    pub(crate) fn texts(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("url", self.url.as_deref()),
            ("username", self.username.as_deref()),
            ("password", self.password.as_ref().map(|it| it.0.as_str())),
            ("token", self.token.as_ref().map(|it| it.0.as_str())),
            ("ca", self.ca.as_ref().and_then(|path| path.to_str())),
        ]
    }

    /// The rules that the credentials break, each with the key that does.
    pub(crate) fn violations(&self) -> Vec<(&'static str, String)> {
        let mut broken = Vec::new();
        if self.username.is_some() != self.password.is_some() {
            let rule = "`username` and `password` must be given together";
            broken.push(("username", rule.to_owned()));
        }
        if self.token.is_some() && self.password.is_some() {
            let rule = "there must be either a `token` or a `password`";
            broken.push(("token", rule.to_owned()));
        }
        if self.ca.as_ref().is_some_and(|path| !path.is_absolute()) {
            broken.push(("ca", "`ca` must be an absolute path".to_owned()));
        }
        broken
    }
}
