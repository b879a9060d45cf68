//! The options as text: on the command line, in the environment, in `hub.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::limits::LimitOptions;
use super::{API_KEYS_VARIABLE, ConfigError, SIGNING_KEY_VARIABLE};
use crate::auth::StoredKeys;
use crate::auth::keys::KeyFileError;

/// Options of `serve`, not validated. A flag overrides the environment, which
/// overrides the file.
#[derive(Clone, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Address and port to listen on; port 0 picks one [default: 127.0.0.1:8400]
    #[arg(long, env = "LIVE_DASHBOARD_LISTEN")]
    pub listen: Option<String>,

    /// Another address and port for `/publish`, `/push`, `/hooks`, `/schedules`, `/channels`,
    /// `/metrics`, `/healthz` and `/readyz`, which are then not on `--listen`; without TLS
    /// [default: none]
    #[arg(long, env = "LIVE_DASHBOARD_ADMIN_LISTEN", value_name = "ADDRESS")]
    pub admin_listen: Option<String>,

    /// The directory of keys and stored messages [default: the platform's data
    /// directory]
    #[arg(long, env = "LIVE_DASHBOARD_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// A publisher in the hub: `demo` (made-up numbers), `self` (the hub's own traffic)
    /// or `system` (its machine, on the dashboard `machine`); may be given more than once
    #[arg(long, env = "LIVE_DASHBOARD_SOURCE", value_delimiter = ',')]
    pub source: Vec<String>,

    /// The channel that the token endpoint grants and the sources publish to
    /// [default: dashboard]
    #[arg(long, env = "LIVE_DASHBOARD_CHANNEL")]
    pub channel: Option<String>,

    /// The directory of the layouts, `NAME.toml` [default: `dashboards` in the
    /// data directory, if it exists]
    #[arg(long, env = "LIVE_DASHBOARD_DASHBOARDS", value_name = "DIR")]
    pub dashboards: Option<PathBuf>,

    /// The directory of the page [default: the page in this binary, if any]
    #[arg(long, env = "LIVE_DASHBOARD_UI", value_name = "DIR")]
    pub ui: Option<PathBuf>,

    /// Who gets viewer tokens: `open`, `proxy-header:NAME` or `off`
    /// [default: `open` if only this machine can reach the hub; else required]
    #[arg(long, env = "LIVE_DASHBOARD_VIEWER_ACCESS")]
    pub viewer_access: Option<String>,

    /// The header with the groups of a viewer, separated by commas, for the `viewers`
    /// of dashboards; with `proxy-header`
    #[arg(long, env = "LIVE_DASHBOARD_GROUPS_HEADER", value_name = "NAME")]
    pub groups_header: Option<String>,

    /// The address of a proxy that may say who the viewer is, or a network such as
    /// `10.0.0.0/8`; required for `proxy-header`; may be given more than once
    #[arg(
        long,
        env = "LIVE_DASHBOARD_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "ADDRESS"
    )]
    pub trusted_proxy: Vec<String>,

    /// An address that viewers open, such as `https://dash.example`: the hub rejects
    /// all other host names; may be given more than once [default: the machine's name;
    /// IP addresses and `localhost` always work]
    #[arg(
        long,
        env = "LIVE_DASHBOARD_PUBLIC_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub public_origin: Vec<String>,

    /// Another origin whose pages may use and frame the hub, such as
    /// `https://portal.example`, or `https://*.portal.example` for one leading label,
    /// whichever; may be given more than once
    #[arg(
        long,
        env = "LIVE_DASHBOARD_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub allowed_origin: Vec<String>,

    /// The certificate for TLS and those of its issuers, in PEM format; read again when
    /// the file changes [default: no TLS]
    #[arg(long, env = "LIVE_DASHBOARD_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The private key of `--tls-cert`, in PEM format
    #[arg(long, env = "LIVE_DASHBOARD_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Close a connection after this time, so that the viewer reconnects; `0` for
    /// never [default: 2h]
    #[arg(
        long,
        env = "LIVE_DASHBOARD_CONNECTION_LIFETIME",
        value_name = "DURATION"
    )]
    pub connection_lifetime: Option<String>,

    /// How much may be queued for one connection before it is closed as slow
    /// [default: 1MiB]
    #[arg(long, env = "LIVE_DASHBOARD_OUTBOX", value_name = "SIZE")]
    pub outbox: Option<String>,

    /// Write to a connection at most once in this time: what comes earlier waits for
    /// its end; `0` writes everything at once [default: 16ms]
    #[arg(long, env = "LIVE_DASHBOARD_COALESCE", value_name = "DURATION")]
    pub coalesce: Option<String>,

    /// How far back viewers may look, and how long messages on the dashboards'
    /// channels are stored by default; `0` for not at all [default: 1h]
    #[arg(long, env = "LIVE_DASHBOARD_HISTORY", value_name = "DURATION")]
    pub history: Option<String>,

    /// How much space stored messages may take; the oldest are removed to make room
    /// [default: 1GiB]
    #[arg(long, env = "LIVE_DASHBOARD_STORAGE_LIMIT", value_name = "SIZE")]
    pub storage_limit: Option<String>,

    /// What several hubs share: the address of a Redis, as `redis://HOST:PORT`, `rediss://…`
    /// (TLS), `redis+sentinel://HOST,HOST/NAME` or `redis+cluster://HOST,HOST`
    /// [default: `embedded`, for one hub]
    #[arg(
        long,
        env = "LIVE_DASHBOARD_ENGINE",
        hide_env_values = true,
        value_name = "ADDRESS"
    )]
    pub engine: Option<String>,

    /// What the network may take of the hub.
    #[command(flatten)]
    pub limits: LimitOptions,

    /// The `aud` that tokens must have.
    #[arg(skip)]
    pub audience: Option<String>,

    /// The `iss` that tokens must have.
    #[arg(skip)]
    pub issuer: Option<String>,

    /// Keys of other token issuers; at most two.
    #[arg(skip)]
    pub verification_key: Vec<KeyOptions>,

    /// One or two keys of publishers.
    #[arg(skip)]
    pub api_keys: Option<Vec<String>>,

    /// The secret that the hub signs its own tokens with (HS256).
    #[arg(skip)]
    pub signing_key: Option<String>,

    /// What `[[source]]` and `[[notify]]` tables of layouts may use as `${name}`.
    #[arg(skip)]
    pub variables: BTreeMap<String, String>,
}

/// A key that tokens are verified with, or a set of keys.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyOptions {
    /// Its name in JWTs, such as `ES256`. For a set, that of its RSA keys which do not
    /// name theirs.
    pub algorithm: Option<String>,
    /// The secret of an HMAC algorithm.
    pub key: Option<String>,
    /// A file with the public key in PEM format, or with the secret.
    pub key_file: Option<PathBuf>,
    /// Only for tokens with this `kid`; if `None`, for any.
    pub kid: Option<String>,
    /// The address or the file of a JWK set.
    pub jwks: Option<String>,
}

impl Options {
    /// Adds the file's options and the environment's secrets to the flags.
    /// `variable` reads the environment.
    ///
    /// # Errors
    /// The file cannot be read or is not valid.
    pub fn complete(
        self,
        file: Option<&Path>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut options = file.map(Self::from_file).transpose()?.unwrap_or_default();
        options.limits = self.limits.clone().or(options.limits);
        // The pattern names every field, so that none can be forgotten.
        macro_rules! override_with_flags {
            ($($flag:ident)+; $($other:ident)+) => {
                let Self { $($flag,)+ $($other: _,)+ } = self;
                $(if $flag.iter().next().is_some() {
                    options.$flag = $flag;
                })+
            };
        }
        override_with_flags! {
            listen admin_listen data_dir source channel dashboards ui viewer_access groups_header trusted_proxy
            public_origin allowed_origin tls_cert tls_key connection_lifetime outbox coalesce history storage_limit engine;
            limits audience issuer verification_key api_keys signing_key variables
        }
        if let Some(keys) = variable(API_KEYS_VARIABLE) {
            options.api_keys = Some(keys.split(',').map(str::to_owned).collect());
        }
        options.signing_key = variable(SIGNING_KEY_VARIABLE).or(options.signing_key);
        Ok(options)
    }

    /// Which options differ from those that a hub was started with, of those that only a
    /// restart changes: by their names in the file.
    #[must_use]
    pub fn need_restart(&self, started: &Self) -> Vec<&'static str> {
        macro_rules! differ {
            ($($option:ident$(.$limit:ident)?)+) => {
                [$((
                    concat!(stringify!($option) $(, ".", stringify!($limit))?),
                    self.$option$(.$limit)? != started.$option$(.$limit)?,
                )),+]
            };
        }
        let options = differ! {
            listen admin_listen data_dir source channel dashboards ui connection_lifetime outbox
            coalesce history storage_limit engine limits.waiting_size limits.deduplication_size
        };
        let differing = options.into_iter().filter(|(_, differs)| *differs);
        differing.map(|(option, _)| option).collect()
    }

    /// The given keys. `load` reads those not given from the data directory.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn keys(
        &self,
        data_dir: &Path,
        load: fn(&Path) -> Result<StoredKeys, KeyFileError>,
    ) -> Result<StoredKeys, KeyFileError> {
        let mut keys = match (&self.api_keys, &self.signing_key) {
            (Some(_), Some(_)) => StoredKeys::default(),
            _ => load(data_dir)?,
        };
        if let Some(api_keys) = &self.api_keys {
            keys.api_keys.clone_from(api_keys);
        }
        if let Some(signing_key) = &self.signing_key {
            keys.signing_key.clone_from(signing_key);
        }
        Ok(keys)
    }

    /// Reads a file. Relative paths in it are relative to its directory.
    fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
            path: path.to_owned(),
            error,
        })?;
        let mut options: Self =
            toml::from_str(&text).map_err(|error| file_error(path, &text, &error))?;
        let base = path.parent().unwrap_or(Path::new(""));
        for jwks in options
            .verification_key
            .iter_mut()
            .filter_map(|key| key.jwks.as_mut())
        {
            if !is_url(jwks) {
                *jwks = base.join(&*jwks).display().to_string();
            }
        }
        let key_files = options
            .verification_key
            .iter_mut()
            .filter_map(|key| key.key_file.as_mut());
        for relative in key_files
            .chain(&mut options.data_dir)
            .chain(&mut options.dashboards)
            .chain(&mut options.ui)
            .chain(&mut options.tls_cert)
            .chain(&mut options.tls_key)
        {
            *relative = base.join(&relative);
        }
        Ok(options)
    }
}

/// Whether a key set is not in a file.
pub(super) fn is_url(jwks: &str) -> bool {
    jwks.contains("://")
}

fn file_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let message = error.message();
    let rule = match message.rfind("expected ") {
        // What comes before quotes the value.
        Some(at) if message.starts_with("invalid ") => &message[at..],
        _ => message,
    };
    ConfigError::File {
        path: path.to_owned(),
        line: 1 + before.unwrap_or_default().matches('\n').count(),
        rule: rule.to_owned(),
    }
}

/// Shows no secret.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}
