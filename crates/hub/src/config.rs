//! Flags, environment and file become one [`Config`].

mod options;

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::HeaderName;
use bytesize::ByteSize;
use jiff::SignedDuration;
use live_dashboard_protocol::name::ChannelName;

use crate::auth::keys::{ApiKeyError, KeyFileError};
use crate::auth::token::KeyError;
use crate::auth::{Algorithm, ApiKeys, Expected, Signer, StoredKeys, VerificationKey, Verifiers};
use crate::http::Origin;
use crate::hub::{ConnectionRules, ViewerAccess};
use crate::sources::SourceKind;

pub use options::{KeyOptions, Options};

/// Where a hub listens unless told otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8400";
/// The channel of the default dashboard.
pub const DEFAULT_CHANNEL: &str = "dashboard";
/// How long a connection lasts.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);
/// Bytes that may wait for a connection.
const DEFAULT_OUTBOX: usize = 1024 * 1024;
/// How far back viewers may look.
const DEFAULT_HISTORY: Duration = Duration::from_secs(60 * 60);
/// The most bytes of stored messages.
const DEFAULT_STORAGE_LIMIT: u64 = 1024 * 1024 * 1024;
/// With less, the store's file would be mostly its own overhead.
const MIN_STORAGE_LIMIT: u64 = 16 * 1024 * 1024;
/// Less would not hold the longest message.
const MIN_OUTBOX: usize = 64 * 1024;

/// The environment variable with the API keys, a comma between.
pub const API_KEYS_VARIABLE: &str = "LIVE_DASHBOARD_API_KEYS";
/// The environment variable with the signing key.
pub const SIGNING_KEY_VARIABLE: &str = "LIVE_DASHBOARD_SIGNING_KEY";

/// What a hub needs to know, checked.
#[derive(Debug)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: String,
    /// Where keys and stored messages are kept.
    pub data_dir: PathBuf,
    /// What publishes by itself.
    pub sources: Vec<SourceKind>,
    /// What the token endpoint grants and the sources publish to.
    pub channel: ChannelName,
    /// The directory of the layouts; it may not be there yet.
    pub dashboards: PathBuf,
    /// The page's directory; the page in the binary when absent.
    pub ui: Option<PathBuf>,
    /// Who gets tokens; when absent, everybody if the hub listens on a
    /// loopback address.
    pub viewer_access: Option<ViewerAccess>,
    /// Origins of pages beside the hub's own.
    pub allowed_origins: Vec<Origin>,
    /// How connections are treated.
    pub connections: ConnectionRules,
    /// How far back viewers may look; `None` for not at all.
    pub history: Option<Duration>,
    /// The most bytes of stored messages.
    pub storage_limit: u64,
    /// The keys of publishers.
    pub api_keys: ApiKeys,
    /// The key that the hub signs its own tokens with.
    pub signer: Signer,
    /// The keys that tokens are checked with.
    pub verifiers: Verifiers,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An option's value breaks its rule.
    #[error("{option}: {rule}")]
    Option {
        /// The option as the file names it.
        option: &'static str,
        /// What it must be.
        rule: String,
    },
    /// A file that the configuration names could not be read.
    #[error("`{path}` could not be read: {error}", path = path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The configuration file is not what it should be.
    #[error("`{path}`: {error}", path = path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// The platform knows no home for the data directory.
    #[error("this system has no data directory: name one with --data-dir")]
    NoDataDir,
    /// The file with the keys is missing or wrong.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
}

fn broken(option: &'static str, rule: impl ToString) -> ConfigError {
    ConfigError::Option {
        option,
        rule: rule.to_string(),
    }
}

impl Config {
    /// Checks `options`; reads or makes the keys in the data directory where
    /// they are not given.
    ///
    /// # Errors
    /// The first option that breaks its rule, or a file that cannot be read.
    pub fn resolve(options: Options) -> Result<Self, ConfigError> {
        let data_dir = data_dir(options.data_dir)?;
        let (api_keys, signing_key) = match (options.api_keys, options.signing_key) {
            (Some(api_keys), Some(signing_key)) => (api_keys, signing_key),
            (api_keys, signing_key) => {
                let stored = StoredKeys::load_or_create(&data_dir)?;
                (
                    api_keys.unwrap_or(stored.api_keys),
                    signing_key.unwrap_or(stored.signing_key),
                )
            }
        };
        let expected = Expected {
            audience: options.audience,
            issuer: options.issuer,
        };
        let signer = Signer::new(&signing_key, expected.clone())
            .map_err(|error: KeyError| broken("signing_key", error))?;
        let keys = options
            .verification_key
            .iter()
            .map(verification_key)
            .collect::<Result<Vec<_>, _>>()?;
        let verifiers = Verifiers::new(keys, expected)
            .map_err(|error| broken("verification_key", error))?
            .and_own(&signer);
        Ok(Self {
            listen: options.listen.unwrap_or_else(|| DEFAULT_LISTEN.into()),
            sources: parse_all("source", &options.source)?,
            channel: options
                .channel
                .as_deref()
                .unwrap_or(DEFAULT_CHANNEL)
                .parse()
                .map_err(|error| broken("channel", error))?,
            dashboards: dashboards(options.dashboards, &data_dir)?,
            ui: options.ui,
            viewer_access: options
                .viewer_access
                .map(|text| viewer_access(&text))
                .transpose()?,
            allowed_origins: parse_all("allowed_origin", &options.allowed_origin)?,
            connections: ConnectionRules {
                lifetime: options
                    .connection_lifetime
                    .map_or(Ok(Some(DEFAULT_LIFETIME)), |text| lifetime(&text))?,
                outbox: options
                    .outbox
                    .map_or(Ok(DEFAULT_OUTBOX), |text| outbox(&text))?,
            },
            api_keys: ApiKeys::new(api_keys)
                .map_err(|error: ApiKeyError| broken("api_keys", error))?,
            history: options
                .history
                .map_or(Ok(Some(DEFAULT_HISTORY)), |text| history(&text))?,
            storage_limit: options
                .storage_limit
                .map_or(Ok(DEFAULT_STORAGE_LIMIT), |text| storage_limit(&text))?,
            data_dir,
            signer,
            verifiers,
        })
    }
}

/// The data directory: the given one, or the platform's place for it.
///
/// # Errors
/// The platform has no such place.
pub fn data_dir(given: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    given
        .or_else(|| {
            let project = directories::ProjectDirs::from("", "", "live-dashboard")?;
            Some(project.data_dir().to_owned())
        })
        .ok_or(ConfigError::NoDataDir)
}

/// The directory of the layouts: only the one that is there unasked may be
/// missing.
fn dashboards(given: Option<PathBuf>, data_dir: &Path) -> Result<PathBuf, ConfigError> {
    match given {
        None => Ok(data_dir.join("dashboards")),
        Some(given) if given.is_dir() => Ok(given),
        Some(given) => {
            let rule = format!("`{}` is not a directory", given.display());
            Err(broken("dashboards", rule))
        }
    }
}

fn parse_all<T: std::str::FromStr<Err: ToString>>(
    option: &'static str,
    texts: &[String],
) -> Result<Vec<T>, ConfigError> {
    texts
        .iter()
        .map(|text| text.parse().map_err(|error: T::Err| broken(option, error)))
        .collect()
}

fn viewer_access(text: &str) -> Result<ViewerAccess, ConfigError> {
    let header = |name: &str| name.parse::<HeaderName>().ok();
    match text {
        "open" => Ok(ViewerAccess::Open),
        "off" => Ok(ViewerAccess::Off),
        other => other
            .strip_prefix("proxy-header:")
            .and_then(header)
            .map(ViewerAccess::ProxyHeader)
            .ok_or_else(|| {
                broken(
                    "viewer_access",
                    "must be `open`, `off` or `proxy-header:` and a header's name",
                )
            }),
    }
}

fn lifetime(text: &str) -> Result<Option<Duration>, ConfigError> {
    let rule = "must be a time such as `2h` or `90m`, at least 10 seconds, or `0` for no limit";
    duration(text, Duration::from_secs(10)).ok_or_else(|| broken("connection_lifetime", rule))
}

fn history(text: &str) -> Result<Option<Duration>, ConfigError> {
    let rule = "must be a time such as `1h` or `30m`, at least 1 second, or `0` for none";
    duration(text, Duration::from_secs(1)).ok_or_else(|| broken("history", rule))
}

/// `2h`, `90 min`, `PT2H`, of the least length or longer; `0` for none at all.
fn duration(text: &str, least: Duration) -> Option<Option<Duration>> {
    if text.trim() == "0" {
        return Some(None);
    }
    let duration = Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()?;
    (duration >= least).then_some(Some(duration))
}

fn storage_limit(text: &str) -> Result<u64, ConfigError> {
    let rule = "must be a size such as `1GiB`, at least `16MiB`";
    text.parse::<ByteSize>()
        .ok()
        .map(|size| size.as_u64())
        .filter(|size| *size >= MIN_STORAGE_LIMIT)
        .ok_or_else(|| broken("storage_limit", rule))
}

fn outbox(text: &str) -> Result<usize, ConfigError> {
    text.parse::<ByteSize>()
        .ok()
        .and_then(|size| usize::try_from(size.as_u64()).ok())
        .filter(|size| *size >= MIN_OUTBOX)
        .ok_or_else(|| broken("outbox", "must be a size such as `1MiB`, at least `64KiB`"))
}

fn verification_key(key: &KeyOptions) -> Result<VerificationKey, ConfigError> {
    const OPTION: &str = "verification_key";
    let algorithm: Algorithm = key.algorithm.parse().map_err(|_| {
        broken(
            OPTION,
            format!(
                "`{}` is not supported; there are HS, RS and PS256/384/512, ES256/384 and EdDSA",
                key.algorithm
            ),
        )
    })?;
    let material = match (&key.key, &key.key_file) {
        (Some(key), None) => key.clone().into_bytes(),
        (None, Some(path)) => read(path)?,
        _ => return Err(broken(OPTION, "must have either `key` or `key_file`")),
    };
    let kid = key.kid.clone();
    let hmac = matches!(
        algorithm,
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
    );
    if hmac {
        VerificationKey::from_hmac_secret(algorithm, &material, kid)
    } else {
        VerificationKey::from_pem(algorithm, &material, kid)
    }
    .map_err(|error| broken(OPTION, error))
}

fn read(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| ConfigError::Read {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests;
