//! `GET /channels/{name}`: the number of subscriptions to a channel.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::name::ChannelName;
use serde::Serialize;

use super::access::check_api_key;
use super::error::ApiError;
use crate::hub::Hub;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    name: ChannelName,
    subscriptions_count: u64,
}

pub(crate) async fn show(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Result<Json<Channel>, ApiError> {
    check_api_key(&hub, &headers)?;
    let name = ChannelName::new(&name)
        .map_err(|rule| ApiError::bad_request(ErrorDetail::invalid_field("name", rule)))?;
    let subscriptions_count = hub.subscriptions(&name).await?;
    Ok(Json(Channel {
        name,
        subscriptions_count,
    }))
}
