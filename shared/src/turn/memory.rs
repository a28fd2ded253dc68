//! What an agent that does not remember is reminded of.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::budget;
use crate::clock::Time;

/// Goes along with every question.
const MAX_BYTES: usize = 24_000;
/// Of one question, and of one answer; longer ones are cut.
const MAX_EACH: usize = 8_000;

/// A question and its answer.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub question: String,
    pub answer: String,
}

/// Without what was said.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchange(…)")
    }
}

/// The last exchanges of a session, oldest first, until they are too old.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    exchanges: Vec<Exchange>,
    until: Time,
}

impl Memory {
    pub(super) fn at(&self, now: Time) -> &[Exchange] {
        if self.until > now {
            &self.exchanges
        } else {
            &[]
        }
    }

    /// Keeps the last `turns` exchanges, this one included, and fewer if they are long.
    pub(super) fn add(&mut self, question: &str, answer: &str, turns: usize, now: Time) {
        let cut = |text: &str| {
            text.get(..reply::floor(text, MAX_EACH))
                .unwrap_or_default()
                .to_owned()
        };
        self.tidy(now);
        self.exchanges.push(Exchange {
            question: cut(question),
            answer: cut(answer),
        });
        let excess = self.exchanges.len().saturating_sub(turns);
        self.exchanges.drain(..excess);
        let size = |exchange: &Exchange| exchange.question.len() + exchange.answer.len();
        while self.exchanges.iter().map(size).sum::<usize>() > MAX_BYTES {
            self.exchanges.remove(0);
        }
        self.until = now + budget::FORGET_MEMORY;
    }

    pub(super) fn clear(&mut self) {
        self.exchanges.clear();
    }

    pub(super) fn tidy(&mut self, now: Time) {
        if self.until <= now {
            self.exchanges.clear();
        }
    }
}
