//! Who may send a request: publishers with an API key, pages of known origins, and
//! viewers by the hub's configuration.

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use live_dashboard_protocol::name::ChannelName;

use super::error::ApiError;
use crate::auth::Publisher;
use crate::auth::claims::MAX_UID_CHARS;
use crate::dashboards::Viewer;
use crate::hub::{Hub, ViewerAccess};

/// The API key that a publisher presents; empty if there is none.
pub(crate) fn presented_key(headers: &HeaderMap) -> &str {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or("", |(_, key)| key.trim())
}

/// Checks that the key may do everything that keys may do.
pub(crate) fn check_api_key(hub: &Hub, headers: &HeaderMap) -> Result<(), ApiError> {
    match check_publisher(hub, headers)? {
        publisher if publisher.dashboards.is_some() => Err(limited_key(hub, &publisher)),
        _ => Ok(()),
    }
}

/// The refusal of a key that may publish to other dashboards only.
pub(crate) fn limited_key(hub: &Hub, publisher: &Publisher) -> ApiError {
    let dashboards: Vec<_> = publisher.dashboards.iter().flatten().cloned().collect();
    let dashboards = dashboards.join("`, `");
    let message = format!("this key may only publish to the dashboards `{dashboards}`");
    let error = ApiError::new(StatusCode::FORBIDDEN, "KEY_LIMITED", message);
    error.counted(hub, "publish", "limited_key")
}

/// Checks that a publisher may publish to a channel: one of a dashboard of its key.
pub(crate) fn check_channel(
    hub: &Hub,
    publisher: &Publisher,
    channel: &ChannelName,
) -> Result<(), ApiError> {
    let dashboards = hub.dashboards().current();
    let mut named = publisher.dashboards.iter().flatten();
    let may = publisher.dashboards.is_none()
        || named.any(|name| {
            dashboards
                .get(name)
                .is_some_and(|it| it.channel() == channel)
        });
    match may {
        true => Ok(()),
        false => Err(limited_key(hub, publisher)),
    }
}

/// Checks the API key.
pub(crate) fn check_publisher(hub: &Hub, headers: &HeaderMap) -> Result<Publisher, ApiError> {
    let publisher = hub.publisher(presented_key(headers));
    publisher.ok_or_else(|| wrong_key(hub))
}

/// The refusal of whoever has no API key.
pub(super) fn wrong_key(hub: &Hub) -> ApiError {
    let message = "the header `Authorization` must be `Bearer ` and one of the hub's API keys";
    let error = ApiError::new(StatusCode::UNAUTHORIZED, "WRONG_API_KEY", message);
    error.counted(hub, "publish", "wrong_key")
}

/// Checks the `Origin` of a page; `request` is the label in the metrics.
pub(crate) fn check_origin(
    hub: &Hub,
    headers: &HeaderMap,
    request: &'static str,
) -> Result<(), ApiError> {
    hub.access().origins.check_origin(headers).map_err(|error| {
        let message = error.to_string();
        ApiError::new(StatusCode::FORBIDDEN, "ORIGIN_NOT_ALLOWED", message).counted(
            hub,
            request,
            "origin_not_allowed",
        )
    })
}

/// Checks that the page's user may view dashboards; `request` is the label in the
/// metrics. Returns what a proxy says of the user.
pub(crate) fn viewer(
    hub: &Hub,
    headers: &HeaderMap,
    request: &'static str,
) -> Result<Viewer, ApiError> {
    check_origin(hub, headers, request)?;
    let error = match &hub.access().viewer_access {
        ViewerAccess::Open => return Ok(Viewer::default()),
        ViewerAccess::Off => ApiError::new(
            StatusCode::FORBIDDEN,
            "VIEWER_ACCESS_OFF",
            "this hub issues no tokens to viewers",
        ),
        ViewerAccess::ProxyHeader { user, groups } => match single(headers, user) {
            Some(uid) if !uid.is_empty() && uid.chars().nth(MAX_UID_CHARS).is_none() => {
                let groups = groups.as_ref().and_then(|name| single(headers, name));
                let groups = groups.unwrap_or_default().split(',').map(str::trim);
                return Ok(Viewer {
                    uid: Some(uid.to_owned()),
                    groups: groups.map(str::to_owned).collect(),
                });
            }
            _ => ApiError::new(
                StatusCode::UNAUTHORIZED,
                "NOT_SIGNED_IN",
                format!("the proxy's header `{user}` does not name the signed-in user"),
            ),
        },
    };
    Err(error.counted(hub, request, "no_viewer_access"))
}

/// The value of a header; `None` if there are several, one of which may be forged.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?.trim();
    values.next().is_none().then_some(value)
}
