//! What an admitted sender gets: a command's answer, a held answer, or a turn with the agent.

use std::time::Duration;

use shared::{
    access::Admitted,
    clock::Time,
    http::{CallbackUrl, MediaUrl},
    identity::Scope,
    kakao::skill::{
        answer,
        payload::{Kind, SkillCall},
        render::Page,
        response::{Response, Surface},
    },
    keys::random_id,
    message::Message,
    queue::{QueueError, TurnQueue},
    reply::Reply,
    store::Read,
    telemetry::{Metric, count},
    text::{Command, Line},
    turn::{
        Collected, Conversation, ConversationKey, OneUseUrl, Opened, Opening, Slot, TurnRef, budget,
    },
};

use crate::{Failure, Incoming, SkillWebhook, backlog::Sent};

pub(crate) struct Serving<'a, Q> {
    pub(crate) webhook: &'a SkillWebhook<Q>,
    pub(crate) incoming: &'a Incoming<'a>,
    pub(crate) call: &'a SkillCall,
    pub(crate) scope: &'a Scope,
    pub(crate) key: &'a ConversationKey,
    pub(crate) admitted: &'a Admitted,
    /// New turns would wait in the queue for too long.
    pub(crate) crowded: bool,
}

impl<Q: TurnQueue> Serving<'_, Q> {
    pub(crate) async fn serve(
        &self,
        conversation: Read<Conversation>,
    ) -> Result<Response, Failure> {
        let now = self.webhook.clock.now();
        let stalled = conversation.document.stalled(now).map(str::to_owned);
        let has_more = conversation.document.has_more(now);
        let answering = async {
            match &self.call.kind {
                Kind::Message(message) => match Command::parse(&message.text) {
                    // People say it to the agent, too.
                    Some(Command::More) if !has_more => self.take(message, conversation).await,
                    Some(command) => self.obey(command).await,
                    None => self.take(message, conversation).await,
                },
                Kind::Event { .. } => self.collect(Line::News).await,
                Kind::Welcome => Ok(self.say(Line::Welcome)),
                Kind::UnsupportedMedia { media } => {
                    count(Metric::UnknownKind);
                    tracing::info!(%media, "a message of a kind we cannot read");
                    Ok(self.say(Line::UnsupportedMedia))
                }
                Kind::SkillTest => Ok(self.say(Line::SkillTest)),
                Kind::BotTest => Ok(self.say(Line::BotTest)),
            }
        };
        let (answer, ()) = tokio::join!(answering, self.send_for(stalled));
        answer
    }

    async fn obey(&self, command: Command) -> Result<Response, Failure> {
        let turns = &self.webhook.turns;
        let now = self.webhook.clock.now();
        match command {
            Command::Help => Ok(self.say(Line::Help)),
            Command::Collect => {
                self.wait_while(|conversation, now| {
                    conversation.status(now).held == 0 && conversation.unfinished().next().is_some()
                })
                .await?;
                self.collect(Line::NothingToCollect).await
            }
            Command::More => {
                let collected = turns
                    .collect_more(self.key, now, |reply| self.page(reply), self.admitted)
                    .await?;
                Ok(self.present(collected, Line::NothingToCollect))
            }
            Command::New => {
                turns.begin_session(self.key, &random_id()?, now).await?;
                Ok(self.say(Line::NewSession))
            }
            Command::Status => {
                let status = turns.status(self.key, now).await?;
                Ok(self.say(Line::Status { status, now }))
            }
            // A room is let in as a whole: one member must not lock the others out.
            Command::Forget if self.is_group() => {
                turns.forget(self.key).await?;
                Ok(self.say(Line::ForgottenRoom))
            }
            Command::Forget => {
                turns.forget(self.key).await?;
                self.webhook
                    .access
                    .forget(self.scope, self.admitted.sender(), now)
                    .await?;
                Ok(self.say(Line::Forgotten))
            }
        }
    }

    /// Opens a turn and hands it over; answers at once if there is a callback, otherwise waits as
    /// long as the platform does.
    async fn take(
        &self,
        message: &Message,
        conversation: Read<Conversation>,
    ) -> Result<Response, Failure> {
        let Some(message) = self.with_safe_pictures(message) else {
            return Ok(self.say(Line::RefusedPicture));
        };
        let slot = self.slot();
        let (turn, session) = (random_id()?, random_id()?);
        let (keys, slot_key) = self.request_keys();
        let opening = Opening {
            turn: &turn,
            session: &session,
            scope: self.scope,
            group: self.is_group(),
            message: &message,
            received: self.incoming.received,
            now: self.webhook.clock.now(),
            slot: &slot,
            keys: &keys,
            slot_key: slot_key.as_deref(),
            fingerprint: &self.fingerprint(&message),
            speaker: &self
                .webhook
                .keys
                .digest(&["speaker", &self.call.speaker.to_string()]),
            concurrency: self.incoming.account.concurrency,
            crowded: self.crowded,
        };
        let is_next = conversation.document.unfinished().next().is_none();
        let opened = self
            .webhook
            .turns
            .open(self.key, conversation, &opening, self.admitted)
            .await?;
        let turn = match opened {
            Opened::New => {
                if self.hand_over(&turn).await.is_err() {
                    return self.give_back(&turn).await;
                }
                if is_next {
                    self.webhook.backlog.sent(Sent {
                        conversation: self.key.clone(),
                        turn: turn.clone(),
                        at: opening.now,
                    });
                }
                turn
            }
            Opened::DoubleTap
            | Opened::Again {
                same_slot: false, ..
            } => return Ok(self.say(Line::SentTwice)),
            Opened::Again {
                turn,
                stranded: true,
                ..
            } => {
                if self.hand_over(&turn).await.is_err() {
                    count(Metric::HandOverFailed);
                    return Ok(self.say(Line::TryAgain));
                }
                turn
            }
            Opened::Again {
                turn, open: false, ..
            } => return self.wait_for(&turn).await,
            Opened::Again { turn, .. } => turn,

            Opened::Mismatch => {
                count(Metric::RequestMismatch);
                tracing::warn!("a request id or callback URL came again with other content");
                return Ok(self.say(Line::TryAgain));
            }
            Opened::Crowded => {
                count(Metric::Busy);
                return Ok(self.say(Line::Crowded));
            }
            Opened::Busy => return Ok(self.say(Line::OneMoment)),
            Opened::Full => return Ok(self.say(Line::TooManyWaiting)),
            Opened::TooFast => return Ok(self.say(Line::TooFast)),
        };
        match slot {
            Slot::Callback { .. } => {
                count(Metric::Acknowledged);
                Ok(answer::acknowledge(self.incoming.account.locale))
            }
            Slot::Closed => self.wait_for(&turn).await,
        }
    }

    /// The callback URL, if there is one that can be trusted and still has time.
    fn slot(&self) -> Slot {
        let Some(url) = &self.call.callback_url else {
            return Slot::Closed;
        };
        if let Err(refused) = CallbackUrl::parse(url, &self.webhook.callback_hosts) {
            count(Metric::RefusedUrl);
            tracing::warn!(%refused, "a callback URL is not used");
            return Slot::Closed;
        }
        let window = match self.call.surface {
            Surface::Channel => budget::CALLBACK_WINDOW,
            Surface::Group => budget::GROUP_CALLBACK_WINDOW,
        };
        Slot::Callback {
            url: OneUseUrl::new(url),
            due: self.incoming.received + window,
        }
    }

    /// Only the channel's own media hosts are ever fetched from. `None` if nothing else was sent.
    fn with_safe_pictures(&self, message: &Message) -> Option<Message> {
        let mut safe = message.clone();
        safe.images.retain(
            |url| match MediaUrl::parse(url, &self.webhook.extra_origins) {
                Ok(_) => true,
                Err(refused) => {
                    count(Metric::RefusedUrl);
                    tracing::warn!(%refused, "a picture is not taken");
                    false
                }
            },
        );
        let all_refused = !message.images.is_empty() && safe.images.is_empty();
        (!all_refused).then_some(safe)
    }

    async fn hand_over(&self, turn: &str) -> Result<(), QueueError> {
        let sent = self.send(turn, Some(self.webhook.clock.now())).await;
        sent.inspect_err(|error| tracing::error!(%error, "a turn was not handed over"))
    }

    /// A turn that nobody holds though somebody should. Best effort: the next message tries again.
    async fn send_for(&self, stalled: Option<String>) {
        let Some(turn) = stalled else { return };
        if let Err(error) = self.send(&turn, None).await {
            tracing::warn!(%error, "a stalled turn was not handed over again");
        }
    }

    async fn send(&self, turn: &str, handed_over: Option<Time>) -> Result<(), QueueError> {
        let webhook = self.webhook;
        let turn = TurnRef {
            scope: self.scope.clone(),
            group: self.is_group(),
            conversation: self.key.clone(),
            turn: turn.to_owned(),
            handed_over,
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
        Ok(self.say(Line::TryAgain))
    }

    /// Waits for the answer to a turn, and shows it, or whatever else there is to say.
    async fn wait_for(&self, turn: &str) -> Result<Response, Failure> {
        self.wait_while(|conversation, _| {
            conversation.is_open(turn) && !conversation.was_replaced(turn)
        })
        .await?;
        let collected = self
            .webhook
            .turns
            .collect_answer(
                self.key,
                turn,
                self.webhook.clock.now(),
                |reply| self.page(reply),
                self.admitted,
            )
            .await?;
        if matches!(collected, Collected::Answer { .. }) {
            count(Metric::AnsweredInTime);
        }
        Ok(self.present(collected, Line::NothingToCollect))
    }

    /// Looks at the conversation until there is nothing to wait for, or the platform would not wait
    /// any longer.
    async fn wait_while(&self, waits: impl Fn(&Conversation, Time) -> bool) -> Result<(), Failure> {
        let webhook = self.webhook;
        let until = self.incoming.received + budget::WAIT_FOR_ANSWER;
        let mut pause = budget::LOOK_AGAIN;
        loop {
            let now = webhook.clock.now();
            let conversation = webhook.turns.read(self.key, now).await?.document;
            if now >= until || !waits(&conversation, now) {
                return Ok(());
            }
            webhook.clock.sleep_until(until.min(now + pause)).await;
            pause += budget::LOOK_AGAIN;
        }
    }

    async fn collect(&self, otherwise: Line<'_>) -> Result<Response, Failure> {
        let collected = self
            .webhook
            .turns
            .collect(
                self.key,
                self.webhook.clock.now(),
                |reply| self.page(reply),
                self.admitted,
            )
            .await?;
        Ok(self.present(collected, otherwise))
    }

    fn present(&self, collected: Collected<Page>, otherwise: Line<'_>) -> Response {
        let account = self.incoming.account;
        match collected {
            Collected::Answer {
                page,
                waiting,
                more,
            } => {
                count(Metric::Collected);
                answer::present(page, waiting, more, account)
            }
            Collected::Thinking => self.say(Line::StillThinking),
            Collected::Replaced => self.say(Line::Replaced),
            Collected::Nothing => self.say(otherwise),
        }
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

    fn page(&self, reply: &Reply) -> (Page, Option<Reply>) {
        answer::page(
            reply,
            self.incoming.account,
            self.call.surface,
            &self.webhook.extra_origins,
        )
    }

    fn is_group(&self) -> bool {
        self.call.surface == Surface::Group
    }

    fn say(&self, line: Line<'_>) -> Response {
        answer::line(line, self.incoming.account, self.call.surface)
    }
}
