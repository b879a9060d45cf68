//! What an error of the client means.

use ::redis::{ErrorKind, RedisError, ServerErrorKind};

use super::super::EngineError;

/// What a server answers that has no replicas, or does not permit the user to ask.
const UNAVAILABLE: [&str; 5] = ["NOREPLICAS", "UNBLOCKED", "NOAUTH", "WRONGPASS", "NOPERM"];

/// The kind of an error.
pub(super) fn engine_error(error: &RedisError) -> EngineError {
    if error.is_timeout() {
        return EngineError::TimedOut;
    }
    match error.kind() {
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::TryAgain
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask,
        ) => EngineError::Unavailable(error.to_string()),
        // Over `maxmemory`, or unable to write its files: it answers, and refuses.
        _ if error
            .code()
            .is_some_and(|code| !UNAVAILABLE.contains(&code)) =>
        {
            EngineError::Store(error.to_string())
        }
        _ => EngineError::Unavailable(error.to_string()),
    }
}

/// Whether another connection may do better: this one is broken, or to the wrong server.
pub(super) fn breaks_connection(error: &RedisError) -> bool {
    error.is_unrecoverable_error()
        || error.is_io_error() && !error.is_timeout()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}
