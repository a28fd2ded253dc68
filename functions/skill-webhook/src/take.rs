//! A message becomes a turn: it is opened, handed over to the queue, and acknowledged or waited
//! for.

use std::time::Duration;

use kakao::{
    address::{CallbackUrl, MediaUrl},
    skill::{
        payload::Content,
        response::{Response, Surface},
    },
};
use shared::{
    clock::Time,
    keys::random_id,
    message::Message,
    queue::{QueueError, TurnQueue},
    store::Read,
    telemetry::{Metric, count},
    text::Line,
    turn::{Callback, Collected, Conversation, OneUseUrl, Opened, Opening, Slot, TurnRef, Wanted},
};

use crate::{Failure, backlog::Sent, budget, hear, serve::Serving};

impl<Q: TurnQueue> Serving<'_, Q> {
    /// Answers at once if there is a callback, otherwise waits as long as the platform does.
    pub(crate) async fn take(
        &self,
        content: &Content,
        conversation: Read<Conversation>,
    ) -> Result<Response, Failure> {
        let Some(message) = self.with_safe_pictures(hear::message(content)) else {
            return Ok(self.say(Line::RefusedPicture));
        };
        let now = self.webhook.clock.now();
        let turn = random_id()?;
        let slot = self.slot(now);
        let has_the_lane = !conversation.document.is_busy();
        self.progress.mark_perhaps_taken();
        let opened = match self.open(&turn, &message, &slot, conversation, now).await {
            Err(failure) => self.look_for(&turn, failure).await?,
            opened => opened?,
        };
        self.note(&opened);
        match opened {
            Opened::New => {
                if self.hand_over(&turn).await.is_err() {
                    return self.give_back(&turn).await;
                }
                self.progress.mark_taken();
                if has_the_lane {
                    self.webhook.backlog.sent(Sent {
                        conversation: self.key.clone(),
                        turn: turn.clone(),
                        at: now,
                    });
                }
                self.acknowledge_or_wait(&slot, &turn).await
            }
            Opened::UnderWay { turn } => self.acknowledge_or_wait(&slot, &turn).await,
            Opened::Stranded { turn } => {
                if self.hand_over(&turn).await.is_err() {
                    count(Metric::HandOverFailed);
                    return Ok(self.say(Line::StillThinking));
                }
                self.acknowledge_or_wait(&slot, &turn).await
            }
            Opened::Ended { turn } => self.wait_for(&turn).await,
            Opened::OtherSlot | Opened::DoubleTap => Ok(self.say(Line::SentTwice)),
            Opened::Mismatch => {
                count(Metric::RequestMismatch);
                tracing::warn!("a request id or callback URL came again with other content");
                Ok(self.say(Line::TryAgain))
            }
            Opened::Crowded => {
                count(Metric::Busy);
                Ok(self.say(Line::Crowded))
            }
            Opened::Busy => Ok(self.say(Line::OneMoment)),
            Opened::Full => Ok(self.say(Line::TooManyWaiting)),
            Opened::TooFast => Ok(self.say(Line::TooFast)),
        }
    }

    /// The store may have taken a turn and not lived to say so.
    async fn look_for(&self, turn: &str, failure: Failure) -> Result<Opened, Failure> {
        let (turns, now) = (&self.webhook.turns, self.webhook.clock.now());
        match turns.read(self.key, now).await {
            Ok(read) if read.document.is_open(turn) => Ok(Opened::New),
            Ok(_) => {
                self.progress.mark_not_taken();
                Err(failure)
            }
            Err(_) => Err(failure),
        }
    }

    /// A new turn is taken for certain only once it is handed over.
    fn note(&self, opened: &Opened) {
        match opened {
            Opened::New => {}
            Opened::UnderWay { .. }
            | Opened::Stranded { .. }
            | Opened::Ended { .. }
            | Opened::OtherSlot
            | Opened::DoubleTap => self.progress.mark_taken(),
            Opened::Mismatch | Opened::Busy | Opened::Full | Opened::TooFast | Opened::Crowded => {
                self.progress.mark_not_taken();
            }
        }
    }

    async fn open(
        &self,
        turn: &str,
        message: &Message,
        slot: &Slot,
        conversation: Read<Conversation>,
        now: Time,
    ) -> Result<Opened, Failure> {
        let (webhook, incoming) = (self.webhook, self.incoming);
        let speaker = self.call.speaker.to_string();
        let (keys, slot_key) = self.request_keys();
        let opening = Opening {
            turn,
            session: &random_id()?,
            scope: self.scope,
            group: self.is_group(),
            message,
            received: incoming.received,
            now,
            opener_ends: incoming.received + budget::HARD_STOP,
            slot,
            unanswered: &Line::AgentTooSlow
                .in_language(incoming.account.locale)
                .into(),
            keys: &keys,
            slot_key: slot_key.as_deref(),
            fingerprint: &self.fingerprint(message),
            speaker: &webhook.keys.digest(&["speaker", &speaker]),
            concurrency: incoming.account.concurrency,
            crowded: self.crowded,
        };
        let opened = webhook
            .turns
            .open(self.key, conversation, &opening, self.admitted);
        Ok(opened.await?)
    }

    async fn acknowledge_or_wait(&self, slot: &Slot, turn: &str) -> Result<Response, Failure> {
        match slot {
            Slot::Callback(_) => {
                count(Metric::Acknowledged);
                Ok(kakao_channel::acknowledge(self.incoming.account.locale))
            }
            Slot::Response { .. } | Slot::Closed => self.wait_for(turn).await,
        }
    }

    /// Waits for the answer to a turn, and shows it, or whatever else there is to say.
    async fn wait_for(&self, turn: &str) -> Result<Response, Failure> {
        self.wait_while(|conversation, _| conversation.is_open(turn))
            .await?;
        let collected = self.hand_out(Wanted::Answer { turn }).await?;
        if matches!(collected, Collected::Answer { .. }) {
            count(Metric::AnsweredInTime);
        }
        // Nothing is left of what was delivered.
        Ok(self.present(collected, Line::SentTwice))
    }

    /// The callback URL, if there is one that can be trusted; otherwise the response.
    fn slot(&self, opened: Time) -> Slot {
        let response = Slot::Response {
            until: self.incoming.received + budget::WAIT_FOR_ANSWER,
        };
        let Some(url) = &self.call.callback_url else {
            return response;
        };
        if let Err(refused) = CallbackUrl::parse(url, &self.webhook.callback_hosts) {
            count(Metric::RefusedUrl);
            tracing::warn!(%refused, "a callback URL is not used");
            return response;
        }
        Slot::Callback(callback(
            url,
            self.call.surface,
            self.incoming.received,
            opened,
        ))
    }

    /// The message with those of its pictures that are on the channel's own media hosts: only they
    /// are ever fetched. `None` if it had pictures and none of them is.
    fn with_safe_pictures(&self, mut message: Message) -> Option<Message> {
        let had_pictures = !message.images.is_empty();
        message.images.retain(
            |url| match MediaUrl::parse(url, &self.webhook.extra_origins) {
                Ok(_) => true,
                Err(refused) => {
                    count(Metric::RefusedUrl);
                    tracing::warn!(%refused, "a picture is not taken");
                    false
                }
            },
        );
        let all_refused = had_pictures && message.images.is_empty();
        (!all_refused).then_some(message)
    }

    async fn hand_over(&self, turn: &str) -> Result<(), QueueError> {
        // The acknowledgement leaves within this at the latest.
        let acknowledged = self.webhook.clock.now() + budget::HAND_OVER;
        let sent = self.send(turn, Some(acknowledged + budget::SETTLE)).await;
        sent.inspect_err(|error| tracing::error!(%error, "a turn was not handed over"))
    }

    /// Hands a turn over again that nobody holds though somebody should. Best effort: the next
    /// message tries again.
    pub(crate) async fn send_for(&self, stalled: Option<String>) {
        let Some(turn) = stalled else { return };
        if let Err(error) = self.send(&turn, None).await {
            tracing::warn!(%error, "a stalled turn was not handed over again");
        }
    }

    async fn send(&self, turn: &str, earliest: Option<Time>) -> Result<(), QueueError> {
        let webhook = self.webhook;
        let turn = TurnRef {
            scope: self.scope.clone(),
            group: self.is_group(),
            conversation: self.key.clone(),
            turn: turn.to_owned(),
            earliest,
        };
        let until = webhook.clock.now() + budget::HAND_OVER;
        let sending = webhook.queue.send(&turn, Duration::ZERO);
        let sent = webhook.clock.before(until, sending).await;
        sent.unwrap_or_else(|| Err(QueueError::timed_out()))
    }

    /// Not handed over, so not acknowledged: the person is asked to try again, and the turn is
    /// taken back (F-18).
    async fn give_back(&self, turn: &str) -> Result<Response, Failure> {
        count(Metric::HandOverFailed);
        self.webhook
            .turns
            .abandon(self.key, turn, self.webhook.clock.now())
            .await?;
        self.progress.mark_not_taken();
        Ok(self.say(Line::TryAgain))
    }

    /// What makes this request unique: the platform's request id, and its one-use URL, which is
    /// also given by itself.
    fn request_keys(&self) -> (Vec<String>, Option<String>) {
        let digest = |kind: &str, value: &str| self.webhook.keys.digest(&["request", kind, value]);
        let id = self.incoming.request_id.filter(|id| !id.is_empty());
        let url = self.call.callback_url.as_deref();
        let slot_key = url.map(|url| digest("callback", url));
        let id = id.map(|id| digest("id", id));
        (id.into_iter().chain(slot_key.clone()).collect(), slot_key)
    }

    /// What was said, by whom: two of the same right after one another are a double tap.
    fn fingerprint(&self, message: &Message) -> String {
        let said = serde_json::to_string(message).unwrap_or_default();
        self.webhook
            .keys
            .digest(&["fingerprint", &self.call.speaker.to_string(), &said])
    }
}

/// What a callback allows whose message came and became a turn at these times.
fn callback(url: &str, surface: Surface, received: Time, opened: Time) -> Callback {
    let window = match surface {
        Surface::Channel => budget::CALLBACK_WINDOW,
        Surface::Group => budget::GROUP_CALLBACK_WINDOW,
    };
    Callback {
        url: OneUseUrl::new(url),
        earliest: opened + budget::ACKNOWLEDGED + budget::SETTLE,
        latest: received + window,
        posts_left: budget::CALLBACK_POSTS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_not_posted_before_the_acknowledgement_has_settled() {
        let received = Time::from_millis(1_800_000_000_000);
        let opened = received + Duration::from_millis(300);
        let callback = callback("https://callback/t1", Surface::Channel, received, opened);
        assert_eq!(callback.earliest, opened + Duration::from_millis(2_400));
    }

    #[test]
    fn f26_a_callback_is_used_within_fifty_seconds_and_in_a_group_within_four_minutes_and_fifty() {
        let received = Time::from_millis(1_800_000_000_000);
        for (surface, window) in [(Surface::Channel, 50), (Surface::Group, 290)] {
            let callback = callback("https://callback/t1", surface, received, received);
            assert_eq!(callback.latest, received + Duration::from_secs(window));
        }
    }
}
