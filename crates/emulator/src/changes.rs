//! What has changed, in which order: each subject once, under the revision of its last change, so
//! that a reader who is behind finds only what it has not seen.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
};

/// Something a reader may be told about again.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Subject {
    Bots,
    Faults,
    Clock,
    /// The exchange of this id.
    Exchange(String),
}

#[derive(Default)]
pub(crate) struct Changes {
    revision: u64,
    log: BTreeMap<u64, Subject>,
    last: HashMap<Subject, u64>,
}

impl Changes {
    pub(crate) fn mark(&mut self, subject: Subject) {
        self.forget(&subject);
        self.revision += 1;
        self.log.insert(self.revision, subject.clone());
        self.last.insert(subject, self.revision);
    }

    pub(crate) fn forget(&mut self, subject: &Subject) {
        if let Some(revision) = self.last.remove(subject) {
            self.log.remove(&revision);
        }
    }

    /// The revision of the newest change.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The oldest change that a reader who has seen `revision` has not.
    pub(crate) fn after(&self, revision: u64) -> Option<(u64, Subject)> {
        let unseen = (Bound::Excluded(revision), Bound::Unbounded);
        let (revision, subject) = self.log.range(unseen).next()?;
        Some((*revision, subject.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_told_of_once_however_often_it_changed() {
        let mut changes = Changes::default();
        let exchange = |id: &str| Subject::Exchange(id.to_owned());
        for subject in [exchange("e1"), Subject::Bots, exchange("e1")] {
            changes.mark(subject);
        }
        assert_eq!(changes.after(0), Some((2, Subject::Bots)));
        assert_eq!(changes.after(2), Some((3, exchange("e1"))));
        assert_eq!(changes.after(3), None);
        changes.forget(&exchange("e1"));
        assert_eq!(changes.after(2), None);
        assert_eq!(changes.revision(), 3);
    }
}
