//! Who may send a request: publishers with an API key, pages of known origins, and
//! viewers by the hub's configuration.

use axum::http::{HeaderMap, StatusCode, header};

use super::error::ApiError;
use crate::auth::claims::MAX_UID_CHARS;
use crate::hub::{Hub, ViewerAccess};

/// The API key that a publisher presents; empty if there is none.
pub(crate) fn presented_key(headers: &HeaderMap) -> &str {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or("", |(_, key)| key.trim())
}

/// Checks the API key. Returns its index among the hub's keys.
pub(crate) fn check_api_key(hub: &Hub, headers: &HeaderMap) -> Result<usize, ApiError> {
    if let Some(index) = hub.api_key(presented_key(headers)) {
        return Ok(index);
    }
    let message = "the header `Authorization` must be `Bearer ` and one of the hub's API keys";
    let error = ApiError::new(StatusCode::UNAUTHORIZED, "WRONG_API_KEY", message);
    Err(error.counted(hub, "publish", "wrong_key"))
}

/// Checks the `Origin` of a page; `request` is the label in the metrics.
pub(crate) fn check_origin(
    hub: &Hub,
    headers: &HeaderMap,
    request: &'static str,
) -> Result<(), ApiError> {
    hub.origins().check_origin(headers).map_err(|error| {
        let message = error.to_string();
        ApiError::new(StatusCode::FORBIDDEN, "ORIGIN_NOT_ALLOWED", message).counted(
            hub,
            request,
            "origin_not_allowed",
        )
    })
}

/// Checks that the page's user may view dashboards; `request` is the label in the
/// metrics. Returns the `uid`, if a proxy has authenticated the user.
pub(crate) fn viewer(
    hub: &Hub,
    headers: &HeaderMap,
    request: &'static str,
) -> Result<Option<String>, ApiError> {
    check_origin(hub, headers, request)?;
    let error = match hub.viewer_access() {
        ViewerAccess::Open => return Ok(None),
        ViewerAccess::Off => ApiError::new(
            StatusCode::FORBIDDEN,
            "VIEWER_ACCESS_OFF",
            "this hub issues no tokens to viewers",
        ),
        ViewerAccess::ProxyHeader(name) => {
            let mut values = headers.get_all(name).iter();
            let uid = values.next().and_then(|value| value.to_str().ok());
            match uid.map(str::trim) {
                Some(uid)
                    if values.next().is_none()
                        && !uid.is_empty()
                        && uid.chars().nth(MAX_UID_CHARS).is_none() =>
                {
                    return Ok(Some(uid.to_owned()));
                }
                _ => ApiError::new(
                    StatusCode::UNAUTHORIZED,
                    "NOT_SIGNED_IN",
                    format!("the proxy's header `{name}` does not name the signed-in user"),
                ),
            }
        }
    };
    Err(error.counted(hub, request, "no_viewer_access"))
}
