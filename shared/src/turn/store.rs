//! The turns table: where conversations lie, and each step of a turn as one change of its document.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::Client;
use reply::Reply;

use super::{
    collect::{Collected, Showing, Wanted},
    conversation::Conversation,
    opening::{Opened, Opening},
    reference::{ConversationKey, SORT, TurnRef},
    slot::Callback,
    step::{Answer, Finished, PostResult, Posted, Renewed, Step},
};
use crate::{
    access::Admitted,
    clock::Time,
    identity::{Scope, SenderId},
    keys::KeyRing,
    store::{Document, Documents, Read, StoreError},
    telemetry::{Metric, count_many},
};

#[derive(Clone, Debug)]
pub struct Turns {
    documents: Documents<Conversation>,
    keys: Arc<KeyRing>,
}

impl Turns {
    pub fn new(client: Client, table: String, keys: Arc<KeyRing>) -> Self {
        Self {
            documents: Documents::new(client, table, keys.clone()),
            keys,
        }
    }

    /// Whether a conversation is the one of this sender, or of this room.
    pub fn is_of(&self, key: &ConversationKey, scope: &Scope, sender: &SenderId) -> bool {
        *key == ConversationKey::new(&self.keys, scope, sender)
    }

    /// Other small documents in the table of conversations.
    pub fn beside<D: Document>(&self) -> Documents<D> {
        self.documents.beside()
    }

    pub async fn read(
        &self,
        key: &ConversationKey,
        now: Time,
    ) -> Result<Read<Conversation>, StoreError> {
        self.documents.read(&key.primary(), now).await
    }

    /// Takes a message in, on a conversation that was just read.
    pub async fn open(
        &self,
        key: &ConversationKey,
        read: Read<Conversation>,
        opening: &Opening<'_>,
        admitted: &Admitted,
    ) -> Result<Opened, StoreError> {
        let open = |conversation: &mut Conversation| {
            let expired = conversation.tidy(opening.now);
            (conversation.open(opening, admitted), expired)
        };
        let key = key.primary();
        let opened = self.documents.change_from(read, &key, opening.now, open);
        Ok(count_expired(opened.await?))
    }

    pub async fn abandon(
        &self,
        key: &ConversationKey,
        turn: &str,
        now: Time,
    ) -> Result<(), StoreError> {
        self.change(key, now, |conversation| conversation.abandon(turn))
            .await
    }

    /// Hands out what is wanted, cut by `page` into what is shown now and what is kept.
    pub async fn collect<P>(
        &self,
        key: &ConversationKey,
        wanted: Wanted<'_>,
        now: Time,
        mut page: impl FnMut(Showing<'_>) -> (P, Option<Reply>),
        _: &Admitted,
    ) -> Result<Collected<P>, StoreError> {
        self.change_tidied(key, now, |conversation| {
            conversation.collect(wanted, now, &mut page)
        })
        .await
    }

    pub async fn begin_session(
        &self,
        key: &ConversationKey,
        session: &str,
        now: Time,
    ) -> Result<(), StoreError> {
        self.change(key, now, |conversation| {
            conversation.begin_session(session, now);
        })
        .await
    }

    /// Everything about the conversation goes; a worker still at it finds no turn of its own.
    pub async fn forget(&self, key: &ConversationKey) -> Result<(), StoreError> {
        self.documents.delete(&key.primary()).await
    }

    pub async fn claim(&self, turn: &TurnRef, owner: &str, now: Time) -> Result<Step, StoreError> {
        self.change_tidied(&turn.conversation, now, |conversation| {
            conversation.claim(&turn.turn, owner, now)
        })
        .await
    }

    pub async fn renew(
        &self,
        turn: &TurnRef,
        owner: &str,
        now: Time,
    ) -> Result<Renewed, StoreError> {
        self.change(&turn.conversation, now, |conversation| {
            conversation.renew(&turn.turn, owner, now)
        })
        .await
    }

    pub async fn spend_slot(
        &self,
        turn: &TurnRef,
        owner: &str,
        now: Time,
    ) -> Result<Option<Callback>, StoreError> {
        self.change(&turn.conversation, now, |conversation| {
            conversation.spend_slot(&turn.turn, owner, now)
        })
        .await
    }

    pub async fn finish_replaced(
        &self,
        turn: &TurnRef,
        owner: &str,
        sentence: &Reply,
        now: Time,
        keep: Duration,
    ) -> Result<Finished, StoreError> {
        self.change_tidied(&turn.conversation, now, |conversation| {
            conversation.finish_replaced(&turn.turn, owner, sentence, now, keep)
        })
        .await
    }

    pub async fn finish(
        &self,
        turn: &TurnRef,
        owner: &str,
        answer: &Answer,
        now: Time,
        keep: Duration,
    ) -> Result<Finished, StoreError> {
        self.change_tidied(&turn.conversation, now, |conversation| {
            conversation.finish(&turn.turn, owner, answer, now, keep)
        })
        .await
    }

    pub async fn posted(
        &self,
        turn: &TurnRef,
        owner: &str,
        result: PostResult,
        rest: Option<&Reply>,
        now: Time,
        keep: Duration,
    ) -> Result<Posted, StoreError> {
        let posted = |conversation: &mut Conversation| {
            conversation.posted(&turn.turn, owner, result, rest.cloned(), now, keep)
        };
        self.change(&turn.conversation, now, posted).await
    }

    /// The turns nobody finished, of all conversations: to be handed over again after a restart.
    /// Reads the whole table.
    pub async fn unfinished(&self, now: Time) -> Result<Vec<TurnRef>, StoreError> {
        let mut unfinished = Vec::new();
        for partition in self.documents.partitions(SORT).await? {
            let conversation = ConversationKey::stored_under(partition);
            let document = self.read(&conversation, now).await?.document;
            unfinished.extend(document.unfinished().map(|(chat, turn)| TurnRef {
                scope: chat.scope.clone(),
                group: chat.group,
                conversation: conversation.clone(),
                turn: turn.to_owned(),
                earliest: None,
            }));
        }
        Ok(unfinished)
    }

    async fn change<T>(
        &self,
        key: &ConversationKey,
        now: Time,
        change: impl FnMut(&mut Conversation) -> T,
    ) -> Result<T, StoreError> {
        self.documents.change(&key.primary(), now, change).await
    }

    /// A change that drops what is over, as all do that look at the whole conversation. Dropped
    /// here, it can be counted.
    async fn change_tidied<T>(
        &self,
        key: &ConversationKey,
        now: Time,
        mut change: impl FnMut(&mut Conversation) -> T,
    ) -> Result<T, StoreError> {
        let change = |conversation: &mut Conversation| {
            let expired = conversation.tidy(now);
            (change(conversation), expired)
        };
        Ok(count_expired(self.change(key, now, change).await?))
    }
}

/// Counts the turns that ended unanswered, once the change that ended them is stored.
fn count_expired<T>((output, expired): (T, usize)) -> T {
    if expired > 0 {
        count_many(Metric::Expired, expired as u64);
    }
    output
}
