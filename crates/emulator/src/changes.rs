//! What has changed, and in which order. Each subject is listed once, under the revision of its
//! last change, so that a reader who has fallen behind finds only what it has not seen.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Mutex,
};

use tokio::sync::{Notify, futures::Notified};

use crate::lock::lock;

/// Something readers are told of when it changes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Subject {
    /// The name of the event that tells of it.
    pub(crate) event: &'static str,
    /// Which one, where the event tells of one of many.
    pub(crate) id: Option<String>,
}

impl Subject {
    /// A subject of which there is one.
    pub(crate) const fn only(event: &'static str) -> Self {
        Self { event, id: None }
    }

    /// One subject of many.
    pub(crate) fn one(event: &'static str, id: &str) -> Self {
        Self {
            event,
            id: Some(id.to_owned()),
        }
    }
}

#[derive(Default)]
pub(crate) struct Changes {
    log: Mutex<Log>,
    changed: Notify,
}

#[derive(Default)]
struct Log {
    revision: u64,
    subjects: BTreeMap<u64, Subject>,
    last: HashMap<Subject, u64>,
}

impl Changes {
    /// The subject has changed, or will have when the caller lets go of the lock that guards it.
    pub(crate) fn mark(&self, subject: Subject) {
        let mut log = lock(&self.log);
        log.forget(&subject);
        log.revision += 1;
        let revision = log.revision;
        log.subjects.insert(revision, subject.clone());
        log.last.insert(subject, revision);
        drop(log);
        self.changed.notify_waiters();
    }

    /// The subject is gone; readers are not told.
    pub(crate) fn forget(&self, subject: &Subject) {
        lock(&self.log).forget(subject);
    }

    /// The revision of the newest change.
    pub(crate) fn revision(&self) -> u64 {
        lock(&self.log).revision
    }

    /// The oldest change that a reader who has seen `revision` has not.
    pub(crate) fn after(&self, revision: u64) -> Option<(u64, Subject)> {
        let unseen = (Bound::Excluded(revision), Bound::Unbounded);
        let log = lock(&self.log);
        let (revision, subject) = log.subjects.range(unseen).next()?;
        Some((*revision, subject.clone()))
    }

    /// Completes at the next change.
    pub(crate) fn next(&self) -> Notified<'_> {
        self.changed.notified()
    }
}

impl Log {
    fn forget(&mut self, subject: &Subject) {
        if let Some(revision) = self.last.remove(subject) {
            self.subjects.remove(&revision);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_told_of_once_however_often_it_changed() {
        let changes = Changes::default();
        let exchange = |id: &str| Subject::one("exchange", id);
        let bots = Subject::only("bots");
        for subject in [exchange("e1"), bots.clone(), exchange("e1")] {
            changes.mark(subject);
        }
        assert_eq!(changes.after(0), Some((2, bots)));
        assert_eq!(changes.after(2), Some((3, exchange("e1"))));
        assert_eq!(changes.after(3), None);
        changes.forget(&exchange("e1"));
        assert_eq!(changes.after(2), None);
        assert_eq!(changes.revision(), 3);
    }
}
