//! What a valid token authorizes.

use super::claims::Claims;
use super::error::TokenError;

/// Whether a token may open a connection.
///
/// # Errors
/// Its scope lacks `connect`, or it is bound to a connection.
pub fn authorize_connect(claims: &Claims) -> Result<(), TokenError> {
    if !claims.scope.connect {
        return Err(TokenError::WrongScope("connect"));
    }
    if claims.connection_id.is_some() {
        return Err(TokenError::BoundToConnection);
    }
    Ok(())
}

/// Whether a token may add channels to the connection `connection_id`, opened
/// with a token of `connection_uid`.
///
/// # Errors
/// Its scope lacks `subscribe`, or it does not belong to the connection: neither
/// by its `connectionId` nor, if it has none, by a non-empty `uid`.
pub fn authorize_subscribe(
    claims: &Claims,
    connection_id: &str,
    connection_uid: Option<&str>,
) -> Result<(), TokenError> {
    if !claims.scope.subscribe {
        return Err(TokenError::WrongScope("subscribe"));
    }
    if let Some(bound_to) = &claims.connection_id {
        return if bound_to == connection_id {
            Ok(())
        } else {
            Err(TokenError::OtherConnection)
        };
    }
    match claims.uid.as_deref() {
        Some(uid) if !uid.is_empty() && connection_uid == Some(uid) => Ok(()),
        _ => Err(TokenError::OtherUser),
    }
}

#[cfg(test)]
mod tests;
