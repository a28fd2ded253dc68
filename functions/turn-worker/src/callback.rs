//! How `KakaoTalk` is given an answer: as a skill response, posted to the callback.

use kakao::{
    address::CallbackUrl,
    callback::{self, Outcome, Refusal},
    skill::response::Surface,
};
use kakao_channel::WaysOn;
use reply::Reply;
use shared::{
    queue::TurnQueue,
    telemetry::{Metric, count},
    text::Line,
    turn::{OneUseUrl, Post, PostResult},
};

use crate::Job;

impl<Q: TurnQueue> Job<'_, Q> {
    /// The body that shows what is posted, and what did not fit into it.
    pub(crate) fn bubbles(&self, post: &Post) -> (String, Option<Reply>) {
        let (account, surface) = (self.account, self.surface());
        let unconfirmed = post.unconfirmed.as_deref();
        let (page, rest) = kakao_channel::page(
            &kakao_channel::with_offer(&post.reply, unconfirmed, account.locale),
            account,
            self.kakao,
            surface,
            self.worker.http.local(),
        );
        let ways_on = WaysOn {
            more: rest.is_some(),
            waiting: post.waiting,
        };
        let body = kakao_channel::present(page, ways_on, account);
        (body.to_json(), rest)
    }

    /// The body that says a sentence of ours, with the buttons that belong to it.
    pub(crate) fn sentence(&self, line: Line<'_>) -> String {
        kakao_channel::line(line, self.account, self.surface()).to_json()
    }

    pub(crate) async fn call_back(&self, url: &OneUseUrl, body: String) -> PostResult {
        // Checked when it came in; the settings may have changed since.
        let Ok(url) = CallbackUrl::parse(url.expose(), &self.worker.callback_hosts) else {
            count(Metric::RefusedUrl);
            return PostResult::Refused;
        };
        match callback::post(&self.worker.http, &url, body).await {
            Outcome::Accepted { .. } => PostResult::Accepted,
            Outcome::NotSent | Outcome::Refused(Refusal::NotAcknowledged) => PostResult::NotSent,
            Outcome::Refused(Refusal::BadBody | Refusal::BadFormat) => PostResult::Malformed,
            Outcome::Refused(_) => PostResult::Refused,
            Outcome::Unconfirmed => PostResult::Unknown,
        }
    }

    fn surface(&self) -> Surface {
        if self.turn.group {
            Surface::Group
        } else {
            Surface::Channel
        }
    }
}
