//! Every limit and default that more than one part of the product depends on.
//!
//! Those marked *Hotsock* are fixed by its protocol; the others are ours.

/// A dashboard is stale after this many seconds without numbers, unless its
/// layout says otherwise.
pub const STALE_AFTER_SECONDS: f64 = 10.0;
/// A page draws at most this many times a second, unless its layout says otherwise.
pub const DRAWS_PER_SECOND: u32 = 5;
/// The most channels of a dashboard.
pub const MAX_CHANNELS: usize = 8;
/// The most draws a second that a layout may allow: more than a screen shows is of
/// no use.
pub const MAX_DRAWS_PER_SECOND: u32 = 60;
/// A change of a metric by less than this fraction of its previous value, or of 100% for a
/// percentage, is not marked as good or bad, unless the layout says otherwise.
pub const MIN_CHANGE: f64 = 0.01;
/// The points that a chart shows unless its layout says otherwise.
pub const CHART_POINTS: usize = 20;
/// The most points that a chart may show.
pub const MAX_CHART_POINTS: usize = 1000;
/// The most points that a viewer keeps for all charts together.
pub const MAX_KEPT_POINTS: usize = 2000;
/// How far back a viewer keeps points, in seconds before the newest, and
/// what the hub stores by default.
pub const HISTORY_SECONDS: f64 = 3600.0;
/// The values of a metric that a viewer keeps: those of a sparkline.
pub const STAT_SAMPLES: usize = 30;
/// The alerts that a viewer keeps.
pub const MAX_ALERTS: usize = 100;
/// The alerts that are shown until the viewer asks for more.
pub const ALERTS_SHOWN: usize = 5;

/// The last second of the year 9999, since the Unix epoch: RFC 3339 cannot express
/// a later time.
pub const LAST_SECOND: f64 = 253_402_300_799.0;
/// How far a publisher's clock may be ahead of the hub's, in seconds: a point that is
/// further in the future is left out.
pub const MAX_CLOCK_SKEW: f64 = 60.0;

/// The most stat cards of a layout.
pub const MAX_STATS: usize = 24;
/// The most charts of a layout.
pub const MAX_CHARTS: usize = 12;
/// The most series of a chart: as many as the stylesheet has colours and dash
/// patterns.
pub const MAX_SERIES: usize = 6;
/// The most panels of a layout that are neither cards nor charts.
pub const MAX_PANELS: usize = 48;
/// The most rows of a layout.
pub const MAX_ROWS: usize = 24;
/// The columns that the panels of a row share.
pub const ROW_COLUMNS: u32 = 12;
/// The most tiles of a `status` and lines of a `timeline`.
pub const MAX_ITEMS: usize = 48;
/// The most columns of a `table`.
pub const MAX_TABLE_COLUMNS: usize = 12;
/// The most rows that a `table` or a `list` shows.
pub const MAX_TABLE_ROWS: usize = 100;
/// The rows that a `list` shows unless its layout says otherwise.
pub const LIST_ROWS: usize = 10;
/// The states of one key that a viewer keeps for a `timeline`.
pub const MAX_STATES: usize = 300;
/// The most decimals that a layout may ask for.
pub const MAX_DECIMALS: u32 = 6;
/// The most characters of a `text` panel.
pub const MAX_TEXT_CHARS: usize = 4000;
/// The most characters of a title or a label in a layout.
pub const MAX_LABEL_CHARS: usize = 100;
/// The most characters of the address that a panel links to.
pub const MAX_LINK_CHARS: usize = 2000;

/// The most characters of a channel's name (*Hotsock*).
pub const MAX_CHANNEL_CHARS: usize = 256;
/// The most characters of an event's name (*Hotsock*).
pub const MAX_EVENT_CHARS: usize = 128;
/// The most characters of a deduplication id (*Hotsock*).
pub const MAX_DEDUPLICATION_ID_CHARS: usize = 128;
/// The most bytes of a message's data as JSON (*Hotsock*).
pub const MAX_DATA_BYTES: usize = 32 * 1024;
/// The most bytes of a publish request's body (*Hotsock*).
pub const MAX_PUBLISH_BYTES: usize = 64 * 1024;
/// The most messages that one request may publish.
pub const MAX_PUBLISHED_AT_ONCE: usize = 1_000;
/// The most bytes of a request that publishes several messages.
pub const MAX_PUBLISH_ALL_BYTES: usize = 1024 * 1024;
/// The longest time in seconds for which a message may be stored and still
/// expire: about a hundred years (*Hotsock*).
pub const MAX_STORE_SECONDS: i64 = 3_155_695_200;
/// The most messages in one page of the client API (*Hotsock*).
pub const MAX_PAGE_MESSAGES: usize = 100;
/// The most buckets of a summary of points.
pub const MAX_BUCKETS: usize = 500;
/// A page of the client API ends here at the latest, in bytes (*Hotsock*).
pub const MAX_PAGE_BYTES: usize = 1_000_000;
