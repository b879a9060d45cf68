//! Whether the server can be an engine, and what it does not promise.

use ::redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use ::redis::{FromRedisValue, RedisError, RedisResult, cmd};

use super::super::EngineError;
use super::error::engine_error;
use super::link::Connection;

/// Sharded pub/sub, and functions that the scripts use.
const LEAST_VERSION: (u32, u32) = (7, 0);

/// Checks the version. Returns how the server may lose what it was given.
///
/// # Errors
/// The server is too old, or does not answer.
pub(super) async fn check(connection: &mut Connection) -> Result<Vec<&'static str>, EngineError> {
    // A server of the cluster speaks for the others.
    let info = match connection {
        Connection::Server(server) => cmd("INFO").query_async(server).await,
        Connection::Cluster(cluster) => {
            let any = RoutingInfo::SingleNode(SingleNodeRoutingInfo::RandomPrimary);
            let value = cluster.route_command(cmd("INFO"), any).await;
            value.and_then(|value| Ok(String::from_redis_value(value)?))
        }
    };
    let info: String = info.map_err(|error: RedisError| engine_error(&error))?;
    let version = field(&info, "redis_version").unwrap_or_default();
    if parse(version) < Some(LEAST_VERSION) {
        let (major, minor) = LEAST_VERSION;
        return Err(EngineError::Unavailable(format!(
            "its version is `{version}`, at least {major}.{minor} is needed"
        )));
    }
    Ok(risks(&info, saves(connection).await))
}

/// Whether the server writes snapshots; `None` if it does not say.
async fn saves(connection: &mut Connection) -> Option<bool> {
    let Connection::Server(server) = connection else {
        return None;
    };
    let mut command = cmd("CONFIG");
    command.arg("GET").arg("save");
    let answer: RedisResult<Vec<String>> = command.query_async(server).await;
    let answer = answer.ok()?;
    answer.get(1).map(|save| !save.is_empty())
}

fn risks(info: &str, saves: Option<bool>) -> Vec<&'static str> {
    let mut risks = Vec::new();
    if field(info, "aof_enabled") == Some("0") {
        risks.push(match saves {
            Some(false) => {
                "it keeps nothing across a restart: set `appendonly yes`, or what it has stored \
                 is lost with it"
            }
            _ => {
                "it keeps only snapshots: set `appendonly yes`, or a restart loses the messages \
                 after the last one"
            }
        });
    }
    let is_limited = field(info, "maxmemory").is_some_and(|bytes| bytes != "0");
    if is_limited && field(info, "maxmemory_policy") != Some("noeviction") {
        risks.push(
            "it evicts keys when its memory is full: set `maxmemory-policy noeviction`, or \
             messages, used tokens and schedules disappear",
        );
    }
    risks
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = info.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_may_lose_data_is_noticed() {
        let info = |aof, max, policy| {
            format!("aof_enabled:{aof}\r\nmaxmemory:{max}\r\nmaxmemory_policy:{policy}\r\n")
        };
        assert!(risks(&info(1, 0, "noeviction"), Some(false)).is_empty());
        assert!(
            risks(&info(1, 0, "allkeys-lru"), Some(false)).is_empty(),
            "no limit"
        );
        assert_eq!(risks(&info(1, 9, "allkeys-lru"), None).len(), 1);
        let [none] = risks(&info(0, 9, "noeviction"), Some(false))[..] else {
            panic!("one");
        };
        assert!(none.contains("nothing"));
        let [snapshots] = risks(&info(0, 0, "noeviction"), Some(true))[..] else {
            panic!("one");
        };
        assert!(snapshots.contains("snapshots"));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(parse("10.2.1") >= Some(LEAST_VERSION) && parse("7.0.15") >= Some(LEAST_VERSION));
        assert!(parse("6.2.7") < Some(LEAST_VERSION) && parse("") < Some(LEAST_VERSION));
    }
}
