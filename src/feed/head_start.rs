//! What a page that the hub drew has before it connects.

use std::rc::Rc;

use super::Endpoints;
use crate::model::{Event, Model, Snapshot};
use crate::platform;

/// What the hub drew, and when that reached the viewer.
#[derive(Debug, Clone)]
pub struct HeadStart {
    /// What the hub drew, by its own clock.
    pub snapshot: Rc<Snapshot>,
    /// When the page began to arrive, in milliseconds since the Unix epoch by the
    /// viewer's clock.
    pub arrived_at: f64,
}

impl PartialEq for HeadStart {
    /// Whether both are of the same drawing.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.snapshot, &other.snapshot)
    }
}

impl HeadStart {
    /// What the page contains; `None` if the hub did not draw it.
    pub fn of_page() -> Option<Self> {
        let snapshot = Snapshot::parse(&platform::embedded(Snapshot::ELEMENT_ID)?)?;
        Some(Self {
            snapshot: Rc::new(snapshot),
            arrived_at: platform::loaded_at(),
        })
    }

    /// The model that was drawn, with times by the viewer's clock.
    pub fn model(&self, endpoints: &Endpoints) -> Model {
        let mut model = self.snapshot.model(endpoints.is_undecided());
        let later = self.arrived_at - self.snapshot.now();
        model.apply(Event::ClockShift(later));
        model
    }
}
