//! A gate holds one request until a test has done what it wanted to do in the middle of it.

use tokio::sync::{oneshot, watch};

use super::seen::Seen;

/// Where a gate holds the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It has arrived, and the dependency has not seen it. If its sender goes away, it never will.
    Before,
    /// The dependency has answered, and the answer has not gone back.
    After,
}

/// Holds the first request that matches; when the gate is dropped, a request that it holds is
/// dropped too, and later ones pass.
pub struct Gate {
    held: watch::Receiver<Option<Seen>>,
    open: oneshot::Sender<()>,
}

type Matching = Box<dyn Fn(&Seen) -> bool + Send>;

pub(super) struct Hold {
    matching: Matching,
    when: When,
    arrived: watch::Sender<Option<Seen>>,
    opened: oneshot::Receiver<()>,
}

pub(super) fn gate(matching: Matching, when: When) -> (Gate, Hold) {
    let (arrived, held) = watch::channel(None);
    let (open, opened) = oneshot::channel();
    let gate = Gate { held, open };
    (
        gate,
        Hold {
            matching,
            when,
            arrived,
            opened,
        },
    )
}

impl Gate {
    /// Waits until a request stands at the gate.
    pub async fn reached(&self) -> Seen {
        let mut held = self.held.clone();
        let seen = held.wait_for(Option::is_some).await;
        match seen.ok().and_then(|seen| seen.clone()) {
            Some(seen) => seen,
            // The proxy is gone: nothing will ever come.
            None => std::future::pending().await,
        }
    }

    pub fn is_reached(&self) -> bool {
        self.held.borrow().is_some()
    }

    /// Lets the request go on; if none has come yet, none is held.
    pub fn release(self) {
        let _ = self.open.send(());
    }

    /// Never lets the request go on: its sender waits until it gives up.
    pub fn drop_it(self) {
        drop(self);
    }
}

impl Hold {
    /// Whether this request is to be held here.
    pub(super) fn is_for(&mut self, seen: &Seen, when: When) -> bool {
        self.when == when && !self.is_over() && (self.matching)(seen)
    }

    /// Whether its gate was opened or dropped before anything came.
    pub(super) fn is_over(&mut self) -> bool {
        !matches!(
            self.opened.try_recv(),
            Err(oneshot::error::TryRecvError::Empty)
        )
    }

    pub(super) async fn pass(self, seen: Seen) {
        self.arrived.send_replace(Some(seen));
        if self.opened.await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
