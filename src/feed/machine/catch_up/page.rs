//! A page of stored messages.

use live_dashboard_protocol::history::read_messages;
use live_dashboard_protocol::limits::MAX_PAGE_BYTES;
use live_dashboard_protocol::message::ReceivedFrame;

use super::super::Context;
use super::super::clock::MessageClock;
use super::Mark;
use crate::model::{Event, Message, decode};
use crate::platform::{HttpError, HttpResponse};

/// An answer of this many bytes may have been cut short.
const LARGE: usize = MAX_PAGE_BYTES / 10 * 9;

/// What a page contained.
#[derive(Debug, Default)]
pub(super) struct Page {
    messages: usize,
    large: bool,
    /// Its newest message.
    pub(super) newest: Option<Mark>,
    /// Its last message.
    pub(super) last: Option<Mark>,
    /// The number of points.
    pub(super) points: usize,
    /// The times of the newest and of the oldest point, in seconds since the
    /// Unix epoch.
    pub(super) newest_point: Option<f64>,
    pub(super) oldest_point: Option<f64>,
    /// Whether it contained messages of several events.
    pub(super) is_mixed: bool,
}

impl Page {
    /// Whether there may be more after it, if `limit` messages were requested.
    pub(super) fn is_full(&self, limit: usize) -> bool {
        self.last.is_some() && (self.messages >= limit || self.large)
    }

    /// Reads an answer and emits its messages; `None` if it is not a page.
    pub(super) fn read(
        answer: Result<HttpResponse, HttpError>,
        other: Option<&str>,
        clock: &mut MessageClock,
        cx: &mut Context,
    ) -> Option<Self> {
        let answer = answer.ok().filter(|answer| answer.status == 200)?;
        let frames = read_messages(&answer.body)?;
        Some(Self {
            large: answer.body.len() > LARGE,
            ..Self::of(frames, other, clock, cx)
        })
    }

    /// Takes stored messages and emits them; `other` names their channel if it is not the
    /// dashboard's own.
    pub(super) fn of(
        frames: Vec<ReceivedFrame>,
        other: Option<&str>,
        clock: &mut MessageClock,
        cx: &mut Context,
    ) -> Self {
        let mut page = Self {
            messages: frames.len(),
            ..Self::default()
        };
        let first_event = frames.first().map(|frame| frame.event.clone());
        for frame in frames {
            let Some(id) = frame.id.clone() else {
                continue;
            };
            let Some(stamp) = clock.stamp_stored(&id, cx.now.wall) else {
                continue;
            };
            page.is_mixed |= Some(&frame.event) != first_event.as_ref();
            let order = stamp.order;
            page.note(Mark { order, id });
            let Ok(Some(message)) = decode(&frame, other, stamp) else {
                continue;
            };
            if let Message::Point(point) = &message
                && !stamp.is_before(point.timestamp)
            {
                page.note_point(point.timestamp);
            }
            cx.emit(Event::Stored(message, stamp));
        }
        page
    }

    fn note(&mut self, mark: Mark) {
        let newest = self.newest.as_ref();
        if newest.is_none_or(|newest| newest.order < mark.order) {
            self.newest = Some(mark.clone());
        }
        self.last = Some(mark);
    }

    fn note_point(&mut self, time: f64) {
        self.points += 1;
        self.newest_point = Some(self.newest_point.map_or(time, |newest| newest.max(time)));
        self.oldest_point = Some(self.oldest_point.map_or(time, |oldest| oldest.min(time)));
    }
}
