//! What to request next.

use std::mem::discriminant;

use live_dashboard_protocol::limits::{HISTORY_SECONDS, MAX_PAGE_MESSAGES, STAT_SAMPLES};

use super::super::Context;
use super::page::Page;
use super::{CatchUp, Request, Step, Walk, caught_up};

/// After this many pages of missed messages, only the newest ones are fetched.
const MOST_MISSED: u32 = 10;
/// The most pages of points that the page shows at once.
const MOST_FIRST: u32 = 10;
/// The most pages of older points.
const MOST_OLDER: u32 = 20;

impl CatchUp {
    /// Decides what to request after a page.
    pub(super) fn go_on(&mut self, mut request: Request, page: Page, cx: &mut Context) {
        request.retried = false;
        request.pages += 1;
        // On other pages a message may be newer than one of another event that is
        // still missing.
        let is_newest = match request.step {
            Step::Missed(_) => true,
            Step::Points => request.pages == 1,
            _ => false,
        };
        if let (true, Some(newest)) = (is_newest, page.newest.clone()) {
            self.reached(newest);
        }
        self.stores_points |= page.points > 0;
        let full = page.is_full(request.limit(self.points));
        if matches!(request.step, Step::Points | Step::Older) {
            request.walk.note(&page, full, cx);
        }
        if let Some(next) = self.next_step(&mut request, page, full, cx) {
            if discriminant(&next) != discriminant(&request.step) {
                request.pages = 0;
                self.looked_back |= next == Step::Points;
                self.has_older &= next != Step::Older;
            }
            request.step = next;
            request.send(self.points, cx);
            self.request = Some(request);
        }
    }

    fn next_step(
        &self,
        request: &mut Request,
        page: Page,
        full: bool,
        cx: &mut Context,
    ) -> Option<Step> {
        let pages = request.pages;
        let walk = &mut request.walk;
        match request.step.clone() {
            Step::Missed(after) => {
                let last = page.last.unwrap_or(after);
                if full && pages < MOST_MISSED {
                    return Some(Step::Missed(last));
                }
                if full {
                    walk.gap_after = Some(last.order);
                    caught_up(last.order, false, cx);
                    return Some(Step::Points);
                }
                let began = request.missed_after.clone().unwrap_or(last);
                if !self.stores_points {
                    return Some(Step::Proof(began));
                }
                caught_up(began.order, true, cx);
                self.after_missed()
            }
            Step::Proof(began) => {
                // If no points are stored, the number of missing ones is
                // unknown.
                caught_up(began.order, self.stores_points, cx);
                self.after_missed()
            }
            Step::Points if full && pages < MOST_FIRST && walk.count < self.points => {
                Some(Step::Points)
            }
            // A server that ignores `event` gave the other events too.
            Step::Points if page.is_mixed && full => Some(Step::Older),
            Step::Points => Some(Step::Stats),
            Step::Stats => Some(Step::Alerts),
            Step::Alerts if walk.before.is_some() => Some(Step::Older),
            Step::Older if full && pages < MOST_OLDER && walk.goes_on(&page) => Some(Step::Older),
            Step::Alerts | Step::Older => (!self.looked_back).then(|| {
                *walk = Walk::default();
                Step::Points
            }),
        }
    }
}

impl CatchUp {
    fn after_missed(&self) -> Option<Step> {
        match (self.looked_back, self.has_older) {
            (false, _) => Some(Step::Points),
            // From the newest on: the hub leaves out points that no chart shows first.
            (true, true) => Some(Step::Older),
            (true, false) => None,
        }
    }
}

impl Walk {
    fn note(&mut self, page: &Page, full: bool, cx: &mut Context) {
        self.count += page.points;
        self.newest = self.newest.or(page.newest_point);
        let last = page.last.as_ref();
        self.before = last.filter(|_| full).map(|last| last.id.clone());
        let closed = |gap: &mut _| last.is_some_and(|last| last.order <= *gap);
        if let Some(after) = self.gap_after.take_if(closed) {
            caught_up(after, true, cx);
        }
    }

    /// Whether the points before a page are new enough to be kept.
    fn goes_on(&self, page: &Page) -> bool {
        let oldest = page.oldest_point;
        self.newest
            .is_some_and(|newest| oldest.is_none_or(|oldest| newest - oldest < HISTORY_SECONDS))
    }
}

impl Request {
    /// The number of messages to request, if a chart shows this many points.
    pub(super) fn limit(&self, points: usize) -> usize {
        match self.step {
            Step::Points => points.clamp(1, MAX_PAGE_MESSAGES),
            Step::Proof(_) => 1,
            Step::Stats => STAT_SAMPLES,
            Step::Missed(_) | Step::Alerts | Step::Older => MAX_PAGE_MESSAGES,
        }
    }
}
