//! `sdnlock check`: what is looked at, how it is judged, and in which format it is shown.

pub mod against;
pub mod baseline;
pub mod checked;
pub mod files;
pub mod fixing;
pub mod formats;
pub mod in_order;
pub mod inspector;
pub mod judge;
pub mod progress;
pub mod rules;
