//! A web server that notifiers post to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::PATIENCE;

/// A request.
pub(super) struct Post {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// Makes the answer; `None`: there is none.
type Answer = Arc<Mutex<Box<dyn FnMut() -> Option<Response> + Send>>>;

/// Takes every request, until it is dropped.
pub(super) struct Inbox {
    pub(super) address: SocketAddr,
    answer: Answer,
    posts: UnboundedReceiver<Post>,
    _serving: JoinSet<()>,
}

impl Inbox {
    pub(super) async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.expect("a port"))
    }

    /// The same on a port that is known already.
    pub(super) fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().expect("bound");
        let (sender, posts) = unbounded_channel();
        let answer: Answer = Arc::new(Mutex::new(Box::new(|| Some(().into_response()))));
        let state = (sender, Arc::clone(&answer));
        let router = Router::new().fallback(take).with_state(state);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(listener, router).await.expect("serves");
        });
        Self {
            address,
            answer,
            posts,
            _serving: serving,
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn answer_by(&self, answer: impl FnMut() -> Option<Response> + Send + 'static) {
        *self.answer.lock().expect("whole") = Box::new(answer);
    }

    pub(super) fn answer(&self, status: u16) {
        let status = StatusCode::from_u16(status).expect("a status");
        self.answer_by(move || Some(status.into_response()));
    }

    /// The next request.
    pub(super) async fn next(&mut self) -> Post {
        let post = timeout(PATIENCE, self.posts.recv()).await;
        post.expect("something is posted").expect("serves")
    }

    /// Whether nothing has come since the last one that was taken.
    pub(super) fn is_empty(&self) -> bool {
        self.posts.is_empty()
    }
}

async fn take(
    State((sender, answer)): State<(UnboundedSender<Post>, Answer)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let post = Post {
        path: head.uri.to_string(),
        headers: head.headers,
        body: serde_json::from_slice(&body).expect("JSON"),
    };
    // The test may be over.
    let _ = sender.send(post);
    let answer = answer.lock().expect("whole")();
    match answer {
        Some(answer) => answer,
        None => std::future::pending().await,
    }
}
