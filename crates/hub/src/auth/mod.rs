//! Authentication and authorization: API keys of publishers, tokens of viewers.
//!
//! - [`keys`]: the secrets, and where they are kept.
//! - [`token`]: signatures: verifies tokens and signs the hub's own.
//! - [`claims`]: the claims of a verified token, and whether it is valid now.
//! - [`channels`]: which channels it opens; [`regex`]: its `#regex:` keys.
//! - [`authorize`]: what it may be used for.
//!
//! Nothing here uses the network or a clock: callers pass the time, in seconds
//! since the Unix epoch.

pub mod authorize;
pub mod channels;
pub mod claims;
mod error;
pub mod keys;
mod object;
pub mod regex;
pub mod token;

pub use authorize::{authorize_connect, authorize_subscribe};
pub use channels::{ChannelGrants, Permissions};
pub use claims::{Claims, Expected, Scope};
pub use error::TokenError;
pub use keys::{ApiKeys, LimitedKey, Publisher, StoredKeys};
pub use token::{Algorithm, Signer, VerificationKey, Verifiers};
