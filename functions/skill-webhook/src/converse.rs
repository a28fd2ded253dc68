//! From a parsed call to an answer: is it our bot, may this sender talk to us, and what do they
//! want.

use shared::{
    access::{Challenge, Verdict, admit, needs_approval},
    config::Policy,
    identity::{Channel, Scope},
    kakao::skill::{
        answer,
        payload::{Kind, SkillCall},
        response::Response,
    },
    queue::TurnQueue,
    telemetry::{Metric, count},
    text::Line,
    turn::ConversationKey,
};

use crate::{Failure, Incoming, SkillWebhook, serve::Serving};

impl<Q: TurnQueue> SkillWebhook<Q> {
    pub(crate) async fn converse(
        &self,
        call: &SkillCall,
        incoming: &Incoming<'_>,
    ) -> Result<Response, Failure> {
        let account = incoming.account;
        let say = |line: Line<'_>| Ok(answer::line(line, account, call.surface));
        if account.bot_id.is_some() && call.bot.id != account.bot_id {
            count(Metric::OtherBot);
            return say(Line::OtherBot);
        }
        match call.kind {
            Kind::SkillTest => return say(Line::SkillTest),
            Kind::BotTest => return say(Line::BotTest),
            _ => {}
        }
        let scope = Scope {
            channel: Channel::Kakao,
            account: account.id.clone(),
        };
        let key = ConversationKey::new(&self.keys, &scope, &call.sender.id);
        tracing::Span::current().record("sender", key.as_str());
        let now = self.clock.now();
        let approved = async {
            match needs_approval(account.policy, &account.allow_from, &call.sender) {
                true => self.access.is_approved(&scope, &call.sender.id).await,
                false => Ok(false),
            }
        };
        let doubt = self.backlog.doubt(now);
        let doubted = async {
            match &doubt {
                Some(sent) if sent.conversation != key => {
                    Some(self.turns.read(&sent.conversation, now).await)
                }
                _ => None,
            }
        };
        // One round trip: all reads at once, also for those who turn out to be strangers.
        let (approved, conversation, doubted) =
            tokio::join!(approved, self.turns.read(&key, now), doubted);
        let (approved, conversation) = (approved?, conversation?);
        let crowded = doubt.is_some_and(|sent| {
            // Nothing is learnt from what could not be read.
            let looked_at = doubted
                .as_ref()
                .map_or(Some(&conversation), |it| it.as_ref().ok());
            looked_at.is_some_and(|looked_at| {
                let waits = looked_at.document.awaits_worker(&sent.turn);
                self.backlog.judge(waits, now)
            })
        });
        match admit(account.policy, &account.allow_from, &call.sender, approved) {
            Verdict::Admit(admitted) => {
                let serving = Serving {
                    webhook: self,
                    incoming,
                    call,
                    scope: &scope,
                    key: &key,
                    admitted: &admitted,
                    crowded,
                };
                serving.serve(conversation).await
            }
            Verdict::Block => {
                count(Metric::KeptOut);
                say(if account.policy == Policy::Disabled {
                    Line::Disabled
                } else {
                    Line::KeptOut
                })
            }
            // Looking into the chat room is not asking to be let in.
            Verdict::Challenge if matches!(call.kind, Kind::Welcome | Kind::Event { .. }) => {
                say(Line::WelcomeStranger)
            }
            Verdict::Challenge => {
                count(Metric::Challenged);
                match self.access.challenge(&scope, &call.sender.id, now).await? {
                    Challenge::New(code) => {
                        tracing::info!(account = %account.id, "somebody asks to be let in; see `dari pairing list`");
                        say(Line::PairingCode {
                            code: &code,
                            sender: &call.sender.id,
                            scope: &scope,
                        })
                    }
                    Challenge::Waiting => say(Line::PairingWaits),
                    Challenge::Full => say(Line::PairingFull),
                }
            }
        }
    }
}
