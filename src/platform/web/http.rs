//! The browser's `fetch`.

use gloo_net::Error;
use gloo_net::http::{Request, RequestBuilder, Response};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

use crate::platform::{HTTP_TIMEOUT, HttpError, HttpResponse, MAX_BODY_BYTES};

/// Sends a `GET` request.
///
/// # Errors
/// There is no complete response.
pub async fn http_get(url: &str) -> Result<HttpResponse, HttpError> {
    read(with_timeout(Request::get(url)).send().await).await
}

/// Sends a `POST` request with a JSON body.
///
/// # Errors
/// There is no complete response.
pub async fn http_post_json(url: &str, body: String) -> Result<HttpResponse, HttpError> {
    let request = with_timeout(Request::post(url))
        .header("Content-Type", "application/json")
        .body(body)
        .map_err(failure)?;
    read(request.send().await).await
}

fn with_timeout(request: RequestBuilder) -> RequestBuilder {
    let timeout = AbortSignal::timeout_with_u32(HTTP_TIMEOUT.as_millis() as u32);
    request.abort_signal(Some(&timeout))
}

async fn read(response: Result<Response, Error>) -> Result<HttpResponse, HttpError> {
    let response = response.map_err(failure)?;
    Ok(HttpResponse {
        status: response.status(),
        retry_after: response.headers().get("Retry-After"),
        body: body(&response).await?,
    })
}

/// Reads chunk by chunk, so that an endless body is noticed.
async fn body(response: &Response) -> Result<String, HttpError> {
    let mut bytes = Vec::new();
    if let Some(stream) = response.body() {
        let reader = ReadableStreamDefaultReader::new(&stream).map_err(broken)?;
        loop {
            let chunk = reader.read().await.map_err(broken)?;
            let value = Reflect::get(&chunk, &"value".into()).map_err(broken)?;
            let Ok(chunk) = value.dyn_into::<Uint8Array>() else {
                break;
            };
            if bytes.len() + chunk.length() as usize > MAX_BODY_BYTES {
                let _ = reader.cancel().await;
                return Err(HttpError::TooLarge);
            }
            bytes.extend(chunk.to_vec());
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn failure(error: Error) -> HttpError {
    match error {
        Error::JsError(error) if error.name == "TimeoutError" => HttpError::Timeout,
        _ => HttpError::Connect("no connection".into()),
    }
}

fn broken(error: JsValue) -> HttpError {
    match error.dyn_ref::<js_sys::Error>().map(js_sys::Error::name) {
        Some(name) if name == "TimeoutError" => HttpError::Timeout,
        _ => HttpError::Connect("the response broke off".into()),
    }
}
