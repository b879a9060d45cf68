//! A web server for sources to read from.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

type Answer = Arc<Mutex<Box<dyn Fn(&Request) -> Response + Send>>>;

/// Answers all requests in the same way, until it is dropped.
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    answer: Answer,
    requests: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
struct Shared(Answer, Arc<Mutex<Vec<String>>>);

impl Web {
    /// Answers with this text.
    pub(crate) async fn with(text: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self::on(listener, text).await
    }

    /// The same on a port that is known already.
    pub(crate) async fn on(listener: TcpListener, text: &str) -> Self {
        let address = listener.local_addr().expect("bound");
        let answer: Answer = Arc::new(Mutex::new(Box::new(|_| ().into_response())));
        let requests = Arc::default();
        let shared = Shared(Arc::clone(&answer), Arc::clone(&requests));
        let router = Router::new().fallback(reply).with_state(shared);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(listener, router).await.expect("serves");
        });
        let web = Self {
            address,
            answer,
            requests,
            _serving: serving,
        };
        web.set(text);
        web
    }

    pub(crate) fn set(&self, text: &str) {
        self.set_status(StatusCode::OK, text.as_bytes().to_vec());
    }

    pub(crate) fn set_status(&self, status: StatusCode, body: Vec<u8>) {
        self.answer_by(move |_| (status, body.clone()).into_response());
    }

    pub(crate) fn answer_by(&self, answer: impl Fn(&Request) -> Response + Send + 'static) {
        *self.answer.lock().expect("whole") = Box::new(answer);
    }

    /// The paths, queries and `Authorization` of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("whole").clone()
    }
}

async fn reply(State(Shared(answer, requests)): State<Shared>, request: Request) -> Response {
    let authorization = request.headers().get("authorization");
    let authorization = authorization
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let line = format!("{} {authorization}", request.uri());
    requests.lock().expect("whole").push(line);
    answer.lock().expect("whole")(&request)
}
