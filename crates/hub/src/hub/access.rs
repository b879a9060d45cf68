//! Who may do what: the part of a hub that can be replaced while it runs.

use std::sync::Arc;

use axum::http::HeaderName;

use crate::auth::{ApiKeys, Signer, Verifiers};
use crate::dashboards::Known;
use crate::origin::OriginPolicy;
use crate::proxy::TrustedProxies;
use crate::sources::Variables;

/// Keys, and rules of access.
#[derive(Debug, Clone)]
pub struct Access {
    /// The keys of publishers.
    pub api_keys: ApiKeys,
    /// What sources may use.
    pub variables: Arc<Variables>,
    /// The keys that tokens are verified with.
    pub verifiers: Verifiers,
    /// The key that the hub signs its own tokens with.
    pub signer: Signer,
    /// Who gets such tokens.
    pub viewer_access: ViewerAccess,
    /// The proxies that may say who the viewer is.
    pub trusted_proxies: TrustedProxies,
    /// Which pages may use the hub.
    pub origins: OriginPolicy,
}

/// Who gets a token from the hub's token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewerAccess {
    /// Everybody who can reach the hub.
    Open,
    /// Users that a proxy in front of the hub has authenticated.
    ProxyHeader {
        /// The header with their name, the `uid` of their tokens.
        user: HeaderName,
        /// The header with their groups, separated by commas.
        groups: Option<HeaderName>,
    },
    /// Nobody: a backend issues the tokens.
    Off,
}

impl ViewerAccess {
    /// The headers that only a trusted proxy may send.
    pub(crate) fn proxy_headers(&self) -> impl Iterator<Item = &HeaderName> {
        let (user, groups) = match self {
            Self::ProxyHeader { user, groups } => (Some(user), groups.as_ref()),
            Self::Open | Self::Off => (None, None),
        };
        user.into_iter().chain(groups)
    }

    /// What the hub knows of viewers.
    pub(crate) fn known(&self) -> Known {
        match self {
            Self::ProxyHeader { groups, .. } => Known {
                users: true,
                groups: groups.is_some(),
            },
            Self::Open | Self::Off => Known::default(),
        }
    }
}
