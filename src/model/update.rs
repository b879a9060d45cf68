//! What a message of the channel means to the model.

use live_dashboard_protocol::payload::{Alert, ChartData, StatsUpdate};

/// One decoded message.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// New values of some metrics.
    Stats(StatsUpdate),
    /// One point of the charts.
    Point(ChartData),
    /// One alert.
    Alert(AlertEntry),
    /// A message of one of the three events that could not be read.
    Malformed,
}

/// An alert and when it was raised.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertEntry {
    /// The message's id, unique within the channel.
    pub id: String,
    /// When, in milliseconds since the Unix epoch by the viewer's clock: the
    /// time of the message's id.
    pub at: f64,
    /// What it says.
    pub alert: Alert,
}
