//! Fetches earlier messages page by page while new ones arrive.
//!
//! The model orders messages by their ids, so it does not matter by which route
//! one arrives first, or that it arrives twice. After a loss, everything since
//! the last known message is fetched; if that is too much, or on the first
//! connection, the newest messages of each event are. At most one page is
//! requested at a time of each channel.
//!
//! If a server stores nothing, or has no such API, the dashboard shows what
//! arrives.

mod all;
mod page;
mod plan;

use live_dashboard_protocol::history::HistoryQuery;
use live_dashboard_protocol::message::{ALERT, CHART_DATA, STATS_UPDATE};

pub(super) use self::all::CatchUps;
use self::page::Page;
use super::clock::MessageClock;
use super::link::Link;
use super::{Action, ConnId, Context};
use crate::feed::SecretUrl;
use crate::model::{Event, Order};
use crate::platform::{HttpError, HttpResponse};

/// If the server fails (429, 5xx, no answer), the page is requested again after a
/// random delay in this range, in milliseconds.
const RETRY: (f64, f64) = (1_000.0, 3_000.0);

/// What has been fetched of a channel, and what is still to be.
#[derive(Debug, Default)]
struct CatchUp {
    /// The token's name for the channel.
    channel: String,
    /// Whether it is not the dashboard's own.
    is_other: bool,
    /// A connection has had it.
    began: bool,
    /// The page that is requested.
    request: Option<Request>,
    /// The newest message of the channel.
    newest: Option<Mark>,
    /// Messages after this one are missing and must still be fetched.
    missing_after: Option<Mark>,
    /// The newest messages of each event have been fetched.
    looked_back: bool,
    /// There may be older points than those that the hub drew.
    has_older: bool,
    /// The channel's points are known to be stored.
    stores_points: bool,
    /// The points of its largest chart.
    points: usize,
}

/// A message to continue from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) order: Order,
    pub(super) id: String,
}

/// A request for one page, and what led to it.
#[derive(Debug)]
struct Request {
    conn: ConnId,
    url: SecretUrl,
    /// The token's name for the channel.
    channel: String,
    real_channel: String,
    step: Step,
    /// For missed messages, the one after which they began.
    missed_after: Option<Mark>,
    /// The pages of this step so far.
    pages: u32,
    walk: Walk,
    /// When to request the page again, by the monotonic clock.
    retry_at: Option<f64>,
    /// The page has been requested again.
    retried: bool,
}

/// Which messages are requested.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// Those after this message.
    Missed(Mark),
    /// Any point, to learn whether points are stored at all: only then does the
    /// lack of one after this message prove that none was published.
    Proof(Mark),
    /// The newest points.
    Points,
    /// The newest values.
    Stats,
    /// The newest alerts.
    Alerts,
    /// Points before those.
    Older,
}

/// How far back the points have been fetched.
#[derive(Debug, Default)]
struct Walk {
    count: usize,
    /// The time of the newest, in seconds since the Unix epoch.
    newest: Option<f64>,
    /// There may be more before this message.
    before: Option<String>,
    /// After this message some are missing until the walk gets there: more
    /// were missed than could be fetched.
    gap_after: Option<Order>,
}

impl CatchUp {
    /// When to continue, by the monotonic clock.
    fn wake_at(&self) -> Option<f64> {
        self.request.as_ref()?.retry_at
    }

    /// The newest messages of each event are needed.
    fn look_back(&mut self, link: Option<&Link>, cx: &mut Context) {
        self.looked_back = false;
        if let (None, Some(link)) = (&self.request, link) {
            self.start(Step::Points, link, cx);
        }
    }

    /// Continues from the newest messages of each event, which the hub drew.
    fn resume(&mut self, drawn: Page) {
        self.looked_back = drawn.newest.is_some();
        self.newest = drawn.newest;
        self.stores_points = drawn.points > 0;
        self.has_older = self.points > 0 && drawn.points >= self.points;
    }

    /// A new connection after a loss, or the first one.
    fn begin(&mut self, link: &Link, cx: &mut Context) {
        self.began = true;
        let after = self.missing_after.take().or_else(|| self.newest.clone());
        self.start(after.map_or(Step::Points, Step::Missed), link, cx);
    }

    /// Continues on a connection that took over without a loss.
    fn move_to(&mut self, link: &Link, cx: &mut Context) {
        let Some(request) = &mut self.request else {
            // The layout may have added the channel.
            if !self.began {
                self.begin(link, cx);
            }
            return;
        };
        match link.list_url.clone() {
            Some(url) => {
                request.conn = link.conn;
                request.url = url;
                request.retry_at = None;
                request.send(self.points, cx);
            }
            None => {
                give_up(&request.step, cx);
                self.request = None;
            }
        }
    }

    /// The connection was lost: the next one continues.
    fn interrupt(&mut self) {
        if let Some(request) = self.request.take() {
            self.postpone(request.step);
        }
    }

    fn postpone(&mut self, step: Step) {
        match step {
            Step::Missed(after) | Step::Proof(after) => self.missing_after = Some(after),
            _ => self.looked_back = false,
        }
    }

    /// A message arrived, live or stored: after a loss, those after the newest
    /// are fetched.
    fn reached(&mut self, mark: Mark) {
        let newest = self.newest.as_ref();
        if newest.is_none_or(|newest| newest.order < mark.order) {
            self.newest = Some(mark);
        }
    }

    /// Requests a page again when its time has come.
    fn check(&mut self, cx: &mut Context) {
        if let Some(request) = &mut self.request
            && request
                .retry_at
                .take_if(|at| cx.now.monotonic >= *at)
                .is_some()
        {
            request.send(self.points, cx);
        }
    }

    /// A page came, or did not.
    fn page_came(
        &mut self,
        conn: ConnId,
        answer: Result<HttpResponse, HttpError>,
        clock: &mut MessageClock,
        cx: &mut Context,
    ) {
        let expected = |request: &mut Request| request.conn == conn && request.retry_at.is_none();
        let Some(mut request) = self.request.take_if(expected) else {
            return;
        };
        let server_failed = match &answer {
            Ok(answer) => answer.status == 429 || answer.status >= 500,
            Err(_) => true,
        };
        if server_failed && !request.retried {
            let (shortest, longest) = RETRY;
            request.retry_at = Some(cx.now.monotonic + cx.random.between(shortest, longest));
            request.retried = true;
            self.request = Some(request);
            return;
        }
        match Page::read(answer, self.other(), clock, cx) {
            Some(page) => self.go_on(request, page, cx),
            None => {
                give_up(&request.step, cx);
                // The next connection tries again.
                if server_failed {
                    self.postpone(request.step);
                }
            }
        }
    }

    /// The channel's name if it is not the dashboard's own.
    fn other(&self) -> Option<&str> {
        self.is_other.then_some(self.channel.as_str())
    }

    fn start(&mut self, step: Step, link: &Link, cx: &mut Context) {
        let mut channels = link.channels.iter();
        let channel = channels.find(|channel| channel.name == self.channel);
        let (Some(channel), Some(url)) = (channel, link.list_url.clone()) else {
            return give_up(&step, cx);
        };
        self.looked_back |= step == Step::Points;
        let request = Request {
            conn: link.conn,
            url,
            channel: self.channel.clone(),
            real_channel: channel.real_name().into(),
            missed_after: match &step {
                Step::Missed(after) => Some(after.clone()),
                _ => None,
            },
            step,
            pages: 0,
            walk: Walk::default(),
            retry_at: None,
            retried: false,
        };
        request.send(self.points, cx);
        self.request = Some(request);
    }
}

impl Request {
    fn send(&self, points: usize, cx: &mut Context) {
        let (newest_of, before, after) = match &self.step {
            Step::Missed(after) => (None, None, Some(after.id.as_str())),
            Step::Proof(_) | Step::Points | Step::Older => {
                (Some(CHART_DATA), self.walk.before.as_deref(), None)
            }
            Step::Stats => (Some(STATS_UPDATE), None, None),
            Step::Alerts => (Some(ALERT), None, None),
        };
        let query = HistoryQuery {
            channel: &self.real_channel,
            after,
            newest_of,
            before,
            limit: self.limit(points),
        };
        cx.push(Action::List {
            conn: self.conn,
            channel: self.channel.clone(),
            url: self.url.clone(),
            body: query.body(),
        });
    }
}

/// Missed messages cannot be fetched.
fn give_up(step: &Step, cx: &mut Context) {
    if let Step::Missed(after) | Step::Proof(after) = step {
        caught_up(after.order, false, cx);
    }
}

/// Tells the model about the messages after this one.
fn caught_up(after: Order, complete: bool, cx: &mut Context) {
    cx.emit(Event::CaughtUp { after, complete });
}
