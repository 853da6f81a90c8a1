//! The time, as it is written into databases.

/// Now, as RFC 3339 in UTC with seconds.
#[must_use]
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
