//! What was published before the subscription: asked for page by page, while
//! what is published from here on arrives.
//!
//! The model puts messages in their order by their ids, so that it does not
//! matter which of the two brings one first, or both. After a loss, what came
//! after the last known message is asked for, until there is no more; if that
//! is more than a page of the dashboard can show, or at the first arrival, the
//! newest messages of each event are.
//!
//! A server that stores nothing, or has no such API, is no problem: it leaves
//! the dashboard with what arrives.

use std::mem::discriminant;

use live_dashboard_protocol::payload::{ALERT, CHART_DATA, STATS_UPDATE};

use super::{Action, ConnId, Machine, Now};
use crate::feed::wire::{self, Listing};
use crate::feed::{FeedEvent, SecretUrl};
use crate::platform::{HttpError, HttpResponse};

/// The most messages of a page.
const PAGE: usize = 100;
/// With so many pages of missed messages the newest ones will do.
const MOST_MISSED: u32 = 10;
/// The most pages of older points.
const MOST_OLDER: u32 = 20;
/// How many values of a metric are worth asking for: those of a sparkline.
const STATS: usize = 30;
/// How far back points are asked for, in seconds before the newest.
const WINDOW: f64 = 3600.0;

/// The catching up of one connection.
#[derive(Debug)]
pub(super) struct CatchUp {
    conn: ConnId,
    url: SecretUrl,
    channel: String,
    step: Step,
    /// Pages of this step so far.
    pages: u32,
}

/// What is being asked for.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// What came after this message.
    Missed { after: String },
    /// The newest points.
    Points,
    /// The newest values.
    Stats,
    /// The newest alerts.
    Alerts,
    /// Points before this message; the newest point was of this time.
    Older { before: String, newest: f64 },
}

/// What a page held.
struct Page {
    /// The id of its last message.
    last: Option<String>,
    /// The times of its points: of the newest and of the oldest.
    points: Option<(f64, f64)>,
}

impl Machine {
    /// The live connection `conn` is new: what was before it is asked for.
    pub(super) fn begin_to_catch_up(&mut self, conn: ConnId, access: Option<(String, String)>) {
        let after = self.stamper.newest_id().map(str::to_owned);
        let url = access.and_then(|(id, secret)| self.endpoints.list_url(&id, &secret));
        let (Some(url), Some(channel)) = (url, self.channel.clone()) else {
            self.caught_up(after.is_some(), false);
            return;
        };
        self.catch_up = Some(CatchUp {
            conn,
            url,
            channel,
            step: after.map_or(Step::Points, |after| Step::Missed { after }),
            pages: 0,
        });
        self.ask_for_page();
    }

    /// Another connection has taken over, and asks for what is still to come.
    pub(super) fn go_on_catching_up(&mut self, conn: ConnId, access: Option<(String, String)>) {
        let Some(mut catch_up) = self.catch_up.take() else {
            return;
        };
        let url = access.and_then(|(id, secret)| self.endpoints.list_url(&id, &secret));
        match url {
            Some(url) => {
                catch_up.conn = conn;
                catch_up.url = url;
                self.catch_up = Some(catch_up);
                self.ask_for_page();
            }
            None => self.caught_up(matches!(catch_up.step, Step::Missed { .. }), false),
        }
    }

    /// Nothing more is wanted of a connection that is gone.
    pub(super) fn stop_catching_up(&mut self) {
        self.catch_up = None;
    }

    /// A page came, or did not.
    pub(super) fn page_came(
        &mut self,
        conn: ConnId,
        answer: Result<HttpResponse, HttpError>,
        now: Now,
    ) {
        let Some(catch_up) = self.catch_up.take_if(|catch_up| catch_up.conn == conn) else {
            return;
        };
        let messages = answer
            .ok()
            .filter(|answer| answer.status == 200)
            .and_then(|answer| Listing::parse(&answer.body));
        let Some(Listing(messages)) = messages else {
            // Whatever the reason is, trying again would not help the viewer.
            let missed = matches!(catch_up.step, Step::Missed { .. });
            self.caught_up(missed, false);
            return;
        };
        let mut page = Page {
            last: None,
            points: None,
        };
        for frame in messages {
            if let Some(timestamp) = self.listed(&frame, now) {
                let (newest, oldest) = page.points.unwrap_or((timestamp, timestamp));
                page.points = Some((newest.max(timestamp), oldest.min(timestamp)));
            }
            page.last = frame.id.or(page.last);
        }
        self.go_on(catch_up, page);
    }

    /// Decides what to ask for after a page.
    fn go_on(&mut self, mut catch_up: CatchUp, page: Page) {
        catch_up.pages += 1;
        let pages = catch_up.pages;
        let before = discriminant(&catch_up.step);
        let next = match (catch_up.step, page.last) {
            (Step::Missed { .. }, None) => {
                // An empty first page may also mean that nothing is stored.
                self.caught_up(true, pages > 1);
                None
            }
            (Step::Missed { .. }, Some(_)) if pages >= MOST_MISSED => {
                self.caught_up(true, false);
                Some(Step::Points)
            }
            (Step::Missed { .. }, Some(last)) => Some(Step::Missed { after: last }),
            (Step::Points, last) => {
                self.oldest_point = last.zip(page.points);
                Some(Step::Stats)
            }
            (Step::Stats, _) => Some(Step::Alerts),
            (Step::Alerts, _) => self
                .oldest_point
                .take()
                .map(|(before, (newest, _))| Step::Older { before, newest }),
            (Step::Older { newest, .. }, Some(last)) if pages < MOST_OLDER => page
                .points
                .filter(|(_, oldest)| newest - oldest < WINDOW)
                .map(|_| Step::Older {
                    before: last,
                    newest,
                }),
            (Step::Older { .. }, _) => None,
        };
        if let Some(step) = next {
            if discriminant(&step) != before {
                catch_up.pages = 0;
            }
            catch_up.step = step;
            self.catch_up = Some(catch_up);
            self.ask_for_page();
        }
    }

    fn ask_for_page(&mut self) {
        let Some(catch_up) = &self.catch_up else {
            return;
        };
        let ask = wire::ListRequest {
            channel: &catch_up.channel,
            after: None,
            before: None,
            newest_of: None,
            limit: PAGE,
        };
        let ask = match &catch_up.step {
            Step::Missed { after } => wire::ListRequest {
                after: Some(after),
                ..ask
            },
            Step::Points => wire::ListRequest {
                newest_of: Some(CHART_DATA),
                limit: self.points.clamp(1, PAGE),
                ..ask
            },
            Step::Stats => wire::ListRequest {
                newest_of: Some(STATS_UPDATE),
                limit: STATS,
                ..ask
            },
            Step::Alerts => wire::ListRequest {
                newest_of: Some(ALERT),
                ..ask
            },
            Step::Older { before, .. } => wire::ListRequest {
                newest_of: Some(CHART_DATA),
                before: Some(before),
                ..ask
            },
        };
        self.actions.push(Action::List {
            conn: catch_up.conn,
            url: catch_up.url.clone(),
            body: ask.body(),
        });
    }

    /// Tells the model, where something could have been missed.
    fn caught_up(&mut self, after_a_loss: bool, complete: bool) {
        if after_a_loss {
            self.emit(FeedEvent::CaughtUp { complete });
        }
    }
}
