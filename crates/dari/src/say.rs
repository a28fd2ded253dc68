//! `dari say`: one message through the emulator, as KakaoTalk would carry it.

use std::time::Duration;

use bundle::bot_id;
use emulator::{Bubble, CallbackState, Exchange, Message, Outcome, QuickReply};
use shared::identity::{AccountId, Channel};

use crate::{args::SayArgs, failure::Failure, folder::Running};

/// Time limit of one request: longer than any callback is valid, so that the emulator decides when
/// one has expired.
const PATIENCE: Duration = Duration::from_secs(310);

pub(crate) async fn run(args: SayArgs) -> Result<(), Failure> {
    let mut running = Running::read().ok_or_else(|| {
        Failure::failed("no `dari dev` runs in this directory: start it in another terminal")
    })?;
    if !running.is_there().await {
        return Err(Failure::failed(
            "the `dari dev` of this directory is not running any more: start it again",
        ));
    }
    if !running.emulator {
        return Err(Failure::failed(
            "this `dari dev` runs with --no-emulator: write to the bot in KakaoTalk",
        ));
    }
    let config = running.configuration().await?.config;
    let account = AccountId::parse(&args.account);
    let account = account.and_then(|id| config.account(Channel::Kakao, &id));
    let account = account.ok_or_else(|| {
        Failure::usage(format!(
            "there is no KakaoTalk account {:?} in {}",
            args.account,
            running.config.display()
        ))
    })?;
    let message = Message {
        user: args.user,
        text: Some(args.text),
        room: args.room,
        callback: args.no_callback.then_some(false),
        ..Message::default()
    };
    let kakao = Kakao::at(&running.url)?;
    let mut exchange = kakao.send(&bot_id(account), &message).await?;
    if exchange.outcome == Outcome::Waiting
        && !args.json
        && let Some(waiting) = &exchange.waiting_message
    {
        print_bubble(waiting);
    }
    if exchange.outcome == Outcome::Waiting {
        exchange = kakao.after_callback(&exchange.id).await?;
    }
    if args.json {
        show!(
            "{}",
            serde_json::to_string_pretty(&exchange).map_err(Failure::failed)?
        );
    } else {
        print_answer(&exchange);
    }
    verdict(&exchange)
}

/// The emulator's control API.
struct Kakao {
    client: reqwest::Client,
    api: String,
}

impl Kakao {
    #[expect(
        clippy::disallowed_methods,
        reason = "talks to the emulator on this machine, not to the outside"
    )]
    fn at(url: &str) -> Result<Self, Failure> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(Failure::failed)?;
        Ok(Self {
            client,
            api: format!("{url}/emulator/api"),
        })
    }

    async fn send(&self, bot: &str, message: &Message) -> Result<Exchange, Failure> {
        self.exchange(
            self.client
                .post(format!("{}/bots/{bot}/messages", self.api))
                .json(message),
        )
        .await
    }

    async fn after_callback(&self, id: &str) -> Result<Exchange, Failure> {
        let timeout = PATIENCE.as_millis();
        self.exchange(self.client.get(format!(
            "{}/exchanges/{id}?wait=callback&timeoutMs={timeout}",
            self.api
        )))
        .await
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<Exchange, Failure> {
        let response = request
            .send()
            .await
            .map_err(|_| Failure::failed("`dari dev` does not answer: is it still running?"))?;
        if !response.status().is_success() {
            let why = response.text().await.unwrap_or_default();
            return Err(Failure::failed(format!(
                "the emulator did not take the message: {why}"
            )));
        }
        response.json().await.map_err(Failure::failed)
    }
}

fn print_answer(exchange: &Exchange) {
    let callback = exchange
        .callback
        .as_ref()
        .filter(|callback| callback.delivered);
    let (bubbles, quick_replies): (&[Bubble], &[QuickReply]) = match callback {
        Some(callback) => (&callback.bubbles, &callback.quick_replies),
        None => (&exchange.bubbles, &exchange.quick_replies),
    };
    for bubble in bubbles {
        print_bubble(&bubble.text);
    }
    let labels: Vec<_> = quick_replies
        .iter()
        .map(|reply| format!("[{}]", reply.label))
        .collect();
    if !labels.is_empty() {
        show!("  {}", labels.join(" "));
    }
}

fn print_bubble(text: &str) {
    for (position, line) in text.lines().enumerate() {
        show!("{} {line}", if position == 0 { "●" } else { " " });
    }
}

/// Fails if the person did not see an answer, and says why.
fn verdict(exchange: &Exchange) -> Result<(), Failure> {
    let callback = exchange.callback.as_ref();
    let rules = exchange.broken_rules.iter().chain(
        callback
            .into_iter()
            .flat_map(|callback| &callback.broken_rules),
    );
    let rules: Vec<_> = rules
        .map(|rule| format!("{} at {}: {}", rule.rule, rule.at, rule.detail))
        .collect();
    let because = if rules.is_empty() {
        String::new()
    } else {
        format!(" ({})", rules.join("; "))
    };
    match exchange.outcome {
        Outcome::Answered => Ok(()),
        Outcome::Waiting if callback.is_some_and(|callback| callback.delivered) => Ok(()),
        Outcome::Waiting
            if callback.is_some_and(|callback| callback.state == CallbackState::Expired) =>
        {
            Err(Failure::failed(
                "no answer came before the callback expired; say 답변 확인 to see whether one is held",
            ))
        }
        Outcome::Waiting => Err(Failure::failed(format!(
            "the callback's answer was not shown{because}"
        ))),
        Outcome::Timeout => Err(Failure::failed(
            "the bot did not answer within five seconds",
        )),
        Outcome::Refused => Err(Failure::failed(format!(
            "KakaoTalk would not show the answer{because}"
        ))),
        Outcome::Pending | Outcome::Failed => {
            let why = exchange
                .error
                .as_deref()
                .unwrap_or("the skill server did not answer properly");
            Err(Failure::failed(format!("KakaoTalk shows nothing: {why}")))
        }
    }
}
