//! HTTP over reqwest.

use std::sync::OnceLock;

use reqwest::{Client, RequestBuilder};

use super::cause::root_cause;
use crate::platform::{HTTP_TIMEOUT, HttpError, HttpResponse, MAX_BODY_BYTES};

/// Sends a `GET` request.
///
/// # Errors
/// There is no complete response.
pub async fn http_get(url: &str) -> Result<HttpResponse, HttpError> {
    send(client()?.get(url)).await
}

/// Sends a `POST` request with a JSON body.
///
/// # Errors
/// There is no complete response.
pub async fn http_post_json(url: &str, body: String) -> Result<HttpResponse, HttpError> {
    let request = client()?
        .post(url)
        .header("Content-Type", "application/json");
    send(request.body(body)).await
}

/// The process's client, which loads the system's certificates once. It keeps no
/// idle connections, since each belongs to the runtime that opened it.
fn client() -> Result<&'static Client, HttpError> {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(client);
    }
    let client = Client::builder()
        .timeout(HTTP_TIMEOUT)
        .pool_max_idle_per_host(0)
        .build()
        .map_err(describe)?;
    Ok(CLIENT.get_or_init(|| client))
}

async fn send(request: RequestBuilder) -> Result<HttpResponse, HttpError> {
    let mut response = request.send().await.map_err(describe)?;
    let retry_after = response.headers().get("retry-after");
    let retry_after = retry_after.and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(describe)? {
        if bytes.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(HttpError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(HttpResponse {
        status: response.status().as_u16(),
        retry_after,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

fn describe(error: reqwest::Error) -> HttpError {
    if error.is_timeout() {
        return HttpError::Timeout;
    }
    HttpError::Connect(root_cause(&error.without_url()))
}
