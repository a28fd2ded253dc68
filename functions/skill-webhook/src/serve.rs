//! What an admitted sender gets: a command's answer, a held answer, or a turn with the agent.

use kakao::skill::{
    payload::{Content, Kind, SkillCall},
    render::Page,
    response::{Response, Surface},
};
use kakao_channel::WaysOn;
use reply::Reply;
use shared::{
    access::Admitted,
    clock::Time,
    identity::Scope,
    keys::random_id,
    queue::TurnQueue,
    store::{Read, StoreError},
    telemetry::{Metric, count},
    text::{Command, Line},
    turn::{Collected, Conversation, ConversationKey, Showing, Wanted},
};

use crate::{Failure, Incoming, SkillWebhook, budget, progress::Progress};

pub(crate) struct Serving<'a, Q> {
    pub(crate) webhook: &'a SkillWebhook<Q>,
    pub(crate) incoming: &'a Incoming<'a>,
    pub(crate) call: &'a SkillCall,
    pub(crate) inbound: Inbound<'a>,
    pub(crate) scope: &'a Scope,
    pub(crate) key: &'a ConversationKey,
    pub(crate) admitted: &'a Admitted,
    /// New turns would wait in the queue for too long.
    pub(crate) crowded: bool,
    pub(crate) progress: &'a Progress,
}

/// What a person did; the console's tests are answered before anybody is let in.
#[derive(Clone, Copy)]
pub(crate) enum Inbound<'a> {
    Message(&'a Content),
    Event,
    Welcome,
    UnsupportedMedia { media: &'a str },
}

impl<'a> Inbound<'a> {
    /// Or what a test of the console is told.
    pub(crate) fn of(kind: &'a Kind) -> Result<Self, Line<'static>> {
        match kind {
            Kind::SkillTest => Err(Line::SkillTest),
            Kind::BotTest => Err(Line::BotTest),
            Kind::Message(content) => Ok(Self::Message(content)),
            Kind::Event => Ok(Self::Event),
            Kind::Welcome => Ok(Self::Welcome),
            Kind::UnsupportedMedia { media } => Ok(Self::UnsupportedMedia { media }),
        }
    }
}

impl<Q: TurnQueue> Serving<'_, Q> {
    pub(crate) async fn serve(
        &self,
        conversation: Read<Conversation>,
    ) -> Result<Response, Failure> {
        let now = self.webhook.clock.now();
        let stalled = conversation.document.stalled(now).map(str::to_owned);
        let (response, ()) = tokio::join!(self.respond(conversation, now), self.send_for(stalled));
        response
    }

    async fn respond(
        &self,
        conversation: Read<Conversation>,
        now: Time,
    ) -> Result<Response, Failure> {
        match self.inbound {
            Inbound::Message(content) => match Command::parse(&content.text) {
                // People say it to the agent, too.
                Some(Command::More) if !conversation.document.has_more(now) => {
                    self.take(content, conversation).await
                }
                Some(command) => self.obey(command, &conversation.document).await,
                None => self.take(content, conversation).await,
            },
            Inbound::Event => self.collect(Wanted::News, Line::News).await,
            Inbound::Welcome => Ok(self.say(Line::Welcome)),
            Inbound::UnsupportedMedia { media } => {
                count(Metric::UnknownKind);
                tracing::info!(%media, "a message of a kind we cannot read");
                Ok(self.say(Line::UnsupportedMedia))
            }
        }
    }

    async fn obey(
        &self,
        command: Command,
        conversation: &Conversation,
    ) -> Result<Response, Failure> {
        let turns = &self.webhook.turns;
        let now = self.webhook.clock.now();
        match command {
            Command::Help => Ok(self.say(Line::Help)),
            Command::Collect => {
                self.wait_while(|conversation, now| {
                    !conversation.is_due(now) && conversation.is_busy()
                })
                .await?;
                self.collect(Wanted::Asked, Line::NothingToCollect).await
            }
            Command::More => self.collect(Wanted::More, Line::NothingToCollect).await,
            Command::New => {
                turns.begin_session(self.key, &random_id()?, now).await?;
                Ok(self.say(Line::NewSession))
            }
            Command::Status => {
                let status = conversation.status(now);
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

    /// Looks at the conversation until there is nothing to wait for, or the platform would not wait
    /// any longer. A look that fails is no reason to give up.
    pub(crate) async fn wait_while(
        &self,
        waits: impl Fn(&Conversation, Time) -> bool,
    ) -> Result<(), Failure> {
        let webhook = self.webhook;
        let until = self.incoming.received + budget::WAIT_FOR_ANSWER;
        let mut pause = budget::LOOK_AGAIN;
        loop {
            let now = webhook.clock.now();
            match webhook.turns.read(self.key, now).await {
                Ok(read) if now >= until || !waits(&read.document, now) => return Ok(()),
                Err(error) if now >= until => return Err(error.into()),
                Err(error @ StoreError::Unreadable { .. }) => return Err(error.into()),
                Err(error) => tracing::warn!(%error, "an answer could not be looked for"),
                Ok(_) => {}
            }
            webhook.clock.sleep_until(until.min(now + pause)).await;
            pause += budget::LOOK_AGAIN;
        }
    }

    /// Shows what is wanted, or what is held instead.
    async fn collect(&self, wanted: Wanted<'_>, otherwise: Line<'_>) -> Result<Response, Failure> {
        let collected = self.hand_out(wanted).await?;
        Ok(self.present(collected, otherwise))
    }

    pub(crate) async fn hand_out(&self, wanted: Wanted<'_>) -> Result<Collected<Page>, Failure> {
        let (turns, now) = (&self.webhook.turns, self.webhook.clock.now());
        if now > self.incoming.received + budget::LAST_COLLECT {
            return Ok(Collected::Thinking);
        }
        let page = |showing: Showing<'_>| self.page(showing);
        let collected = turns.collect(self.key, wanted, now, page, self.admitted);
        Ok(collected.await?)
    }

    pub(crate) fn present(&self, collected: Collected<Page>, otherwise: Line<'_>) -> Response {
        let account = self.incoming.account;
        match collected {
            Collected::Answer {
                page,
                waiting,
                more,
            } => {
                count(Metric::Collected);
                kakao_channel::present(page, WaysOn { more, waiting }, account)
            }
            Collected::Thinking => self.say(Line::StillThinking),
            Collected::Nothing { waiting: false } => self.say(otherwise),
            Collected::Nothing { waiting: true } => {
                kakao_channel::line_with_collect(otherwise, account, self.call.surface)
            }
        }
    }

    fn page(&self, showing: Showing<'_>) -> (Page, Option<Reply>) {
        let account = self.incoming.account;
        kakao_channel::page(
            &kakao_channel::with_offer(showing.reply, showing.unconfirmed, account.locale),
            account,
            self.incoming.kakao,
            self.call.surface,
            &self.webhook.extra_origins,
        )
    }

    pub(crate) fn is_group(&self) -> bool {
        self.call.surface == Surface::Group
    }

    pub(crate) fn say(&self, line: Line<'_>) -> Response {
        kakao_channel::line(line, self.incoming.account, self.call.surface)
    }
}
