//! The browser's `fetch`.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::platform::{HTTP_TIMEOUT, HttpError, HttpResponse, MAX_BODY_BYTES};

#[wasm_bindgen(module = "/src/platform/web/http.js")]
extern "C" {
    fn request(url: &str, body: Option<String>, timeout: u32, most: usize) -> Promise;

    /// What `request` resolves to.
    type Answer;
    #[wasm_bindgen(method, getter)]
    fn problem(this: &Answer) -> String;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &Answer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Answer) -> String;
}

/// Sends a `GET` request.
///
/// # Errors
/// There is no complete response.
pub async fn http_get(url: &str) -> Result<HttpResponse, HttpError> {
    send(url, None).await
}

/// Sends a `POST` request with a JSON body.
///
/// # Errors
/// There is no complete response.
pub async fn http_post_json(url: &str, body: String) -> Result<HttpResponse, HttpError> {
    send(url, Some(body)).await
}

async fn send(url: &str, body: Option<String>) -> Result<HttpResponse, HttpError> {
    let timeout = HTTP_TIMEOUT.as_millis() as u32;
    let answer = request(url, body, timeout, MAX_BODY_BYTES).await;
    let answer: Answer = answer.unwrap_or(JsValue::UNDEFINED).unchecked_into();
    match &*answer.problem() {
        "" => Ok(HttpResponse {
            status: answer.status(),
            retry_after: answer.retry_after(),
            body: answer.body(),
        }),
        "TimeoutError" => Err(HttpError::Timeout),
        "too large" => Err(HttpError::TooLarge),
        problem => Err(HttpError::Connect(problem.into())),
    }
}
