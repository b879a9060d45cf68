//! A page of stored messages, taken in.

use live_dashboard_protocol::history::read_messages;

use super::super::{Machine, Now};
use super::Mark;
use crate::feed::message::Malformed;
use crate::model::Event;
use crate::model::Message;
use crate::platform::{HttpError, HttpResponse};

/// An answer of this size may have been cut short: a page ends at 1 MB too.
const LARGE: usize = 900_000;

/// What a page held.
#[derive(Debug, Default)]
pub(super) struct Page {
    messages: usize,
    large: bool,
    /// Its newest message.
    pub(super) greatest: Option<Mark>,
    /// Its last message.
    pub(super) last: Option<Mark>,
    /// How many points.
    pub(super) points: usize,
    /// The times of the newest and of the oldest point, in seconds since the
    /// Unix epoch.
    pub(super) newest_point: Option<f64>,
    pub(super) oldest_point: Option<f64>,
    /// Whether messages of several events stood in it.
    pub(super) is_mixed: bool,
}

impl Page {
    /// Whether there may be more after it than the `limit` that was asked for.
    pub(super) fn is_full(&self, limit: usize) -> bool {
        self.last.is_some() && (self.messages >= limit || self.large)
    }
}

impl Machine {
    /// Takes a page's messages; `None` where the answer is none.
    pub(super) fn read_page(
        &mut self,
        answer: Result<HttpResponse, HttpError>,
        now: Now,
    ) -> Option<Page> {
        let answer = answer.ok().filter(|answer| answer.status == 200)?;
        let messages = read_messages(&answer.body)?;
        let mut page = Page {
            messages: messages.len(),
            large: answer.body.len() > LARGE,
            ..Page::default()
        };
        let mut event = None;
        for frame in messages {
            let Some(id) = frame.id.clone() else {
                continue;
            };
            let Some(stamp) = self.stamper.listed(&id, now.wall) else {
                continue;
            };
            let order = stamp.order;
            let mark = Mark { order, id };
            if page
                .greatest
                .as_ref()
                .is_none_or(|greatest| greatest.order < order)
            {
                page.greatest = Some(mark.clone());
            }
            page.last = Some(mark);
            page.is_mixed |= *event.get_or_insert_with(|| frame.event.clone()) != frame.event;
            let update = match self.read(&frame, stamp) {
                Ok(Some(update)) => update,
                Ok(None) => continue,
                Err(Malformed) => {
                    self.malformed();
                    continue;
                }
            };
            if let Message::Point(point) = &update {
                let time = point.timestamp;
                page.points += 1;
                page.newest_point = Some(page.newest_point.map_or(time, |t| t.max(time)));
                page.oldest_point = Some(page.oldest_point.map_or(time, |t| t.min(time)));
            }
            self.emit(Event::Message(update, stamp));
        }
        Some(page)
    }
}
