//! How a conversation and a turn are called outside their document: in the table and in the queue.

use serde::{Deserialize, Serialize, de::Error as _};

use crate::{
    clock::Time,
    identity::{Scope, SenderId},
    keys::KeyRing,
    store::PrimaryKey,
};

/// The sort key of conversations.
pub(super) const SORT: &str = "conversation";

/// The form of [`TurnRef`] in the queue; another one gets another number.
const VERSION: u8 = 1;

/// A conversation's name: a keyed digest of channel, account and sender.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationKey(String);

/// Which turn, not what was said (F-84).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnRef {
    pub scope: Scope,
    /// Whether many people read the answer: a group chat has no quick replies.
    pub group: bool,
    pub conversation: ConversationKey,
    pub turn: String,
    /// From when the callback takes an answer, as far as the function knows that acknowledges the
    /// message; nothing if somebody else hands the turn over. What the callback says was stored
    /// before the hand-over, and allows for a slower one: the sooner of the two counts.
    pub earliest: Option<Time>,
}

/// A [`TurnRef`] as the queue carries it.
#[derive(Serialize, Deserialize)]
struct Body<T> {
    v: u8,
    #[serde(flatten)]
    turn: T,
}

impl ConversationKey {
    pub fn new(keys: &KeyRing, scope: &Scope, sender: &SenderId) -> Self {
        Self(keys.digest(&[
            "conversation",
            scope.channel.as_str(),
            scope.account.as_str(),
            &sender.to_string(),
        ]))
    }

    pub(super) fn stored_under(partition: String) -> Self {
        Self(partition)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn primary(&self) -> PrimaryKey {
        PrimaryKey::new(self.as_str(), SORT)
    }
}

impl TurnRef {
    /// The body of a queue message.
    pub fn to_body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Body {
            v: VERSION,
            turn: self,
        })
    }

    pub fn from_body(body: &str) -> Result<Self, serde_json::Error> {
        let Body { v, turn } = serde_json::from_str(body)?;
        if v == VERSION {
            Ok(turn)
        } else {
            Err(serde_json::Error::custom(format!(
                "version {v} of a turn is not known"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{AccountId, Channel};

    fn turn() -> TurnRef {
        TurnRef {
            scope: Scope {
                channel: Channel::Kakao,
                account: AccountId::default(),
            },
            group: false,
            conversation: ConversationKey::stored_under("c".to_owned()),
            turn: "t".to_owned(),
            earliest: Some(Time::from_millis(1)),
        }
    }

    #[test]
    fn a_turn_in_the_queue_says_which_form_it_has() {
        let body = turn().to_body().unwrap();
        insta::assert_snapshot!(body, @r#"{"v":1,"scope":{"channel":"kakao","account":"default"},"group":false,"conversation":"c","turn":"t","earliest":1}"#);
        assert_eq!(TurnRef::from_body(&body).unwrap(), turn());
    }

    #[test]
    fn a_form_that_is_not_known_is_no_turn() {
        let body = turn().to_body().unwrap();
        for other in [
            body.replace("\"v\":1", "\"v\":2"),
            body.replace("\"v\":1,", ""),
        ] {
            assert!(TurnRef::from_body(&other).is_err(), "{other}");
        }
    }
}
