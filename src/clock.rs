//! The time, as it is written into databases.

/// Now, as RFC 3339 in UTC with seconds.
#[must_use]
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Now, as RFC 3339 in UTC with nanoseconds: for stamps, of which a column shows as much as its other times do.
#[must_use]
pub fn now_exactly() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}
