//! What to ask for next.

use std::mem::discriminant;

use super::super::Machine;
use super::page::Page;
use super::{CatchUp, Points, Step};

/// The most messages of a page.
const PAGE: usize = 100;
/// With so many pages of missed messages the newest ones will do.
const MOST_MISSED: u32 = 10;
/// The most pages for the points that the page is to show at once.
const MOST_FIRST: u32 = 10;
/// The most pages of older points.
const MOST_OLDER: u32 = 20;
/// How many values of a metric are worth asking for: those of a sparkline.
const STATS: usize = 30;
/// How far back points are asked for, in seconds before the newest.
const WINDOW: f64 = 3600.0;

impl Machine {
    /// Decides what to ask for after a page.
    pub(super) fn go_on(&mut self, mut catch_up: CatchUp, page: Page) {
        catch_up.again = false;
        catch_up.pages += 1;
        // Before the newest message of another page one of another event may
        // still be on its way.
        if let Some(greatest) = &page.greatest
            && match catch_up.step {
                Step::Missed(_) => true,
                Step::Points => catch_up.pages == 1,
                Step::Proof(_) | Step::Stats | Step::Alerts | Step::Older => false,
            }
        {
            self.reached(greatest);
        }
        self.stores_points |= page.points > 0;
        if matches!(catch_up.step, Step::Points | Step::Older) {
            let full = page.is_full(catch_up.limit(self.points));
            self.note_points(&mut catch_up.points, &page, full);
        }
        if let Some(next) = self.next_step(&mut catch_up, page) {
            if discriminant(&next) != discriminant(&catch_up.step) {
                catch_up.pages = 0;
                self.to_look_back &= next != Step::Points;
            }
            catch_up.step = next;
            self.catch_up = Some(catch_up);
            self.ask_for_page();
        }
    }

    fn note_points(&mut self, points: &mut Points, page: &Page, full: bool) {
        points.count += page.points;
        points.newest = points.newest.or(page.newest_point);
        let last = page.last.as_ref().filter(|_| full);
        points.before = last.map(|last| last.id.clone());
        if let Some((hole, last)) = points.hole.zip(page.last.as_ref())
            && last.order <= hole
        {
            points.hole = None;
            self.caught_up(hole, true);
        }
    }

    fn next_step(&mut self, catch_up: &mut CatchUp, page: Page) -> Option<Step> {
        let full = page.is_full(catch_up.limit(self.points));
        let pages = catch_up.pages;
        match catch_up.step.clone() {
            Step::Missed(after) => {
                let last = page.last.unwrap_or(after);
                if full && pages < MOST_MISSED {
                    return Some(Step::Missed(last));
                }
                if full {
                    catch_up.points.hole = Some(last.order);
                    self.caught_up(last.order, false);
                    return Some(Step::Points);
                }
                let began = catch_up.missed_after.clone().unwrap_or(last);
                if !self.stores_points {
                    return Some(Step::Proof(began));
                }
                self.caught_up(began.order, true);
                self.to_look_back.then_some(Step::Points)
            }
            Step::Proof(began) => {
                // Where no points are stored, nobody knows how many are
                // missing.
                self.caught_up(began.order, self.stores_points);
                self.to_look_back.then_some(Step::Points)
            }
            Step::Points if full && pages < MOST_FIRST && catch_up.points.count < self.points => {
                Some(Step::Points)
            }
            // A server that does not tell events apart gave the others too.
            Step::Points if page.is_mixed && full => Some(Step::Older),
            Step::Points => Some(Step::Stats),
            Step::Stats => Some(Step::Alerts),
            Step::Alerts if catch_up.points.before.is_some() => Some(Step::Older),
            Step::Older
                if full
                    && pages < MOST_OLDER
                    && catch_up.points.newest.is_some_and(|newest| {
                        page.oldest_point
                            .is_none_or(|oldest| newest - oldest < WINDOW)
                    }) =>
            {
                Some(Step::Older)
            }
            Step::Alerts | Step::Older => self.to_look_back.then(|| {
                catch_up.points = Points::default();
                Step::Points
            }),
        }
    }
}

impl CatchUp {
    /// How many messages to ask for, where a chart shows so many points.
    pub(super) fn limit(&self, points: usize) -> usize {
        match self.step {
            Step::Points => points.clamp(1, PAGE),
            Step::Proof(_) => 1,
            Step::Stats => STATS,
            Step::Missed(_) | Step::Alerts | Step::Older => PAGE,
        }
    }
}
