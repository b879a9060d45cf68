//! What the server does in one step. Each script says what it takes and returns.

use std::sync::LazyLock;

use ::redis::Script;

macro_rules! scripts {
    ($($name:ident = $($file:literal)+;)+) => {
        $(pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!($(include_str!($file)),+))
        });)+
    };
}

scripts! {
    PUBLISH = "clock.lua" "publish.lua";
    HISTORY = "clock.lua" "history.lua";
    MISSED = "missed.lua";
    BEAT = "clock.lua" "beat.lua";
    LEASE = "lease.lua";
    RELEASE = "release.lua";
    RECORDS = "records.lua";
    SCHEDULE = "schedule.lua";
    CLAIM = "clock.lua" "claim.lua";
    UNCLAIM = "unclaim.lua";
    UNSCHEDULE = "clock.lua" "unschedule.lua";
}
