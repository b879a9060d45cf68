//! Why a token was refused.

/// A refusal of a token: a sentence that may be shown to whoever presented it
/// (it never holds the token), a status, and a label to count it under.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is no token.
    #[error("a token is required")]
    Missing,
    /// The text is no signed token; the detail reads after "its".
    #[error("the token is malformed: its {0}")]
    Malformed(&'static str),
    /// No key of the hub has the token's algorithm and key id.
    #[error("the token's algorithm and key id fit none of the hub's keys")]
    UnknownKey,
    /// The signature is not by a key of the hub.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// A claim is missing, of the wrong type or out of its range.
    #[error("the token's claim `{claim}` {rule}")]
    InvalidClaim {
        /// The claim, with the way to it where it lies deeper.
        claim: String,
        /// The rule, to be read after the name.
        rule: String,
    },
    /// The time of `exp` has come.
    #[error("the token has expired")]
    Expired,
    /// The time of `nbf` has not come. Says nothing about the token's single
    /// use, which stays untouched.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `aud` does not name this hub.
    #[error("the token is meant for another audience")]
    WrongAudience,
    /// `iss` is not the one that this hub trusts.
    #[error("the token comes from another issuer")]
    WrongIssuer,
    /// `scope` lacks the word.
    #[error("the token's scope does not have `{0}`")]
    WrongScope(&'static str),
    /// The token carries a `connectionId`, and was used to connect.
    #[error("the token is bound to a connection and cannot open one")]
    BoundToConnection,
    /// The token's `connectionId` is another connection's.
    #[error("the token is bound to another connection")]
    OtherConnection,
    /// The token has no `connectionId`, and its `uid` is missing, empty or
    /// another than the connection's.
    #[error(
        "the token must carry this connection's `connectionId`, or the `uid` that the connection has"
    )]
    OtherUser,
    /// The token's single use is over.
    #[error("the token works only once, and has been used")]
    Replayed,
}

impl TokenError {
    /// The HTTP status that says it: 401 where the token is no good, 403 where
    /// it is a good one for something else.
    pub fn status(&self) -> u16 {
        match self {
            Self::Missing
            | Self::Malformed(_)
            | Self::UnknownKey
            | Self::BadSignature
            | Self::InvalidClaim { .. }
            | Self::Expired
            | Self::NotYetValid
            | Self::WrongAudience
            | Self::WrongIssuer => 401,
            Self::WrongScope(_)
            | Self::BoundToConnection
            | Self::OtherConnection
            | Self::OtherUser
            | Self::Replayed => 403,
        }
    }

    /// A short label, the same for every refusal of this kind.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "missing_token",
            Self::Malformed(_) => "malformed_token",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::InvalidClaim { .. } => "invalid_claim",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
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
