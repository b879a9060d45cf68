//! Timers and clocks of tokio and the system.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Waits.
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Milliseconds since the Unix epoch.
pub fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}

/// Milliseconds since the first call; never goes back.
pub fn monotonic() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

/// A random number in `0.0..1.0`.
pub fn random() -> f64 {
    // Each `RandomState` has a random seed.
    let bits = RandomState::new().hash_one(monotonic().to_bits());
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
