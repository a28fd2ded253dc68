//! The turns table: where conversations lie, and each step of a turn as one change of its document.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::Client;
use reply::Reply;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Collected, Conversation, Finished, OneUseUrl, Opened, Opening, PostResult, Posted,
    Renewed, Replaced, Status, Step,
};
use crate::{
    access::Admitted,
    clock::Time,
    identity::{Scope, SenderId},
    keys::KeyRing,
    store::{Documents, PrimaryKey, Read, StoreError},
    telemetry::{Metric, count},
};

const SORT: &str = "conversation";

/// A conversation's name: a keyed digest of channel, account and sender.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationKey(String);

impl ConversationKey {
    pub fn new(keys: &KeyRing, scope: &Scope, sender: &SenderId) -> Self {
        Self(keys.digest(&[
            "conversation",
            scope.channel.as_str(),
            scope.account.as_str(),
            &sender.to_string(),
        ]))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn primary(&self) -> PrimaryKey {
        PrimaryKey::new(self.as_str(), SORT)
    }
}

/// What the queue carries: which turn, not what was said (F-84).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnRef {
    pub scope: Scope,
    /// Whether many people read the answer: a group chat has no quick replies.
    #[serde(default)]
    pub group: bool,
    pub conversation: ConversationKey,
    pub turn: String,
    /// When the skill function that opened it began to hand it over; its acknowledgement follows
    /// within [`super::budget::HAND_OVER`]. Nothing if somebody else hands it over.
    pub handed_over: Option<Time>,
}

#[derive(Clone, Debug)]
pub struct Turns {
    documents: Documents,
    keys: Arc<KeyRing>,
}

impl Turns {
    pub fn new(client: Client, table: String, keys: Arc<KeyRing>) -> Self {
        Self {
            documents: Documents::new(client, table, "turns", keys.clone()),
            keys,
        }
    }

    /// Whether a conversation is the one of this sender, or of this room.
    pub fn is_of(&self, key: &ConversationKey, scope: &Scope, sender: &SenderId) -> bool {
        *key == ConversationKey::new(&self.keys, scope, sender)
    }

    /// Other small documents in the table of conversations, sealed to `purpose`.
    pub fn beside(&self, purpose: &'static str) -> Documents {
        self.documents.beside(purpose)
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
            let opened = conversation.open(opening, admitted);
            (opened, conversation.expired())
        };
        let primary = key.primary();
        let opened = self
            .documents
            .change_from(read, &primary, opening.now, open);
        let (opened, expired) = opened.await?;
        (0..expired).for_each(|_| count(Metric::Expired));
        Ok(opened)
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

    pub async fn collect<P>(
        &self,
        key: &ConversationKey,
        now: Time,
        mut page: impl FnMut(&Reply) -> (P, Option<Reply>),
        _: &Admitted,
    ) -> Result<Collected<P>, StoreError> {
        self.change(key, now, |conversation| {
            conversation.collect(now, &mut page)
        })
        .await
    }

    pub async fn collect_answer<P>(
        &self,
        key: &ConversationKey,
        turn: &str,
        now: Time,
        mut page: impl FnMut(&Reply) -> (P, Option<Reply>),
        _: &Admitted,
    ) -> Result<Collected<P>, StoreError> {
        self.change(key, now, |conversation| {
            conversation.collect_answer(turn, now, &mut page)
        })
        .await
    }

    pub async fn collect_more<P>(
        &self,
        key: &ConversationKey,
        now: Time,
        mut page: impl FnMut(&Reply) -> (P, Option<Reply>),
        _: &Admitted,
    ) -> Result<Collected<P>, StoreError> {
        self.change(key, now, |conversation| {
            conversation.collect_more(now, &mut page)
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

    pub async fn status(&self, key: &ConversationKey, now: Time) -> Result<Status, StoreError> {
        Ok(self.read(key, now).await?.document.status(now))
    }

    /// Everything about the conversation goes; a worker still at it finds nothing to write to.
    pub async fn forget(&self, key: &ConversationKey) -> Result<(), StoreError> {
        self.documents.delete(&key.primary()).await
    }

    pub async fn claim(&self, turn: &TurnRef, owner: &str, now: Time) -> Result<Step, StoreError> {
        self.change(&turn.conversation, now, |conversation| {
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
    ) -> Result<Option<OneUseUrl>, StoreError> {
        self.change(&turn.conversation, now, |conversation| {
            conversation.spend_slot(&turn.turn, owner, now)
        })
        .await
    }

    pub async fn drop_replaced(
        &self,
        turn: &TurnRef,
        now: Time,
    ) -> Result<Option<Replaced>, StoreError> {
        self.change(&turn.conversation, now, |conversation| {
            conversation.drop_replaced(&turn.turn, now)
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
        self.change(&turn.conversation, now, |conversation| {
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
            let conversation = ConversationKey(partition);
            let document = self.read(&conversation, now).await?.document;
            let Some(scope) = document.scope() else {
                continue;
            };
            unfinished.extend(document.unfinished().map(|turn| TurnRef {
                scope: scope.clone(),
                group: document.is_group(),
                conversation: conversation.clone(),
                turn: turn.to_owned(),
                handed_over: None,
            }));
        }
        Ok(unfinished)
    }

    async fn change<T>(
        &self,
        key: &ConversationKey,
        now: Time,
        mut change: impl FnMut(&mut Conversation) -> T,
    ) -> Result<T, StoreError> {
        let (output, expired) = self
            .documents
            .change(&key.primary(), now, |conversation: &mut Conversation| {
                let output = change(conversation);
                (output, conversation.expired())
            })
            .await?;
        (0..expired).for_each(|_| count(Metric::Expired));
        Ok(output)
    }
}
