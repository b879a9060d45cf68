//! The page with a drawing of its dashboard, so that it is full at first paint.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use live_dashboard::components::{Slot, Theme};
use live_dashboard::model::format;
use live_dashboard_protocol::token::{DashboardName, TokenResponse};
use tokio::time::timeout;

use super::access;
use super::history::stored;
use super::page::accepts;
use super::token::Permit;
use crate::compress::Encoding;
use crate::drawing::{Data, Scene};
use crate::hub::Hub;
use crate::metrics::NotDrawn;

/// The label of refusals in the metrics.
const PAGE: &str = "page";

/// The settings in the page's address, as the page reads them.
struct Address {
    query: String,
    dashboard: Option<String>,
    theme: Option<Theme>,
    kiosk: bool,
    slot: Slot,
    /// The query without the dashboard.
    others: String,
}

impl Address {
    /// Reads a query; `None` if the page shows another hub or an error instead.
    fn read(query: &str) -> Option<Self> {
        let pairs = || form_urlencoded::parse(query.as_bytes());
        let first = |name: &str| {
            let value = pairs().find(|(key, _)| key == name)?.1.into_owned();
            Some(value)
        };
        let own = ["hub", "token_url", "socket_url", "api_url", "tokens"];
        if own.iter().any(|name| first(name).is_some()) {
            return None;
        }
        let non_empty = |name| first(name).filter(|value: &String| !value.is_empty());
        let theme = match non_empty("theme") {
            Some(name) => Some(Theme::named(&name)?),
            None => None,
        };
        let is_on = |name| matches!(first(name).as_deref(), Some("1" | "true"));
        let kiosk = is_on("kiosk");
        // A wall that shows several in turn begins with the first.
        let rotation = non_empty("rotate").filter(|_| kiosk);
        let rotation = rotation.as_deref().and_then(|names| {
            let mut names = names.split(',').map(str::trim);
            names.find(|name| !name.is_empty()).map(ToOwned::to_owned)
        });
        let others = pairs().filter(|(key, _)| key != "dashboard");
        Some(Self {
            query: query.to_owned(),
            dashboard: rotation.or(non_empty("dashboard")),
            theme,
            kiosk,
            slot: Slot {
                panel: non_empty("panel"),
                compact: is_on("compact"),
            },
            others: form_urlencoded::Serializer::new(String::new())
                .extend_pairs(others)
                .finish(),
        })
    }
}

/// The page with a drawing; `None` if it is to be served without one.
pub(super) async fn serve(hub: &Arc<Hub>, query: &str, headers: &HeaderMap) -> Option<Response> {
    hub.page()?.frame.as_ref()?;
    match draw(hub, query, headers).await {
        Ok(response) => {
            hub.metrics().pages_drawn.inc();
            Some(response)
        }
        Err(reason) => {
            let reason = NotDrawn { reason };
            hub.metrics().pages_not_drawn.get_or_create(&reason).inc();
            None
        }
    }
}

/// Draws the page within the limits; the error is the reason for the metrics.
async fn draw(hub: &Arc<Hub>, query: &str, headers: &HeaderMap) -> Result<Response, &'static str> {
    let began = Instant::now();
    let address = Address::read(query).ok_or("settings")?;
    let refused = |_| "refused";
    let viewer = access::viewer(hub, headers, PAGE).map_err(refused)?;
    let name = address.dashboard.as_deref();
    let permit = Permit::new(hub, viewer, name, PAGE).map_err(|error| error.dashboards);
    if !hub.drawing_limit().admit() {
        return Err("limit");
    }
    let encoding = Encoding::ALL
        .into_iter()
        .find(|one| accepts(headers, one.as_str()));
    let body = timeout(
        hub.drawing_limit().rules.deadline,
        page(hub, address, permit, is_right_to_left(headers), encoding),
    );
    let body = body.await.unwrap_or(Err("slow"));
    let seconds = began.elapsed().as_secs_f64();
    hub.metrics().drawing_seconds.inc_by(seconds);
    Ok(respond(body?, encoding))
}

/// The encoded HTML: of the dashboard, or of the list of those that there are.
async fn page(
    hub: &Arc<Hub>,
    address: Address,
    permit: Result<Permit, Vec<DashboardName>>,
    right_to_left: bool,
    encoding: Option<Encoding>,
) -> Result<Vec<u8>, &'static str> {
    let turn = hub.drawing_limit().turn().await;
    let undecided = !address.kiosk && address.dashboard.is_none();
    let (grant, dashboard) = match permit {
        Ok(permit) => (permit.grant(hub), Some(permit.dashboard)),
        Err(dashboards) => (TokenResponse::without_token(dashboards), None),
    };
    let shown = dashboard.filter(|_| !undecided || grant.dashboards.len() <= 1);
    let time_zone = shown
        .as_ref()
        .and_then(|shown| shown.layout.time_zone.as_deref());
    let utc_offset = utc_offset(time_zone);
    let clocks = shown.iter().flat_map(|shown| &shown.layout.clock);
    let zones = clocks.filter_map(|clock| clock.time_zone.as_deref());
    let zones = zones.map(|zone| (zone.to_owned(), self::utc_offset(Some(zone))));
    let zones = zones.collect();
    let connects = shown.is_some();
    let channels = shown.iter().flat_map(|shown| &shown.channels);
    let channels = channels.map(ToString::to_string).collect();
    let messages = if let Some(dashboard) = &shown {
        hub.newest_messages(dashboard).await.map_err(|error| {
            tracing::warn!(%error, "cannot read stored messages to draw a page");
            "failed"
        })?
    } else {
        Vec::new()
    };
    let scene = Scene {
        data: Data {
            connects,
            channels,
            grant,
            messages: messages.into_iter().map(stored).collect(),
            query: address.query,
            utc_offset,
            zones,
            right_to_left,
        },
        undecided,
        dashboard: address.dashboard,
        theme: address.theme,
        kiosk: address.kiosk,
        slot: address.slot,
        other_settings: address.others,
    };
    let hub = Arc::clone(hub);
    let drawing = tokio::task::spawn_blocking(move || {
        // Held to the end, even if the request stops waiting.
        let _turn = turn;
        let drawn = scene.draw()?;
        let html = hub.page()?.frame.as_ref()?.fill(&drawn.html, &drawn.data);
        Some(match encoding {
            Some(encoding) => encoding.encode(html.as_bytes()),
            None => html.into_bytes(),
        })
    });
    drawing.await.ok().flatten().ok_or("failed")
}

/// Whether the language that the browser prefers is written from right to left.
fn is_right_to_left(headers: &HeaderMap) -> bool {
    let languages = headers.get(header::ACCEPT_LANGUAGE);
    let languages = languages.and_then(|languages| languages.to_str().ok());
    let first = languages.unwrap_or_default().split([',', ';']).next();
    format::is_right_to_left(first.unwrap_or_default().trim())
}

/// The offset of a time zone from UTC now, in minutes, east positive.
fn utc_offset(zone: Option<&str>) -> i32 {
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
    zone.map_or(0, |zone| zone.to_offset(Timestamp::now()).seconds() / 60)
}

/// `Cache-Control: no-store` is the default of all responses.
fn respond(body: Vec<u8>, encoding: Option<Encoding>) -> Response {
    let mut headers = HeaderMap::new();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(header::VARY, "accept-encoding, accept-language");
    if let Some(encoding) = encoding {
        set(header::CONTENT_ENCODING, encoding.as_str());
    }
    (headers, Body::from(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_the_page_reads_it() {
        let address = Address::read("compact=1&panel=a+b").expect("own settings");
        let slot = Slot {
            panel: Some("a b".into()),
            compact: true,
        };
        assert_eq!(address.slot, slot);
        let address = Address::read("kiosk=true&dashboard=a%20b&dashboard=c&theme=dark&x=%26+1");
        let address = address.expect("own settings");
        assert_eq!(address.dashboard.as_deref(), Some("a b"));
        assert_eq!(address.theme, Some(Theme::Dark));
        assert!(address.kiosk);
        assert_eq!(address.others, "kiosk=true&theme=dark&x=%26+1");
        let empty = Address::read("dashboard=&theme=&kiosk=0").expect("own settings");
        assert_eq!(
            (empty.dashboard, empty.theme, empty.kiosk),
            (None, None, false)
        );
        let in_turn = |query| Address::read(query).expect("own settings").dashboard;
        assert_eq!(in_turn("kiosk=1&rotate=,ops,+shop").as_deref(), Some("ops"));
        assert_eq!(
            in_turn("rotate=ops&dashboard=shop").as_deref(),
            Some("shop")
        );
        for other in [
            "hub=https://h",
            "token_url=",
            "socket_url=x",
            "api_url=x",
            "theme=blue",
            "tokens=parent",
        ] {
            assert!(Address::read(other).is_none(), "{other}");
        }
    }
}
