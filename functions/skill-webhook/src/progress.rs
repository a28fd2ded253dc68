//! How far a message has come: it says what is still true of it when nothing else can be said in
//! time.

use std::sync::atomic::{AtomicU8, Ordering};

use shared::text::Line;

/// Shared between a message and whoever must answer in its place.
#[derive(Debug, Default)]
pub(crate) struct Progress(AtomicU8);

const PERHAPS: u8 = 1;
const TAKEN: u8 = 2;

impl Progress {
    /// No turn of it exists: it can be sent again.
    pub(crate) fn mark_not_taken(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// A write is under way, and whether it was stored may never be known.
    pub(crate) fn mark_perhaps_taken(&self) {
        self.0.store(PERHAPS, Ordering::Relaxed);
    }

    /// Its turn is stored, and will be answered.
    pub(crate) fn mark_taken(&self) {
        self.0.store(TAKEN, Ordering::Relaxed);
    }

    pub(crate) fn line(&self) -> Line<'static> {
        match self.0.load(Ordering::Relaxed) {
            TAKEN => Line::StillThinking,
            PERHAPS => Line::PerhapsTaken,
            _ => Line::TryAgain,
        }
    }
}
