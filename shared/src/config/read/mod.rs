//! The machinery that every document goes through, whatever its settings mean: from text to values,
//! from values to types, and everything that is wrong, with its place.

pub(crate) mod check;
pub(crate) mod parse;
pub(crate) mod problem;
pub(crate) mod section;
pub(crate) mod values;
