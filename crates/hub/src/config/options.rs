//! The options as people write them: on the command line, in the environment,
//! in `hub.toml`.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{API_KEYS_VARIABLE, ConfigError, SIGNING_KEY_VARIABLE};

/// Options of `serve`, unchecked. A flag wins over the environment, which wins
/// over the file.
#[derive(Clone, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Address and port to listen on; port 0 picks one [default: 127.0.0.1:8400]
    #[arg(long, env = "LIVE_DASHBOARD_LISTEN")]
    pub listen: Option<String>,

    /// Where keys and stored messages are kept [default: the platform's data
    /// directory]
    #[arg(long, env = "LIVE_DASHBOARD_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// What publishes by itself: `demo` (made-up numbers) or `self` (the hub's
    /// own traffic); may be given more than once
    #[arg(long, env = "LIVE_DASHBOARD_SOURCE", value_delimiter = ',')]
    pub source: Vec<String>,

    /// The channel that the token endpoint grants and the sources publish to
    /// [default: dashboard]
    #[arg(long, env = "LIVE_DASHBOARD_CHANNEL")]
    pub channel: Option<String>,

    /// The directory of the layouts, `NAME.toml` [default: `dashboards` in the
    /// data directory, if it is there]
    #[arg(long, env = "LIVE_DASHBOARD_DASHBOARDS", value_name = "DIR")]
    pub dashboards: Option<PathBuf>,

    /// The directory of the page [default: the page in this binary, if any]
    #[arg(long, env = "LIVE_DASHBOARD_UI", value_name = "DIR")]
    pub ui: Option<PathBuf>,

    /// Who gets viewer tokens: `open`, `proxy-header:NAME` or `off`
    /// [default: `open` on a loopback address; elsewhere it must be given]
    #[arg(long, env = "LIVE_DASHBOARD_VIEWER_ACCESS")]
    pub viewer_access: Option<String>,

    /// Another origin whose pages may use and frame the hub, such as
    /// `https://portal.example`; may be given more than once
    #[arg(
        long,
        env = "LIVE_DASHBOARD_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub allowed_origin: Vec<String>,

    /// After this time a connection is cut and comes back; `0` for never
    /// [default: 2h]
    #[arg(
        long,
        env = "LIVE_DASHBOARD_CONNECTION_LIFETIME",
        value_name = "DURATION"
    )]
    pub connection_lifetime: Option<String>,

    /// How much may wait for one connection before it is closed as slow
    /// [default: 1MiB]
    #[arg(long, env = "LIVE_DASHBOARD_OUTBOX", value_name = "SIZE")]
    pub outbox: Option<String>,

    /// How far back viewers may look, and how long sources store what they
    /// publish; `0` for not at all [default: 1h]
    #[arg(long, env = "LIVE_DASHBOARD_HISTORY", value_name = "DURATION")]
    pub history: Option<String>,

    /// How much stored messages may take; beyond it the oldest go
    /// [default: 1GiB]
    #[arg(long, env = "LIVE_DASHBOARD_STORAGE_LIMIT", value_name = "SIZE")]
    pub storage_limit: Option<String>,

    /// The `aud` that tokens must carry.
    #[arg(skip)]
    pub audience: Option<String>,

    /// The `iss` that tokens must carry.
    #[arg(skip)]
    pub issuer: Option<String>,

    /// Keys of others that sign tokens; two at most.
    #[arg(skip)]
    pub verification_key: Vec<KeyOptions>,

    /// One or two keys of publishers.
    #[arg(skip)]
    pub api_keys: Option<Vec<String>>,

    /// The secret that the hub signs its own tokens with (HS256).
    #[arg(skip)]
    pub signing_key: Option<String>,
}

/// A key that tokens may be signed with.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyOptions {
    /// As JWTs name it, such as `ES256`.
    pub algorithm: String,
    /// The secret of an HMAC algorithm.
    #[serde(default)]
    pub key: Option<String>,
    /// A file with the public key as PEM, or with the secret.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Tokens must name this key; without it, any token may be tried.
    #[serde(default)]
    pub kid: Option<String>,
}

impl Options {
    /// Adds what the environment keeps secret and what the file says to the
    /// flags. `variable` reads the environment.
    ///
    /// # Errors
    /// The file cannot be read or is wrong.
    pub fn complete(
        self,
        file: Option<&Path>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let file = file.map(Self::from_file).transpose()?.unwrap_or_default();
        let either = |given: Vec<String>, otherwise| {
            if given.is_empty() { otherwise } else { given }
        };
        Ok(Self {
            listen: self.listen.or(file.listen),
            data_dir: self.data_dir.or(file.data_dir),
            source: either(self.source, file.source),
            channel: self.channel.or(file.channel),
            dashboards: self.dashboards.or(file.dashboards),
            ui: self.ui.or(file.ui),
            viewer_access: self.viewer_access.or(file.viewer_access),
            allowed_origin: either(self.allowed_origin, file.allowed_origin),
            connection_lifetime: self.connection_lifetime.or(file.connection_lifetime),
            outbox: self.outbox.or(file.outbox),
            history: self.history.or(file.history),
            storage_limit: self.storage_limit.or(file.storage_limit),
            audience: file.audience,
            issuer: file.issuer,
            verification_key: file.verification_key,
            api_keys: variable(API_KEYS_VARIABLE)
                .map(|keys| keys.split(',').map(str::to_owned).collect())
                .or(file.api_keys),
            signing_key: variable(SIGNING_KEY_VARIABLE).or(file.signing_key),
        })
    }

    /// Paths in a file are relative to it.
    fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
            path: path.to_owned(),
            error,
        })?;
        let mut options: Self = toml::from_str(&text).map_err(|error| ConfigError::File {
            path: path.to_owned(),
            error: Box::new(error),
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        let key_files = options
            .verification_key
            .iter_mut()
            .filter_map(|key| key.key_file.as_mut());
        for relative in key_files
            .chain(&mut options.data_dir)
            .chain(&mut options.dashboards)
            .chain(&mut options.ui)
        {
            *relative = base.join(&relative);
        }
        Ok(options)
    }
}

/// Never shows a secret.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}
