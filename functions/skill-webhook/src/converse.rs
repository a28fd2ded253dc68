//! From a parsed call to an answer: is it our bot, may this sender talk to us, and what do they
//! want.

use kakao::skill::{payload::SkillCall, response::Response};
use shared::{
    access::{Challenge, Verdict, admit, needs_approval},
    config::Policy,
    identity::Sender,
    queue::TurnQueue,
    telemetry::{Metric, count},
    text::Line,
    turn::ConversationKey,
};

use crate::{
    Failure, Incoming, SkillWebhook,
    progress::Progress,
    serve::{Inbound, Serving},
};

impl<Q: TurnQueue> SkillWebhook<Q> {
    pub(crate) async fn converse(
        &self,
        call: &SkillCall,
        sender: &Sender,
        incoming: &Incoming<'_>,
        progress: &Progress,
    ) -> Result<Response, Failure> {
        let account = incoming.account;
        let say = |line: Line<'_>| Ok(kakao_channel::line(line, account, call.surface));
        let bot_id = &incoming.kakao.skill.bot_id;
        if bot_id.is_some() && call.bot.id != *bot_id {
            count(Metric::OtherBot);
            return say(Line::OtherBot);
        }
        let inbound = match Inbound::of(&call.kind) {
            Ok(inbound) => inbound,
            Err(of_a_test) => return say(of_a_test),
        };
        let scope = &account.scope;
        let key = ConversationKey::new(&self.keys, scope, &sender.id);
        tracing::Span::current().record("sender", key.as_str());
        let now = self.clock.now();
        let approved = async {
            if needs_approval(account.policy, &account.allow_from, sender) {
                self.access.is_approved(scope, &sender.id, now).await
            } else {
                Ok(false)
            }
        };
        // One round trip: all reads at once, also for those who turn out to be strangers.
        let (approved, conversation, probe) = tokio::join!(
            approved,
            self.turns.read(&key, now),
            self.backlog.look(&self.turns, now),
        );
        let (approved, conversation) = (approved?, conversation?);
        let crowded = probe.is_some_and(|waits| self.backlog.judge(waits, now));
        match admit(account.policy, &account.allow_from, sender, approved) {
            Verdict::Admit(admitted) => {
                let serving = Serving {
                    webhook: self,
                    incoming,
                    call,
                    inbound,
                    scope,
                    key: &key,
                    admitted: &admitted,
                    crowded,
                    progress,
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
            Verdict::Challenge if matches!(inbound, Inbound::Welcome | Inbound::Event) => {
                say(Line::WelcomeStranger)
            }
            Verdict::Challenge => {
                count(Metric::Challenged);
                match self.access.challenge(scope, &sender.id, now).await? {
                    Challenge::New(code) => {
                        tracing::info!(account = %account.id(), "somebody asks to be let in; see `dari pairing list`");
                        say(Line::PairingCode {
                            code: &code,
                            sender: &sender.id,
                        })
                    }
                    Challenge::Waiting => say(Line::PairingWaits),
                    Challenge::Full => say(Line::PairingFull),
                }
            }
        }
    }
}
