//! The connections to the server: one for commands, one for what it pushes. Both are
//! replaced together when one of them fails.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ::redis::aio::{AsyncPushSender, ConnectionLike, MultiplexedConnection};
use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
use ::redis::sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType};
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, ProtocolVersion, RedisError,
    RedisFuture, RedisResult, ScriptInvocation, TlsMode, ToRedisArgs, Value, cmd,
};
use rand::RngExt;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::super::EngineError;
use super::address::{Kind, RedisAddress};
use super::error::{breaks_connection, engine_error};
use super::server;

/// How long an answer may take.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long it may take with the redirections and the failover of a cluster.
const CLUSTER_TIMEOUT: Duration = Duration::from_secs(5);
/// How often connections are tested: one whose network is gone says nothing.
const PING_INTERVAL: Duration = Duration::from_secs(1);
/// The wait after a connection could not be made; doubled after each further one.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LONGEST_RETRY: Duration = Duration::from_secs(1);

/// A connection to a server or to a cluster. Cheap to clone; commands of all clones are
/// pipelined.
#[derive(Clone)]
pub(super) enum Connection {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(server) => server.req_packed_command(cmd),
            Self::Cluster(cluster) => cluster.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(server) => server.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(server) => server.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}

impl Connection {
    /// Subscribes to topics, in a cluster on the nodes that have their keys.
    pub(super) async fn subscribe(&mut self, topics: impl ToRedisArgs) -> RedisResult<()> {
        match self {
            Self::Server(server) => server.subscribe(topics).await,
            Self::Cluster(cluster) => cluster.ssubscribe(topics).await,
        }
    }

    /// The opposite of [`Connection::subscribe`].
    pub(super) async fn unsubscribe(&mut self, topics: impl ToRedisArgs) -> RedisResult<()> {
        match self {
            Self::Server(server) => server.unsubscribe(topics).await,
            Self::Cluster(cluster) => cluster.sunsubscribe(topics).await,
        }
    }
}

#[derive(Clone)]
struct Connections {
    commands: Connection,
    pushes: Connection,
}

/// The connections to the server, while there are any.
pub(super) struct Link {
    address: RedisAddress,
    /// The name of the connections, for `CLIENT LIST`.
    name: String,
    current: RwLock<Result<Connections, EngineError>>,
    /// Whether the node has subscribed to its topics on them.
    is_ready: AtomicBool,
    /// Notified when a connection has failed.
    broken: Notify,
    /// Whether it has been logged what the server may lose.
    is_checked: AtomicBool,
}

impl Link {
    /// No connection yet.
    pub(super) fn new(address: RedisAddress, node: &str) -> Self {
        Self {
            current: RwLock::new(Err(EngineError::Unavailable("not connected yet".into()))),
            name: format!("live-dashboard-{node}"),
            address,
            is_ready: AtomicBool::new(false),
            broken: Notify::new(),
            is_checked: AtomicBool::new(false),
        }
    }

    /// The command that publishes to a topic.
    pub(super) fn publish_command(&self) -> &'static str {
        match self.is_cluster() {
            true => "SPUBLISH",
            false => "PUBLISH",
        }
    }

    /// Whether keys are on several servers.
    pub(super) fn is_cluster(&self) -> bool {
        matches!(self.address.kind, Kind::Cluster)
    }

    /// Whether there is a connection, and messages come through it.
    pub(super) fn health(&self) -> Result<(), EngineError> {
        self.current()?;
        match self.is_ready.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(EngineError::Unavailable("connecting".into())),
        }
    }

    /// The connection that gets what is pushed.
    pub(super) fn pushes(&self) -> Result<Connection, EngineError> {
        Ok(self.current()?.pushes)
    }

    /// Sends a command.
    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, EngineError> {
        let mut connection = self.current()?.commands;
        let answer = command.query_async(&mut connection).await;
        answer.map_err(|error| self.failed(&error))
    }

    /// Sends several commands about one key.
    pub(super) async fn query_all<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, EngineError> {
        let mut connection = self.current()?.commands;
        let answers = commands.query_async(&mut connection).await;
        answers.map_err(|error| self.failed(&error))
    }

    /// Runs a script.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, EngineError> {
        let mut connection = self.current()?.commands;
        let answer = script.invoke_async(&mut connection).await;
        answer.map_err(|error| self.failed(&error))
    }

    /// Notes an error, and what kind it is.
    pub(super) fn failed(&self, error: &RedisError) -> EngineError {
        let kind = engine_error(error);
        if breaks_connection(error) {
            self.break_off(kind.clone());
        }
        kind
    }

    /// Asks for new connections. A cluster's are used until then: some of its nodes may
    /// answer.
    pub(super) fn break_off(&self, error: EngineError) {
        if !self.is_cluster() {
            self.set(Err(error));
        }
        self.broken.notify_one();
    }

    fn current(&self) -> Result<Connections, EngineError> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    fn set(&self, connections: Result<Connections, EngineError>) {
        self.is_ready.store(false, Ordering::Relaxed);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = connections;
    }

    /// Keeps connected, until the future is dropped. Calls `connected` whenever there are
    /// new connections. What the server pushes goes to `pushes`.
    pub(super) async fn keep<F: Future<Output = Result<(), EngineError>> + Send>(
        &self,
        pushes: Arc<dyn AsyncPushSender>,
        connected: impl Fn() -> F,
    ) {
        let mut retry = FIRST_RETRY;
        let mut reported = false;
        loop {
            match self.connect(&pushes).await {
                Ok(connections) => {
                    self.set(Ok(connections.clone()));
                    // What came before is about connections that are gone.
                    let _ = timeout(Duration::ZERO, self.broken.notified()).await;
                    if let Err(error) = connected().await {
                        tracing::debug!(%error, "the new connection to the engine failed");
                    } else {
                        self.is_ready.store(true, Ordering::Relaxed);
                        tracing::info!(server = %self.address, "connected to the engine");
                        reported = false;
                        retry = FIRST_RETRY;
                        let error = self.until_broken(connections).await;
                        tracing::warn!(server = %self.address, %error, "lost the engine");
                    }
                }
                Err(error) => {
                    if !reported {
                        tracing::error!(server = %self.address, %error, "cannot reach the engine");
                        reported = true;
                    }
                    self.break_off(error);
                }
            }
            // Hubs that lost the same server do not return at the same time.
            let wait = retry.mul_f64(rand::rng().random_range(0.5..1.5));
            sleep(wait).await;
            retry = (2 * retry).min(LONGEST_RETRY);
        }
    }

    async fn connect(&self, pushes: &Arc<dyn AsyncPushSender>) -> Result<Connections, EngineError> {
        let limit = CONNECT_TIMEOUT + CLUSTER_TIMEOUT;
        let connect = async {
            let failed = |error: RedisError| engine_error(&error);
            let mut commands = self.open(None).await.map_err(failed)?;
            let risks = server::check(&mut commands).await?;
            if !self.is_checked.swap(true, Ordering::Relaxed) {
                for risk in risks {
                    tracing::warn!(risk, "the engine's server may lose data");
                }
            }
            let pushes = self.open(Some(Arc::clone(pushes))).await.map_err(failed)?;
            for connection in [&commands, &pushes] {
                self.set_name(connection.clone()).await;
            }
            Ok(Connections { commands, pushes })
        };
        let connected = timeout(limit, connect).await;
        connected.unwrap_or(Err(EngineError::TimedOut))
    }

    async fn open(&self, pushes: Option<Arc<dyn AsyncPushSender>>) -> RedisResult<Connection> {
        let RedisAddress { servers, kind, .. } = &self.address;
        if let Kind::Cluster = kind {
            let mut builder = ClusterClient::builder(servers.clone())
                .use_protocol(ProtocolVersion::RESP3)
                .connection_timeout(CONNECT_TIMEOUT)
                .response_timeout(ANSWER_TIMEOUT)
                .overall_response_timeout(Some(CLUSTER_TIMEOUT))
                .retries(5)
                .min_retry_wait(20)
                .max_retry_wait(500);
            if let Some(pushes) = pushes {
                builder = builder.push_sender(pushes);
            }
            let connection = builder.build()?.get_async_connection().await?;
            return Ok(Connection::Cluster(connection));
        }
        let mut config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT));
        if let Some(pushes) = pushes {
            config = config.set_push_sender(pushes);
        }
        let connection = match kind {
            Kind::Sentinel(name, server) => {
                let mut node =
                    SentinelNodeConnectionInfo::default().set_redis_connection_info(server.clone());
                if self.address.tls {
                    node = node.set_tls_mode(TlsMode::Secure);
                }
                let master = SentinelServerType::Master;
                let mut client = SentinelClient::build(servers.clone(), name, Some(node), master)?;
                client.get_async_connection_with_config(&config).await?
            }
            Kind::Single | Kind::Cluster => {
                let client = Client::open(servers[0].clone())?;
                client
                    .get_multiplexed_async_connection_with_config(&config)
                    .await?
            }
        };
        Ok(Connection::Server(connection))
    }

    /// Servers may forbid it.
    async fn set_name(&self, mut connection: Connection) {
        let mut command = cmd("CLIENT");
        command.arg("SETNAME").arg(&self.name);
        let named: RedisResult<()> = command.query_async(&mut connection).await;
        if let Err(error) = named {
            tracing::debug!(%error, "cannot name a connection to the engine");
        }
    }

    /// Returns why the connections can no longer be used.
    async fn until_broken(&self, connections: Connections) -> EngineError {
        let Connections {
            mut commands,
            mut pushes,
        } = connections;
        loop {
            if timeout(PING_INTERVAL, self.broken.notified()).await.is_ok() {
                let current = self.current();
                return current.err().unwrap_or(EngineError::TimedOut);
            }
            let (ping, test) = (cmd("PING"), cmd("PING"));
            let (commands, pushes): (RedisResult<Value>, RedisResult<Value>) = tokio::join!(
                ping.query_async(&mut commands),
                test.query_async(&mut pushes)
            );
            if let Err(error) = commands.and(pushes) {
                let error = engine_error(&error);
                self.break_off(error.clone());
                return error;
            }
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", self.address)
    }
}
