//! Flags, environment and file become one [`Config`].

mod limits;
mod options;
mod spec;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use std::{fs, io};

use axum::http::HeaderName;
use jiff::{Span, SpanRelativeTo};
use live_dashboard_protocol::limits::HISTORY_SECONDS;
use live_dashboard_protocol::name::ChannelName;

use crate::auth::keys::KeyFileError;
use crate::auth::{Algorithm, ApiKeys, Expected, Signer, VerificationKey, Verifiers};
use crate::drawing::DrawingRules;
use crate::engine::DEFAULT_STORAGE_LIMIT;
use crate::hub::{ConnectionRules, ViewerAccess};
use crate::limits::Limits;
use crate::origin::Origin;
use crate::sources::SourceKind;

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
    /// Who gets tokens; if `None`, everybody if the hub listens on a loopback address.
    pub viewer_access: Option<ViewerAccess>,
    /// Origins of pages in addition to the hub's own.
    pub allowed_origins: Vec<Origin>,
    /// Limits of each connection.
    pub connections: ConnectionRules,
    /// How far back viewers may look; `None` for not at all.
    pub history: Option<Duration>,
    /// The most bytes of stored messages.
    pub storage_limit: u64,
    /// What the network may take of the hub.
    pub limits: Limits,
    /// Limits of drawing pages; no option sets them.
    pub drawing: DrawingRules,
    /// The keys of publishers.
    pub api_keys: ApiKeys,
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
    /// The configuration file is not valid.
    #[error("`{path}`: {error}", path = path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// The platform has no data directory.
    #[error("this system has no data directory: name one with --data-dir")]
    NoDataDir,
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
        let data_dir = data_dir(options.data_dir.clone())?;
        let keys = options.keys(&data_dir)?;
        let expected = Expected {
            audience: options.audience,
            issuer: options.issuer,
        };
        let signer =
            Signer::new(&keys.signing_key, expected.clone()).map_err(invalid("signing_key"))?;
        let of_others = options.verification_key.iter().map(verification_key);
        let verifiers = Verifiers::new(of_others.collect::<Result<_, _>>()?, expected)
            .map_err(invalid("verification_key"))?
            .and_own(&signer);
        let channel = options.channel.as_deref().unwrap_or(DEFAULT_CHANNEL);
        Ok(Self {
            listen: options.listen.unwrap_or_else(|| DEFAULT_LISTEN.into()),
            sources: parse_all("source", &options.source)?,
            channel: channel.parse().map_err(invalid("channel"))?,
            dashboards: dashboards(options.dashboards, &data_dir)?,
            ui: options.ui,
            viewer_access: options.viewer_access.map(viewer_access).transpose()?,
            allowed_origins: parse_all("allowed_origin", &options.allowed_origin)?,
            connections: ConnectionRules {
                lifetime: LIFETIME.duration(options.connection_lifetime)?,
                outbox: usize::try_from(OUTBOX.bytes(options.outbox)?).unwrap_or(usize::MAX),
            },
            api_keys: ApiKeys::new(keys.api_keys).map_err(invalid("api_keys"))?,
            history: HISTORY.duration(options.history)?,
            storage_limit: STORAGE_LIMIT.bytes(options.storage_limit)?,
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

fn viewer_access(text: String) -> Result<ViewerAccess, ConfigError> {
    let header = |name: &str| name.parse::<HeaderName>().ok();
    match (&*text, text.strip_prefix("proxy-header:").and_then(header)) {
        ("open", _) => Ok(ViewerAccess::Open),
        ("off", _) => Ok(ViewerAccess::Off),
        (_, Some(header)) => Ok(ViewerAccess::ProxyHeader(header)),
        _ => {
            let rule = "must be `open`, `off` or `proxy-header:` and a header's name";
            Err(invalid("viewer_access")(rule))
        }
    }
}

fn verification_key(key: &KeyOptions) -> Result<VerificationKey, ConfigError> {
    use Algorithm::{HS256, HS384, HS512};
    const OPTION: &str = "verification_key";
    let algorithm: Algorithm = key.algorithm.parse().map_err(|_| {
        invalid(OPTION)(format!(
            "`{}` is not supported: use HS, RS or PS256/384/512, ES256/384 or EdDSA",
            key.algorithm
        ))
    })?;
    let material = match (&key.key, &key.key_file) {
        (Some(key), None) => key.clone().into_bytes(),
        (None, Some(path)) => fs::read(path).map_err(|error| ConfigError::Read {
            path: path.clone(),
            error,
        })?,
        _ => return Err(invalid(OPTION)("must have either `key` or `key_file`")),
    };
    let kid = key.kid.clone();
    match algorithm {
        HS256 | HS384 | HS512 => VerificationKey::from_hmac_secret(algorithm, &material, kid),
        _ => VerificationKey::from_pem(algorithm, &material, kid),
    }
    .map_err(invalid(OPTION))
}

#[cfg(test)]
mod tests;
