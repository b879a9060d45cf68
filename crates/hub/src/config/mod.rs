//! Flags, environment and file become one [`Config`].

mod keys;
mod limits;
mod options;
mod spec;

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderName;
use jiff::{Span, SpanRelativeTo};
use live_dashboard_protocol::limits::HISTORY_SECONDS;
use live_dashboard_protocol::name::ChannelName;

use crate::auth::keys::KeyFileError;
use crate::auth::{ApiKeys, Expected, Signer, StoredKeys, Verifiers};
use crate::drawing::DrawingRules;
use crate::engine::{DEFAULT_STORAGE_LIMIT, RedisAddress};
use crate::hub::{ConnectionRules, ViewerAccess};
use crate::key_sets::ReadError;
use crate::limits::Limits;
use crate::origin::{AllowedOrigin, Origin};
use crate::proxy::TrustedProxies;
use crate::sources::{SourceKind, Variables};
use crate::tls::TlsFiles;

use spec::Spec;

pub use limits::LimitOptions;
pub use options::{KeyOptions, Options};

/// The default address.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8400";
/// The default channel: that of the default dashboard.
pub const DEFAULT_CHANNEL: &str = "dashboard";

const LIFETIME: Spec<Duration> = Spec {
    option: "connection_lifetime",
    default: Duration::from_secs(2 * 60 * 60),
    min: Duration::from_secs(10),
    rule: "must be a time such as `2h` or `90m`, at least 10 seconds, or `0` for no limit",
};
const HISTORY: Spec<Duration> = Spec {
    option: "history",
    default: Duration::from_secs(HISTORY_SECONDS as u64),
    min: Duration::from_secs(1),
    rule: "must be a time such as `1h` or `7d`, at least 1 second, or `0` for none",
};
/// Less would not hold the longest message.
const OUTBOX: Spec<u64> = Spec {
    option: "outbox",
    default: 1024 * 1024,
    min: 64 * 1024,
    rule: "must be a size such as `1MiB`, at least `64KiB`",
};
const COALESCE: Spec<Duration> = Spec {
    option: "coalesce",
    // A frame of a display that shows 60 in a second.
    default: Duration::from_millis(16),
    min: Duration::from_millis(1),
    rule: "must be a time such as `16ms`, at least 1 ms, or `0` to write everything at once",
};
/// With less, the store's file would be mostly overhead.
const STORAGE_LIMIT: Spec<u64> = Spec {
    option: "storage_limit",
    default: DEFAULT_STORAGE_LIMIT,
    min: 16 * 1024 * 1024,
    rule: "must be a size such as `1GiB`, at least `16MiB`",
};

/// The environment variable with the API keys, separated by a comma.
pub const API_KEYS_VARIABLE: &str = "LIVE_DASHBOARD_API_KEYS";
/// The environment variable with the signing key.
pub const SIGNING_KEY_VARIABLE: &str = "LIVE_DASHBOARD_SIGNING_KEY";

/// A hub's validated configuration.
#[derive(Debug)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: String,
    /// Address and port for programs, which are then not served on `listen`.
    pub admin_listen: Option<String>,
    /// The directory of keys and stored messages.
    pub data_dir: PathBuf,
    /// The hub's own publishers.
    pub sources: Vec<SourceKind>,
    /// What the token endpoint grants and the sources publish to.
    pub channel: ChannelName,
    /// The directory of the layouts; it may not exist yet.
    pub dashboards: PathBuf,
    /// The page's directory; if `None`, the page in the binary.
    pub ui: Option<PathBuf>,
    /// Who gets tokens; if `None`, everybody if only this machine can reach the hub.
    pub viewer_access: Option<ViewerAccess>,
    /// The proxies that may say who the viewer is.
    pub trusted_proxies: TrustedProxies,
    /// The hub's own origins, as viewers open them.
    pub public_origins: Vec<Origin>,
    /// Origins of pages in addition to the hub's own.
    pub allowed_origins: Vec<AllowedOrigin>,
    /// The certificate for TLS; without it, connections are not encrypted.
    pub tls: Option<TlsFiles>,
    /// Limits of each connection.
    pub connections: ConnectionRules,
    /// How far back viewers may look; `None` for not at all.
    pub history: Option<Duration>,
    /// The most bytes of stored messages.
    pub storage_limit: u64,
    /// Where several hubs share their state; `None` for the engine of one hub alone.
    pub engine: Option<RedisAddress>,
    /// What the network may take of the hub.
    pub limits: Limits,
    /// Limits of drawing pages; no option sets them.
    pub drawing: DrawingRules,
    /// The keys of publishers.
    pub api_keys: ApiKeys,
    /// What sources may use.
    pub variables: Arc<Variables>,
    /// The key that the hub signs its own tokens with.
    pub signer: Signer,
    /// The keys that tokens are verified with.
    pub verifiers: Verifiers,
}

/// Why a configuration is not valid.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An option's value breaks its rule.
    #[error("{option}: {rule}")]
    Option {
        /// The option's name in the file.
        option: &'static str,
        /// The rule.
        rule: String,
    },
    /// A file cannot be read.
    #[error("cannot read `{path}`: {error}", path = path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The configuration file is not valid. Shows no value: it may be a secret.
    #[error("`{path}`, line {line}: {rule}", path = path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        rule: String,
    },
    /// The platform has no data directory.
    #[error("this system has no data directory: name one with --data-dir")]
    NoDataDir,
    /// A key set cannot be used.
    #[error("verification_key: {0}")]
    KeySet(#[from] ReadError),
    /// The file with the keys is missing or malformed.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
}

/// Maps an error to that of an option.
fn invalid<E: ToString>(option: &'static str) -> impl Fn(E) -> ConfigError {
    move |rule| ConfigError::Option {
        option,
        rule: rule.to_string(),
    }
}

impl Config {
    /// Validates `options`. Reads or creates the keys in the data directory if they
    /// are not given.
    ///
    /// # Errors
    /// The first option that breaks its rule, or a file that cannot be read.
    pub fn resolve(options: Options) -> Result<Self, ConfigError> {
        Self::with_keys(options, StoredKeys::load_or_create)
    }

    /// The same for a hub that runs already: the keys must exist.
    ///
    /// # Errors
    /// As of [`Config::resolve`].
    pub fn resolve_again(options: Options) -> Result<Self, ConfigError> {
        Self::with_keys(options, StoredKeys::load)
    }

    fn with_keys(
        options: Options,
        load: fn(&Path) -> Result<StoredKeys, KeyFileError>,
    ) -> Result<Self, ConfigError> {
        let data_dir = data_dir(options.data_dir.clone())?;
        let keys = options.keys(&data_dir, load)?;
        let expected = Expected {
            audience: options.audience,
            issuer: options.issuer,
        };
        let signer =
            Signer::new(&keys.signing_key, expected.clone()).map_err(invalid("signing_key"))?;
        let verifiers = keys::verifiers(&options.verification_key, expected)?.and_own(&signer);
        let viewer_access = viewer_access(options.viewer_access, options.groups_header)?;
        let proxies = TrustedProxies::new(parse_all("trusted_proxy", &options.trusted_proxy)?);
        check_proxies(viewer_access.as_ref(), &proxies)?;
        let channel = options.channel.as_deref().unwrap_or(DEFAULT_CHANNEL);
        Ok(Self {
            listen: options.listen.unwrap_or_else(|| DEFAULT_LISTEN.into()),
            admin_listen: options.admin_listen,
            sources: parse_all("source", &options.source)?,
            channel: channel.parse().map_err(invalid("channel"))?,
            dashboards: dashboards(options.dashboards, &data_dir)?,
            ui: options.ui,
            viewer_access,
            trusted_proxies: proxies,
            public_origins: parse_all("public_origin", &options.public_origin)?,
            allowed_origins: parse_all("allowed_origin", &options.allowed_origin)?,
            tls: tls_files(options.tls_cert, options.tls_key)?,
            connections: ConnectionRules {
                lifetime: LIFETIME.duration(options.connection_lifetime)?,
                outbox: usize::try_from(OUTBOX.bytes(options.outbox)?).unwrap_or(usize::MAX),
                coalesce: COALESCE.duration(options.coalesce)?.unwrap_or_default(),
            },
            api_keys: ApiKeys::new(keys.api_keys)
                .and_then(|full| full.and_limited(keys.limited_keys))
                .map_err(invalid("api_keys"))?,
            variables: Arc::new(Variables::new(options.variables)),
            history: HISTORY.duration(options.history)?,
            storage_limit: STORAGE_LIMIT.bytes(options.storage_limit)?,
            engine: engine(options.engine.as_deref())?,
            limits: options.limits.resolve()?,
            drawing: DrawingRules::default(),
            data_dir,
            signer,
            verifiers,
        })
    }
}

/// Reads a time such as `30m` or `7d`; a day has 24 hours.
pub fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok()
}

/// The data directory: the given one, or the platform's.
///
/// # Errors
/// The platform has none.
pub fn data_dir(given: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    given
        .or_else(|| {
            let project = directories::ProjectDirs::from("", "", "live-dashboard")?;
            Some(project.data_dir().to_owned())
        })
        .ok_or(ConfigError::NoDataDir)
}

/// The directory of the layouts. Only the default one may be missing.
fn dashboards(given: Option<PathBuf>, data_dir: &Path) -> Result<PathBuf, ConfigError> {
    match given {
        None => Ok(data_dir.join("dashboards")),
        Some(given) if given.is_dir() => Ok(given),
        Some(given) => {
            let rule = format!("`{}` is not a directory", given.display());
            Err(invalid("dashboards")(rule))
        }
    }
}

fn parse_all<T: FromStr<Err: ToString>>(
    option: &'static str,
    given: &[String],
) -> Result<Vec<T>, ConfigError> {
    let parsed = given.iter().map(|text| text.parse());
    parsed
        .map(|parsed| parsed.map_err(invalid(option)))
        .collect()
}

fn viewer_access(
    access: Option<String>,
    groups: Option<String>,
) -> Result<Option<ViewerAccess>, ConfigError> {
    let access = access.as_deref();
    let user = access.and_then(|text| text.strip_prefix("proxy-header:")?.parse().ok());
    let groups = groups.map(|name| name.parse::<HeaderName>()).transpose();
    let groups = groups.map_err(|_| invalid("groups_header")("must be a header's name"))?;
    match (access, user, groups) {
        (_, Some(user), groups) => Ok(Some(ViewerAccess::ProxyHeader { user, groups })),
        (_, None, Some(_)) => {
            let rule = "is only of use with `--viewer-access proxy-header:NAME`";
            Err(invalid("groups_header")(rule))
        }
        (None, ..) => Ok(None),
        (Some("open"), ..) => Ok(Some(ViewerAccess::Open)),
        (Some("off"), ..) => Ok(Some(ViewerAccess::Off)),
        _ => {
            let rule = "must be `open`, `off` or `proxy-header:` and a header's name";
            Err(invalid("viewer_access")(rule))
        }
    }
}

/// A header that anybody may send would let everybody in, under any name.
fn check_proxies(
    access: Option<&ViewerAccess>,
    proxies: &TrustedProxies,
) -> Result<(), ConfigError> {
    match access.and_then(|access| access.proxy_headers().next()) {
        Some(header) if proxies.is_empty() => Err(invalid("viewer_access")(format!(
            "`proxy-header:{header}` needs the addresses of the proxies that may send it: name \
             them with --trusted-proxy, such as 127.0.0.1 or 10.0.0.0/8"
        ))),
        _ => Ok(()),
    }
}

fn engine(address: Option<&str>) -> Result<Option<RedisAddress>, ConfigError> {
    match address {
        None | Some("embedded") => Ok(None),
        Some(address) => address.parse().map(Some).map_err(invalid("engine")),
    }
}

fn tls_files(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<TlsFiles>, ConfigError> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (Some(_), None) => Err(invalid("tls_cert")("needs its key, `--tls-key`")),
        (None, Some(_)) => Err(invalid("tls_key")("needs its certificate, `--tls-cert`")),
    }
}

#[cfg(test)]
mod tests;
