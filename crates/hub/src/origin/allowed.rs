//! Origins of other pages that may use the hub, as `--allowed-origin` has them.

use std::fmt;
use std::str::FromStr;

use super::host::is_address;
use super::{Origin, OriginError};

/// An origin whose pages may use the hub, or all those that differ from it by one leading
/// label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin {
    /// Without the wildcard.
    origin: Origin,
    /// `*.` is before the host: one more label, whichever.
    wildcard: bool,
}

/// `https://portal.example`, or `https://*.portal.example`.
impl FromStr for AllowedOrigin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let bare = text.replacen("://*.", "://", 1);
        if bare.contains('*') {
            return Err(OriginError::Wildcard(text.to_owned()));
        }
        let wildcard = bare != text;
        match bare.parse::<Origin>() {
            Ok(origin) if wildcard && is_address(origin.authority.host()) => {
                Err(OriginError::Wildcard(text.to_owned()))
            }
            Ok(origin) => Ok(Self { origin, wildcard }),
            Err(OriginError::Invalid { right, .. }) => Err(OriginError::Invalid {
                text: text.to_owned(),
                right: if wildcard {
                    right.replacen("://", "://*.", 1)
                } else {
                    right
                },
            }),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { scheme, authority } = &self.origin;
        let wildcard = if self.wildcard { "*." } else { "" };
        write!(f, "{scheme}://{wildcard}{authority}")
    }
}

impl AllowedOrigin {
    /// Whether only pages on the viewer's own machine have this origin.
    pub fn is_loopback(&self) -> bool {
        self.origin.is_loopback()
    }

    /// Whether pages of `other` may use the hub.
    pub(super) fn is(&self, other: &Origin) -> bool {
        if !self.wildcard {
            return self.origin.is(other);
        }
        let parent = other.authority.host().split_once('.');
        self.origin.has_scheme_and_port_of(other)
            && parent
                .is_some_and(|(label, parent)| !label.is_empty() && self.origin.has_host(parent))
    }
}
