//! `--engine`: which servers, and the prefix of the keys there.

use std::fmt;
use std::str::FromStr;

use ::redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo};

/// The prefix of all keys, unless the address names another.
const DEFAULT_PREFIX: &str = "live-dashboard";
const MAX_PREFIX_CHARS: usize = 64;
const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// Where an engine's Redis is.
#[derive(Clone)]
pub struct RedisAddress {
    pub(super) kind: Kind,
    /// The server, or the Sentinels, or some nodes of the cluster, with their credentials and
    /// the database.
    pub(super) servers: Vec<ConnectionInfo>,
    pub(super) tls: bool,
    pub(super) prefix: String,
    shown: String,
}

#[derive(Clone)]
pub(super) enum Kind {
    Single,
    /// The Sentinels know the server of this name; its credentials and database.
    Sentinel(String, RedisConnectionInfo),
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
    #[error(
        "`{0}` is not a parameter: `prefix` is, and with Sentinels `sentinel_user` and \
         `sentinel_password`"
    )]
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
        let hosts: Vec<&str> = hosts.split(',').collect();
        let server = |user: &str, host: &str, port: u16, database: &str| {
            let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
            let port = match has_port {
                true => String::new(),
                false => format!(":{port}"),
            };
            let info = format!("{plain}://{user}{host}{port}/{database}").into_connection_info();
            let info = info.map_err(|_| AddressError::Server(host.to_owned()))?;
            // Messages come between answers.
            let settings = info.redis_settings().clone();
            let settings = settings.set_protocol(ProtocolVersion::RESP3);
            Ok(info.set_redis_settings(settings))
        };
        let parameters = Parameters::parse(parameters, kind == "sentinel")?;
        let (kind, user, port, database) = match kind {
            "" if hosts.len() > 1 => return Err(AddressError::Servers),
            "" => (Kind::Single, user, PORT, path),
            "cluster" => (Kind::Cluster, user, PORT, path),
            "sentinel" => {
                let (name, database) = path.split_once('/').unwrap_or((path, ""));
                if name.is_empty() {
                    return Err(AddressError::SentinelName);
                }
                let named = server(&user, "named", PORT, database)?;
                let named = named.redis_settings().clone();
                let kind = Kind::Sentinel(name.to_owned(), named);
                (kind, parameters.sentinel_credentials(), SENTINEL_PORT, "")
            }
            _ => return Err(AddressError::Scheme),
        };
        let servers = hosts.iter().map(|host| server(&user, host, port, database));
        Ok(Self {
            servers: servers.collect::<Result<_, _>>()?,
            tls: plain == "rediss",
            prefix: parameters.prefix.to_owned(),
            shown: format!("{scheme}://{}", hosts.join(",")),
            kind,
        })
    }
}

/// What follows the `?`.
struct Parameters<'t> {
    prefix: &'t str,
    /// The credentials of the Sentinels themselves.
    sentinel_user: &'t str,
    sentinel_password: &'t str,
}

impl<'t> Parameters<'t> {
    fn parse(text: &'t str, has_sentinels: bool) -> Result<Self, AddressError> {
        let mut parameters = Self {
            prefix: DEFAULT_PREFIX,
            sentinel_user: "",
            sentinel_password: "",
        };
        for parameter in text.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            *match name {
                "prefix" => &mut parameters.prefix,
                "sentinel_user" if has_sentinels => &mut parameters.sentinel_user,
                "sentinel_password" if has_sentinels => &mut parameters.sentinel_password,
                _ => return Err(AddressError::Parameter(name.to_owned())),
            } = value;
        }
        let fits = (1..=MAX_PREFIX_CHARS).contains(&parameters.prefix.len());
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        match fits && parameters.prefix.chars().all(allowed) {
            true => Ok(parameters),
            false => Err(AddressError::Prefix),
        }
    }

    /// As they stand before a host.
    fn sentinel_credentials(&self) -> String {
        match (self.sentinel_user, self.sentinel_password) {
            ("", "") => String::new(),
            (user, password) => format!("{user}:{password}@"),
        }
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

    fn credentials(settings: &RedisConnectionInfo) -> (Option<&str>, Option<&str>) {
        (settings.username(), settings.password())
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
        assert!(matches!(address.kind, Kind::Single) && address.tls);
        assert_eq!(ports(&address), [6379]);
        let settings = address.servers[0].redis_settings();
        assert_eq!(credentials(settings), (Some("user"), Some("p@ss")));
        assert_eq!(settings.db(), 3);
        assert_eq!(address.prefix, "ops");
        assert_eq!(address.to_string(), "rediss://r.example");
        let address = parsed("redis+cluster://a:1,b:2");
        assert!(matches!(address.kind, Kind::Cluster));
        assert_eq!(ports(&address), [1, 2]);
        assert_eq!(address.prefix, "live-dashboard");
    }

    #[test]
    fn sentinels_have_credentials_of_their_own() {
        let address = "redis+sentinel://:secret@a,b:1,[::1]/main/2";
        let own = format!("{address}?sentinel_user=watch&sentinel_password=o%26wn");
        for (text, expected) in [
            (address, (None, None)),
            (&own, (Some("watch"), Some("o&wn"))),
        ] {
            let address = parsed(text);
            let Kind::Sentinel(name, server) = &address.kind else {
                panic!("Sentinels");
            };
            assert_eq!((&**name, server.db()), ("main", 2));
            assert_eq!(credentials(server), (None, Some("secret")));
            assert_eq!(ports(&address), [26379, 1, 26379]);
            for sentinel in &address.servers {
                assert_eq!(credentials(sentinel.redis_settings()), expected);
                assert_eq!(sentinel.redis_settings().db(), 0);
            }
            assert!(!format!("{address:?}").contains("secret"));
        }
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
            (
                "redis://a?sentinel_user=x",
                AddressError::Parameter("sentinel_user".into()),
            ),
        ] {
            assert_eq!(text.parse::<RedisAddress>().expect_err(text), error);
        }
    }
}
