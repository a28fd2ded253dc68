//! What the tables are called in one process.

pub const ACCESS: &str = "dari-access";
pub const TURNS: &str = "dari-turns";
