//! Serves the page's files: the fallback of all other routes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::drawn;
use super::error::ApiError;
use crate::hub::Hub;
use crate::page::{Caching, PageFile};

/// For files with a hash in their name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For a script that other sites load.
const SHORT: &str = "public, max-age=300";
/// For all others: their `ETag` makes the next request cheap.
const REVALIDATE: &str = "no-cache";

pub(crate) async fn serve(
    State(hub): State<Arc<Hub>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path();
    if !matches!(method, Method::GET | Method::HEAD) {
        return Err(ApiError::not_found());
    }
    let query = uri.query().unwrap_or_default();
    if method == Method::GET
        && path == "/"
        && let Some(response) = drawn::serve(&hub, query, &headers).await
    {
        return Ok(response);
    }
    match hub.page() {
        Some(page) => {
            let file = page.find(path).ok_or_else(ApiError::not_found)?;
            Ok(respond(file, &headers, method == Method::HEAD))
        }
        None if path == "/" => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "NO_PAGE",
            "this hub was built without a page: start it with `--ui DIRECTORY`",
        )),
        None => Err(ApiError::not_found()),
    }
}

fn respond(file: &PageFile, request: &HeaderMap, head_only: bool) -> Response {
    let caching = match file.caching {
        Caching::Immutable => IMMUTABLE,
        Caching::Short => SHORT,
        Caching::Revalidate => REVALIDATE,
    };
    let caching = [
        (header::ETAG, file.etag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    let cached = items(request, header::IF_NONE_MATCH)
        .any(|etag| etag == "*" || file.etag == etag.trim_start_matches("W/"));
    if cached {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let accepted = |encoding: Option<&str>| encoding.is_none_or(|name| accepts(request, name));
    let variant = file
        .variants
        .iter()
        .find(|variant| accepted(variant.encoding));
    let variant = variant.expect("the last variant is not encoded");
    let body = if head_only {
        Body::empty()
    } else {
        Body::from(variant.content.clone())
    };
    let length = HeaderValue::from(variant.content.len());
    let mut response = (caching, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, file.content_type.clone());
    headers.insert(header::CONTENT_LENGTH, length);
    if let Some(encoding) = variant.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Whether the client accepts an encoding: named, and not with a quality of 0.
pub(super) fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    items(request, header::ACCEPT_ENCODING).any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let quality = parts.find_map(|parameter| parameter.strip_prefix("q=")?.parse().ok());
        named && quality.is_none_or(|quality: f32| quality > 0.0)
    })
}

/// The items of a header that is a comma-separated list.
fn items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_of_quality_zero_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("gzip;q=0, br;q=0.5"),
        );
        assert!(accepts(&headers, "br"));
        assert!(!accepts(&headers, "gzip"));
        assert!(!accepts(&headers, "zstd"));
    }
}
