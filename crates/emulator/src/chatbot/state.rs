//! Everything the chatbot platform remembers, within bounds.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    bot::{Block, Bot},
    exchange::Exchange,
    faults::Faults,
    rules::Setting,
    token::Token,
};
use crate::{changes::Subject, ground::Ground};

pub(super) const BOTS: Subject = Subject::only("bots");
pub(super) const FAULTS: Subject = Subject::only("faults");
/// The event that tells of one exchange.
pub(super) const EXCHANGE: &str = "exchange";

/// So many exchanges are kept; the oldest make room.
const KEPT: usize = 5_000;

pub(crate) struct State {
    pub(super) ground: Arc<Ground>,
    bots: BTreeMap<String, Bot>,
    faults: HashMap<String, Faults>,
    records: VecDeque<Record>,
    /// How many exchanges there have been.
    begun: u64,
    /// By the path and query that a callback must match byte for byte.
    pub(crate) tokens: HashMap<String, Token>,
    /// When an exchange's callback URL expires, of those that have not yet.
    lapses: BTreeSet<(i64, String)>,
    last_blocks: HashMap<(String, String, Option<String>), Block>,
}

/// An exchange with what only the platform knows of it.
pub(crate) struct Record {
    pub(crate) exchange: Exchange,
    pub(crate) sent: Sent,
}

/// What was sent for an exchange, and how its answer is to be read.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) body: Bytes,
    pub(crate) block: Option<Block>,
    /// The key of the callback URL's [`Token`], if the request carried one.
    pub(crate) callback: Option<String>,
    pub(crate) setting: Setting,
    /// A parameter validation call.
    pub(crate) validation: bool,
}

impl State {
    pub(crate) fn new(ground: Arc<Ground>) -> Self {
        Self {
            ground,
            bots: BTreeMap::new(),
            faults: HashMap::new(),
            records: VecDeque::new(),
            begun: 0,
            tokens: HashMap::new(),
            lapses: BTreeSet::new(),
            last_blocks: HashMap::new(),
        }
    }

    pub(super) fn mark(&self, subject: Subject) {
        self.ground.changes.mark(subject);
    }

    pub(crate) fn put_bot(&mut self, bot: Bot) {
        let bot = bot.completed();
        self.bots.insert(bot.id.clone(), bot);
        self.mark(BOTS);
    }

    pub(crate) fn bot(&self, id: &str) -> Option<&Bot> {
        self.bots.get(id.strip_suffix('!').unwrap_or(id))
    }

    pub(crate) fn bots(&self) -> impl Iterator<Item = &Bot> {
        self.bots.values()
    }

    pub(crate) fn faults(&self, bot: &str) -> Faults {
        self.faults.get(bot).cloned().unwrap_or_default()
    }

    /// The faults of all bots, by bot id.
    pub(crate) fn all_faults(&self) -> Value {
        json!(self.faults)
    }

    /// The faults of a bot, to be changed by the caller.
    pub(crate) fn faults_mut(&mut self, bot: &str) -> &mut Faults {
        self.mark(FAULTS);
        self.faults.entry(bot.to_owned()).or_default()
    }

    pub(crate) fn last_block(&self, bot: &str, user: &str, room: Option<&str>) -> Option<Block> {
        let chat = (bot.to_owned(), user.to_owned(), room.map(str::to_owned));
        self.last_blocks.get(&chat).cloned()
    }

    /// Keeps the exchange under a new id, which it returns.
    pub(crate) fn record(&mut self, mut exchange: Exchange, sent: Sent) -> String {
        self.begun += 1;
        exchange.id = format!("e{}", self.begun);
        let id = exchange.id.clone();
        if let Some(block) = &sent.block {
            let chat = (
                exchange.bot.clone(),
                exchange.user.clone(),
                exchange.room.clone(),
            );
            self.last_blocks.insert(chat, block.clone());
        }
        if self.records.len() >= KEPT
            && let Some(oldest) = self.records.pop_front()
        {
            let id = oldest.exchange.id;
            let target = oldest.sent.callback.as_ref();
            if let Some(token) = target.and_then(|target| self.tokens.remove(target)) {
                self.lapses.remove(&(token.expires_at, id.clone()));
            }
            self.ground.changes.forget(&Subject::one(EXCHANGE, &id));
        }
        let token = sent.callback.as_ref();
        if let Some(token) = token.and_then(|target| self.tokens.get(target)) {
            self.lapses.insert((token.expires_at, id.clone()));
        }
        self.mark(Subject::one(EXCHANGE, &id));
        self.records.push_back(Record { exchange, sent });
        id
    }

    /// All exchanges without what their callbacks have become, the newest last.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.records.iter().map(|record| &record.exchange)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Record> {
        self.records.get(self.index(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Record> {
        let index = self.index(id)?;
        self.records.get_mut(index)
    }

    /// Where the exchange is: ids count up and only the oldest go.
    fn index(&self, id: &str) -> Option<usize> {
        let first = number(&self.records.front()?.exchange.id)?;
        let index = usize::try_from(number(id)?.checked_sub(first)?).ok()?;
        (self.records.get(index)?.exchange.id == id).then_some(index)
    }

    /// Marks the exchanges of this callback URL, because something was posted to it.
    pub(crate) fn callback_changed(&mut self, target: &str) {
        let of_it = |record: &&Record| record.sent.callback.as_deref() == Some(target);
        for record in self.records.iter().filter(of_it) {
            self.mark(Subject::one(EXCHANGE, &record.exchange.id));
        }
    }

    /// Marks the exchanges whose callback URL has expired since the last call.
    pub(crate) fn lapse(&mut self, now: i64) {
        while self.next_lapse().is_some_and(|at| at <= now)
            && let Some((_, id)) = self.lapses.pop_first()
        {
            // A URL that was used cannot expire.
            let token = self
                .get(&id)
                .and_then(|record| record.sent.callback.as_ref());
            let token = token.and_then(|target| self.tokens.get(target));
            if token.is_some_and(|token| !token.is_spent()) {
                self.mark(Subject::one(EXCHANGE, &id));
            }
        }
    }

    /// When the next callback URL expires.
    pub(crate) fn next_lapse(&self) -> Option<i64> {
        self.lapses.first().map(|(at, _)| *at)
    }

    /// The exchange as it looks at the moment, callback included.
    pub(crate) fn view(&self, id: &str, now: i64) -> Option<Exchange> {
        self.get(id).map(|record| self.view_of(record, now))
    }

    /// All exchanges as they look at the moment, the newest last.
    pub(crate) fn views(&self, now: i64) -> impl DoubleEndedIterator<Item = Exchange> {
        self.records
            .iter()
            .map(move |record| self.view_of(record, now))
    }

    fn view_of(&self, record: &Record, now: i64) -> Exchange {
        let mut exchange = record.exchange.clone();
        let token = record.sent.callback.as_ref();
        let token = token.and_then(|target| self.tokens.get(target));
        exchange.callback = token.map(|token| token.view(exchange.sent_at, now));
        exchange
    }

    /// When the exchange's callback URL expires, if it has one.
    pub(crate) fn expiry(&self, id: &str) -> Option<i64> {
        let target = self.get(id)?.sent.callback.as_ref()?;
        Some(self.tokens.get(target)?.expires_at)
    }
}

fn number(id: &str) -> Option<u64> {
    id.strip_prefix('e')?.parse().ok()
}
