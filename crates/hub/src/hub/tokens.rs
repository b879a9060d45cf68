//! What viewers connect with: tokens are issued, verified, used up and withdrawn.

use live_dashboard_protocol::name::ChannelName;

use super::{Hub, unix_seconds};
use crate::auth::{Claims, TokenError};
use crate::engine::EngineError;

/// How long a token of the token endpoint is valid, in seconds.
const TOKEN_LIFETIME_SECONDS: f64 = 60.0;

impl Hub {
    /// A token for a viewer, to connect and to subscribe to `channels`.
    pub(crate) fn viewer_token(&self, channels: &[ChannelName], uid: Option<&str>) -> String {
        let now = unix_seconds();
        let window = self.parts.history;
        let history_start = window.map(|window| (now - window.as_secs_f64()).max(0.0));
        let signer = &self.access().signer;
        signer.viewer_token(channels, uid, history_start, now, TOKEN_LIFETIME_SECONDS)
    }

    /// Verifies a token's signature and claims by the system's clock, and that it still
    /// counts. Reads the key sets if the token's key is unknown.
    pub(crate) async fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let verifiers = &self.access().verifiers;
        let claims = match verifiers.verify(token, unix_seconds()) {
            Err(TokenError::UnknownKey) if !verifiers.sets().is_empty() => {
                self.key_sets.look_for_key(verifiers.sets()).await;
                verifiers.verify(token, unix_seconds())
            }
            verified => verified,
        }?;
        match self.permits(&claims) {
            true => Ok(claims),
            false => Err(TokenError::Withdrawn),
        }
    }

    /// Marks a single-use token as used; others may be used again.
    pub(crate) async fn use_up(&self, claims: &Claims) -> Result<(), UseError> {
        let Some(jti) = claims.single_use_id() else {
            return Ok(());
        };
        let until = claims.expired_from();
        if self.parts.engine.use_once(&jti, until).await? {
            Ok(())
        } else {
            Err(TokenError::Replayed.into())
        }
    }

    /// Whether [`Hub::use_up`] would succeed.
    pub(crate) async fn check_use(&self, claims: &Claims) -> Result<(), UseError> {
        match claims.single_use_id() {
            Some(jti) if self.parts.engine.is_used(&jti).await? => Err(TokenError::Replayed.into()),
            _ => Ok(()),
        }
    }

    /// Whether a token that was verified still counts.
    fn permits(&self, claims: &Claims) -> bool {
        let access = self.access();
        let is_own = access.signer.key_name() == claims.key;
        access.verifiers.has_key(&claims.key) && !(is_own && self.withdrawals.include(claims))
    }

    /// Waits until a token that was verified does not count any more.
    pub(crate) async fn withdrawal(&self, claims: &Claims) {
        let mut changes = self.withdrawals.changes();
        while self.permits(claims) {
            changes.changed().await.expect("the hub has the sender");
        }
    }
}

/// Why a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UseError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Engine(#[from] EngineError),
}
