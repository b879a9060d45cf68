//! Why a token was refused.

/// Why a token was refused. The message never contains the token and may be shown
/// to whoever presented it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is no token.
    #[error("a token is required")]
    Missing,
    /// The text is not a signed token; the detail is read after "its".
    #[error("the token is malformed: its {0}")]
    Malformed(&'static str),
    /// No key of the hub has the token's algorithm and key id.
    #[error("the token's algorithm and key id match none of the hub's keys")]
    UnknownKey,
    /// The signature was not made with a key of the hub.
    #[error("the token's signature is not of the key that its algorithm and `kid` select")]
    BadSignature,
    /// A claim is missing, of the wrong type or out of its range.
    #[error("the token's claim `{claim}` {rule}")]
    InvalidClaim {
        /// The claim's path.
        claim: String,
        /// The rule, read after the name.
        rule: String,
    },
    /// `exp` is in the past.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is in the future. The token's single use remains.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `aud` does not name this hub.
    #[error("the token's `aud` does not contain the hub's `audience`")]
    WrongAudience,
    /// `iss` is not the issuer that this hub trusts.
    #[error("the token's `iss` is not the hub's `issuer`")]
    WrongIssuer,
    /// `scope` lacks this word.
    #[error("the token's scope does not contain `{0}`")]
    WrongScope(&'static str),
    /// The token has a `connectionId` and was used to connect.
    #[error("the token is bound to a connection and cannot open one")]
    BoundToConnection,
    /// The token's `connectionId` is another connection's.
    #[error("the token is bound to another connection")]
    OtherConnection,
    /// The token has no `connectionId`, and its `uid` is missing, empty or differs
    /// from the connection's.
    #[error("the token must contain this connection's `connectionId` or its `uid`")]
    OtherUser,
    /// Who may watch has changed since the token was issued.
    #[error("the token's permission has been withdrawn: get another token")]
    Withdrawn,
    /// The token was for a single use.
    #[error("the token works only once and has been used")]
    Replayed,
}

impl TokenError {
    /// The HTTP status: 403 if the token is valid but not for this use, else 401.
    pub fn status(&self) -> u16 {
        match self {
            Self::WrongScope(_)
            | Self::BoundToConnection
            | Self::OtherConnection
            | Self::OtherUser
            | Self::Replayed => 403,
            _ => 401,
        }
    }

    /// A stable label for metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "missing_token",
            Self::Malformed(_) => "malformed_token",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::InvalidClaim { .. } => "invalid_claim",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Withdrawn => "withdrawn",
            Self::WrongAudience => "wrong_audience",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongScope(_) => "wrong_scope",
            Self::BoundToConnection => "bound_to_connection",
            Self::OtherConnection => "other_connection",
            Self::OtherUser => "other_user",
            Self::Replayed => "replayed",
        }
    }
}
