//! Lets any number of programs read, write and edit the same SDN text databases safely, without
//! changing those programs.

pub mod address;
pub mod check;
pub mod diff;
pub mod record;
pub mod sdn;
pub mod text;
