//! Who may do what: API keys of publishers, tokens of viewers.
//!
//! - [`keys`]: the secrets, and where they are kept.
//! - [`token`]: signatures: which token is genuine, and the hub's own tokens.
//! - [`claims`]: what a genuine token says, and whether it holds now.
//! - [`channels`]: which channels it opens; [`go_regex`]: its regexes.
//! - [`authorize`]: what it may be used for.
//!
//! Nothing here touches the network, and every time comes from the caller, in
//! seconds since the Unix epoch.

pub mod authorize;
pub mod channels;
pub mod claims;
mod error;
pub mod go_regex;
pub mod keys;
mod object;
pub mod token;

pub use authorize::{authorize_connect, authorize_subscribe};
pub use channels::{ChannelGrants, Permissions, Resolved};
pub use claims::{Claims, Expected, Scope};
pub use error::TokenError;
pub use keys::{ApiKeys, StoredKeys};
pub use token::{Algorithm, MintedClaims, Signer, VerificationKey, Verifiers};
