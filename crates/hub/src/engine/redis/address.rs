//! `--engine`: which servers, and the prefix of the keys there.

use std::fmt;
use std::str::FromStr;

use ::redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

/// The prefix of all keys, unless the address names another.
const DEFAULT_PREFIX: &str = "live-dashboard";
const MAX_PREFIX_CHARS: usize = 64;
const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// Where an engine's Redis is.
#[derive(Clone)]
pub struct RedisAddress {
    pub(super) kind: Kind,
    /// The server, or the Sentinels, or some nodes of the cluster, with credentials and
    /// database.
    pub(super) servers: Vec<ConnectionInfo>,
    pub(super) tls: bool,
    pub(super) prefix: String,
    shown: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Single,
    /// The Sentinels know the server of this name.
    Sentinel(String),
    Cluster,
}

/// Why a text is not the address of a Redis. Shows no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address of Redis at all.
    #[error(
        "must be `embedded`, or an address with `redis://`, `rediss://` (TLS), \
         `redis+sentinel://`, `rediss+sentinel://`, `redis+cluster://` or `rediss+cluster://`"
    )]
    Scheme,
    /// A server's address is not valid.
    #[error("`{0}` is not the address of a server, such as `redis.example:6379`")]
    Server(String),
    /// There are several servers.
    #[error("only Sentinels and clusters have more than one server")]
    Servers,
    /// The name of what the Sentinels watch is missing.
    #[error("after the Sentinels comes the name that they know the server by: `…:26379/NAME`")]
    SentinelName,
    /// The prefix is not valid.
    #[error("`prefix` must have 1 to {MAX_PREFIX_CHARS} letters, digits, `-`, `_`, `.` or `:`")]
    Prefix,
    /// An unknown parameter.
    #[error("`{0}` is not a parameter: only `prefix` is")]
    Parameter(String),
}

impl FromStr for RedisAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), authority),
        };
        let (plain, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        if !["redis", "rediss"].contains(&plain) {
            return Err(AddressError::Scheme);
        }
        let (kind, port, database) = match kind {
            "" => (Kind::Single, PORT, path),
            "cluster" => (Kind::Cluster, PORT, path),
            "sentinel" => {
                let (name, database) = path.split_once('/').unwrap_or((path, ""));
                if name.is_empty() {
                    return Err(AddressError::SentinelName);
                }
                (Kind::Sentinel(name.to_owned()), SENTINEL_PORT, database)
            }
            _ => return Err(AddressError::Scheme),
        };
        let hosts: Vec<&str> = hosts.split(',').collect();
        if kind == Kind::Single && hosts.len() > 1 {
            return Err(AddressError::Servers);
        }
        let server = |host: &&str| {
            let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
            let port = if has_port {
                String::new()
            } else {
                format!(":{port}")
            };
            let info = format!("{plain}://{user}{host}{port}/{database}").into_connection_info();
            let info = info.map_err(|_| AddressError::Server((*host).to_owned()))?;
            // Messages come between answers.
            let settings = info
                .redis_settings()
                .clone()
                .set_protocol(ProtocolVersion::RESP3);
            Ok(info.set_redis_settings(settings))
        };
        Ok(Self {
            servers: hosts.iter().map(server).collect::<Result<_, _>>()?,
            tls: plain == "rediss",
            prefix: prefix(parameters)?,
            shown: format!("{scheme}://{}", hosts.join(",")),
            kind,
        })
    }
}

fn prefix(parameters: &str) -> Result<String, AddressError> {
    let mut prefix = DEFAULT_PREFIX;
    for parameter in parameters
        .split('&')
        .filter(|parameter| !parameter.is_empty())
    {
        prefix = match parameter.split_once('=') {
            Some(("prefix", value)) => value,
            _ => {
                let (name, _) = parameter.split_once('=').unwrap_or((parameter, ""));
                return Err(AddressError::Parameter(name.to_owned()));
            }
        };
    }
    let fits = (1..=MAX_PREFIX_CHARS).contains(&prefix.len());
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    match fits && prefix.chars().all(allowed) {
        true => Ok(prefix.to_owned()),
        false => Err(AddressError::Prefix),
    }
}

/// Without the password.
impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Without the password.
impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}?prefix={}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use ::redis::ConnectionAddr;

    use super::*;

    fn parsed(text: &str) -> RedisAddress {
        text.parse().expect(text)
    }

    fn ports(address: &RedisAddress) -> Vec<u16> {
        let servers = address.servers.iter();
        servers
            .map(|server| match server.addr() {
                ConnectionAddr::Tcp(_, port) | ConnectionAddr::TcpTls { port, .. } => *port,
                other => panic!("{other}"),
            })
            .collect()
    }

    #[test]
    fn each_kind_has_its_servers_and_database() {
        let address = parsed("rediss://user:p%40ss@r.example/3?prefix=ops");
        assert_eq!((address.kind.clone(), address.tls), (Kind::Single, true));
        assert_eq!(ports(&address), [6379]);
        let settings = address.servers[0].redis_settings();
        assert_eq!((settings.password(), settings.db()), (Some("p@ss"), 3));
        assert_eq!(address.prefix, "ops");
        assert_eq!(address.to_string(), "rediss://r.example");
        let address = parsed("redis+sentinel://:secret@a,b:1,[::1]/main/2");
        assert_eq!(address.kind, Kind::Sentinel("main".into()));
        assert_eq!(ports(&address), [26379, 1, 26379]);
        assert_eq!(address.servers[0].redis_settings().db(), 2);
        assert!(!format!("{address:?}").contains("secret"));
        let address = parsed("redis+cluster://a:1,b:2");
        assert_eq!(
            (address.kind.clone(), ports(&address)),
            (Kind::Cluster, vec![1, 2])
        );
        assert_eq!(address.prefix, "live-dashboard");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, error) in [
            ("localhost:6379", AddressError::Scheme),
            ("http://a", AddressError::Scheme),
            ("redis+x://a", AddressError::Scheme),
            ("redis://a,b", AddressError::Servers),
            ("redis://a:x", AddressError::Server("a:x".into())),
            ("redis+sentinel://a", AddressError::SentinelName),
            ("redis://a?prefix=", AddressError::Prefix),
            ("redis://a?prefix={a}", AddressError::Prefix),
            ("redis://a?db=1", AddressError::Parameter("db".into())),
        ] {
            assert_eq!(text.parse::<RedisAddress>().expect_err(text), error);
        }
    }
}
