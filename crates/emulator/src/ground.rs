//! What all platforms stand on: how the emulator is set up, one clock, the files that people have
//! sent, and the list of what has changed.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use crate::{
    changes::{Changes, Subject},
    clock::Clock,
    lock::lock,
    media::Album,
};

pub(crate) const CLOCK: Subject = Subject::only("clock");

/// How the emulator is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the router is reachable, without a trailing slash; callback and media URLs start with
    /// it, e.g. `http://127.0.0.1:8788/emulator`.
    pub public_url: String,
    /// How long a skill may take, network included; 5 s on the platform (skill.md §2).
    pub skill_deadline: Duration,
    /// The address, on the page's own origin, of an ES module that fills a tab beside the chat;
    /// none is no such tab. The page calls its `mount(root, {language})` once with an empty element
    /// and `"ko"` or `"en"`, and expects `{title: {ko, en}, update({language})}` or a promise of
    /// it; its `shown()` and `hidden()`, if it has them, are called when the tab comes into view
    /// and leaves it.
    pub panel: Option<String>,
}

impl Options {
    /// The platforms as documented, reachable at `public_url`.
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into(),
            skill_deadline: Duration::from_secs(5),
            panel: None,
        }
    }
}

pub(crate) struct Ground {
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    pub(crate) changes: Changes,
    album: Mutex<Album>,
}

impl Ground {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            album: Mutex::new(Album::new(options.public_url.clone())),
            options,
            clock: Clock::default(),
            changes: Changes::default(),
        }
    }

    pub(crate) fn album(&self) -> MutexGuard<'_, Album> {
        lock(&self.album)
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.changes.mark(CLOCK);
    }
}
