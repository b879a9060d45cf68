//! What was published before the subscription: asked for page by page, while
//! what is published from here on arrives.
//!
//! The model puts messages in their order by their ids, so that it does not
//! matter which of the two brings one first, or both: nothing needs to be held
//! back. After a loss, what came after the last known message is asked for,
//! until there is no more; if that is more than a page of the dashboard can
//! show, or at the first arrival, the newest messages of each event are. At
//! most one page is being asked for at a time.
//!
//! A server that stores nothing, or has no such API, is no problem: it leaves
//! the dashboard with what arrives.

mod page;
mod plan;

use live_dashboard_protocol::history::HistoryQuery;
use live_dashboard_protocol::payload::{ALERT, CHART_DATA, STATS_UPDATE};

use super::{Action, ConnId, Machine, Now};
use crate::feed::SecretUrl;
use crate::model::Event;
use crate::model::Order;
use crate::platform::{HttpError, HttpResponse};

/// When a page is asked for once more that a troubled server did not give, in
/// milliseconds: not every viewer at once.
const AGAIN: (f64, f64) = (1_000.0, 3_000.0);

/// The catching up of one connection.
#[derive(Debug)]
pub(super) struct CatchUp {
    conn: ConnId,
    url: SecretUrl,
    channel: String,
    step: Step,
    /// Of missed messages, the one after which they began.
    missed_after: Option<Mark>,
    /// Pages of this step so far.
    pages: u32,
    /// Of the points of this catching up that were asked for by themselves.
    points: Points,
    /// When to ask once more, by the monotonic clock.
    again_at: Option<f64>,
    /// It was asked once more.
    again: bool,
}

/// What is being asked for.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// What came after this message.
    Missed(Mark),
    /// Any point: nothing came after this message, which says that none was
    /// published only where points are stored at all.
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

/// How far the points have been walked back.
#[derive(Debug, Default)]
struct Points {
    count: usize,
    /// The time of the newest, in seconds since the Unix epoch.
    newest: Option<f64>,
    /// The message before which there may be more.
    before: Option<String>,
    /// Of more than could be asked for, the last message that came: until the
    /// walk has come there, some are missing.
    hole: Option<Order>,
}

/// A message to go on from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) order: Order,
    pub(super) id: String,
}

impl CatchUp {
    /// When it wants to go on by itself.
    pub(super) fn wake_at(&self) -> Option<f64> {
        self.again_at
    }
}

impl Machine {
    /// The live connection is new: what was before it is asked for.
    pub(super) fn begin_to_catch_up(&mut self) {
        let after = self.unfilled.take().or_else(|| self.newest.clone());
        self.ask_from(after.map_or(Step::Points, Step::Missed));
    }

    /// Another connection has taken over, and asks for what is still to come.
    pub(super) fn go_on_catching_up(&mut self) {
        if let Some(catch_up) = self.catch_up.take() {
            self.ask_from(catch_up.step);
        }
    }

    /// Of what the layout shows from here on nothing has been asked for.
    pub(super) fn look_back(&mut self) {
        self.to_look_back = true;
        if self.catch_up.is_none() {
            self.ask_from(Step::Points);
        }
    }

    fn ask_from(&mut self, step: Step) {
        let Some(live) = &self.live else {
            return;
        };
        let access = live.api_access.as_ref();
        let url = access.and_then(|(id, secret)| self.endpoints.list_url(id, secret));
        let Some(url) = url else {
            return self.give_up(step);
        };
        self.to_look_back &= step != Step::Points;
        self.catch_up = Some(CatchUp {
            conn: live.conn,
            url,
            channel: live.real_name().into(),
            missed_after: match &step {
                Step::Missed(after) => Some(after.clone()),
                _ => None,
            },
            step,
            pages: 0,
            points: Points::default(),
            again_at: None,
            again: false,
        });
        self.ask_for_page();
    }

    /// Nothing more is wanted of a connection that is gone. The next one goes
    /// on from where this one came to.
    pub(super) fn stop_catching_up(&mut self) {
        match self.catch_up.take().map(|catch_up| catch_up.step) {
            None => {}
            Some(Step::Missed(after) | Step::Proof(after)) => self.unfilled = Some(after),
            Some(_) => self.to_look_back = true,
        }
    }

    /// Asks once more, when the time has come.
    pub(super) fn check_catching_up(&mut self, now: Now) {
        if let Some(catch_up) = &mut self.catch_up
            && catch_up.again_at.is_some_and(|at| now.monotonic >= at)
        {
            catch_up.again_at = None;
            self.ask_for_page();
        }
    }

    /// A page came, or did not.
    pub(super) fn page_came(
        &mut self,
        conn: ConnId,
        answer: Result<HttpResponse, HttpError>,
        now: Now,
    ) {
        let asked = |catch_up: &mut CatchUp| catch_up.conn == conn && catch_up.again_at.is_none();
        let Some(mut catch_up) = self.catch_up.take_if(asked) else {
            return;
        };
        let troubled = match &answer {
            Ok(answer) => answer.status == 429 || answer.status >= 500,
            Err(_) => true,
        };
        if troubled && !catch_up.again {
            let (shortest, longest) = AGAIN;
            let pause = self.random.between(shortest, longest);
            catch_up.again_at = Some(now.monotonic + pause);
            catch_up.again = true;
            self.catch_up = Some(catch_up);
            return;
        }
        match self.read_page(answer, now) {
            Some(page) => self.go_on(catch_up, page),
            None => {
                // Asking for ever would not help; the next connection may.
                if troubled && let Step::Missed(after) | Step::Proof(after) = &catch_up.step {
                    self.unfilled = Some(after.clone());
                }
                self.to_look_back |= troubled;
                self.give_up(catch_up.step);
            }
        }
    }

    fn give_up(&mut self, step: Step) {
        if let Step::Missed(after) | Step::Proof(after) = step {
            self.caught_up(after.order, false);
        }
    }

    fn ask_for_page(&mut self) {
        let Some(catch_up) = &self.catch_up else {
            return;
        };
        let limit = catch_up.limit(self.points);
        let (event, before, after) = match &catch_up.step {
            Step::Missed(after) => (None, None, Some(after.id.as_str())),
            Step::Proof(_) | Step::Points | Step::Older => {
                (Some(CHART_DATA), catch_up.points.before.as_deref(), None)
            }
            Step::Stats => (Some(STATS_UPDATE), None, None),
            Step::Alerts => (Some(ALERT), None, None),
        };
        let ask = HistoryQuery {
            channel: &catch_up.channel,
            after,
            before,
            newest_of: event,
            limit,
        };
        self.actions.push(Action::List {
            conn: catch_up.conn,
            url: catch_up.url.clone(),
            body: ask.body(),
        });
    }

    /// Tells the model what became of the messages after this one.
    fn caught_up(&mut self, after: Order, complete: bool) {
        self.emit(Event::CaughtUp { after, complete });
    }
}
