//! Cards with a price: prices as agents write them, what is off, and the words they become where
//! there is no such card.

use reply::PlainText;
use serde_json::{Map, Value};

use super::{
    Work, plain,
    words::{Fields, text},
};
use crate::skill::response::{CommerceCard, Discount, Output, Surface};

pub(super) fn shape(body: &Map<String, Value>, work: &mut Work<'_>) -> Option<Output> {
    let mut fields = Fields::of(body);
    let price = Price::read(&mut fields, work);
    let (title, description) = (fields.text("title"), fields.text("description"));
    let picture = work.picture(&mut fields);
    let is_known = work.rules.surface == Surface::Channel;
    let (price, discount, picture) = match (price, picture) {
        (Some(Price::Won(price, discount)), Some(picture)) if is_known => {
            (price, discount, picture)
        }
        (price, picture) => {
            let price = price.and_then(Price::into_words);
            let description = match (description, price) {
                (Some(description), Some(price)) => Some(description.joined(&price, "\n")),
                (description, price) => description.or(price),
            };
            return plain::show(title, description, picture, fields, work);
        }
    };
    let square = picture.square;
    let mut card = CommerceCard::new(price, picture.into_thumbnail());
    if let Some(title) = title {
        card = card.with_title(work.left.limited(&title));
    }
    if let Some(description) = description {
        card = card.with_description(work.left.limited(&description));
    }
    if let Some(discount) = discount {
        card = card.with_discount(discount);
    }
    if let Some(profile) = work.profile(&mut fields) {
        card = card.with_profile(profile);
    }
    if let Some(buttons) = work.buttons(&mut fields, square) {
        card = card.with_buttons(buttons);
    }
    work.left.unused(fields);
    Some(card.into())
}

enum Price {
    Won(u32, Option<Discount>),
    /// In another currency, or not a number.
    Words(PlainText),
}

impl Price {
    fn read(fields: &mut Fields<'_>, work: &mut Work<'_>) -> Option<Self> {
        let written = fields.value("price").unwrap_or(&Value::Null);
        let currency = fields.text("currency");
        let is_won = currency.as_ref().is_none_or(|it| is_won(it.as_str()));
        let off = Off::read(fields);
        if let Some(price) = won(written).filter(|_| is_won) {
            let (discount, unshown) = off.of(price);
            work.left.say_all(unshown);
            return Some(Self::Won(price, discount));
        }
        work.left.say_all(off.in_words());
        let price = text(written)?;
        Some(Self::Words(match currency.filter(|_| !is_won) {
            Some(currency) => price.joined(&currency, " "),
            None => price,
        }))
    }

    fn into_words(self) -> Option<PlainText> {
        match self {
            Self::Words(words) => Some(words),
            Self::Won(price, None) => PlainText::literal(&in_words(price)),
            Self::Won(price, Some(discount)) => {
                let (now, off) = match discount {
                    Discount::Amount { discount } => {
                        (price.saturating_sub(discount), Some(in_words(discount)))
                    }
                    Discount::Rate {
                        discount_rate,
                        discounted_price,
                    } => (discounted_price, Some(format!("{discount_rate}%"))),
                    Discount::Price { discounted_price } => (discounted_price, None),
                };
                let off = off.map(|off| format!(" (-{off})")).unwrap_or_default();
                let words = format!("{} → {}{off}", in_words(price), in_words(now));
                PlainText::literal(&words)
            }
        }
    }
}

/// What is off, as it was written.
struct Off<'a> {
    amount: Option<&'a Value>,
    rate: Option<&'a Value>,
    reduced: Option<&'a Value>,
}

impl<'a> Off<'a> {
    fn read(fields: &mut Fields<'a>) -> Self {
        Self {
            amount: fields.value("discount"),
            rate: fields.value("discountRate"),
            // The second name is a slip of the documentation.
            reduced: ["discountedPrice", "dicountedPrice"]
                .into_iter()
                .find_map(|name| fields.value(name)),
        }
    }

    /// The discount that the platform shows for `price`, and what it would not show. A rate needs
    /// the price that remains.
    fn of(self, price: u32) -> (Option<Discount>, Vec<PlainText>) {
        let amount = self.amount.and_then(won).filter(|off| *off <= price);
        let rate = self.rate.and_then(percent);
        let reduced = self.reduced.and_then(won);
        let mut unshown = self.unreadable();
        let minus = |off: &dyn std::fmt::Display| PlainText::literal(&format!("-{off}"));
        if amount.is_none() && self.amount.is_some_and(|it| won(it).is_some()) {
            unshown.extend(
                self.amount
                    .and_then(won)
                    .and_then(|off| minus(&in_words(off))),
            );
        }
        let remains = reduced.or_else(|| match (amount.filter(|off| *off > 0), rate) {
            (Some(off), Some(_)) => Some(price - off),
            (None, Some(rate)) => exactly(price, rate),
            _ => None,
        });
        if let (Some(off), Some(remains)) = (amount.filter(|off| *off > 0), remains)
            && remains != price - off
        {
            unshown.extend(minus(&in_words(off)));
        }
        let discount = match (rate, remains, amount) {
            (Some(discount_rate), Some(discounted_price), _) => Some(Discount::Rate {
                discount_rate,
                discounted_price,
            }),
            (Some(rate), None, _) => {
                unshown.extend(minus(&format!("{rate}%")));
                None
            }
            (None, Some(discounted_price), _) => Some(Discount::Price { discounted_price }),
            (None, None, Some(discount)) if discount > 0 => Some(Discount::Amount { discount }),
            (None, None, _) => None,
        };
        (discount, unshown)
    }

    /// Beside a price that is none: everything in words.
    fn in_words(self) -> Vec<PlainText> {
        let mut lines = self.unreadable();
        let off = self.amount.and_then(won).filter(|off| *off > 0);
        lines.extend(off.and_then(|off| PlainText::literal(&format!("-{}", in_words(off)))));
        let rate = self.rate.and_then(percent);
        lines.extend(rate.and_then(|rate| PlainText::literal(&format!("-{rate}%"))));
        let reduced = self.reduced.and_then(won);
        lines.extend(reduced.and_then(|price| PlainText::literal(&in_words(price))));
        lines
    }

    fn unreadable(&self) -> Vec<PlainText> {
        let is_amount = |value: &&Value| won(value).is_some();
        let amounts = [self.amount, self.reduced].into_iter().flatten();
        let rate = self
            .rate
            .filter(|rate| percent(rate).is_none() && !is_zero(rate));
        let unreadable = amounts.filter(|value| !is_amount(value)).chain(rate);
        unreadable.filter_map(text).collect()
    }
}

fn is_zero(value: &Value) -> bool {
    value.as_f64() == Some(0.0)
}

fn exactly(price: u32, rate: u8) -> Option<u32> {
    let hundredfold = u64::from(price) * u64::from(100 - rate);
    u32::try_from(hundredfold / 100)
        .ok()
        .filter(|_| hundredfold.is_multiple_of(100))
}

fn is_won(currency: &str) -> bool {
    matches!(
        currency.to_ascii_lowercase().as_str(),
        "won" | "krw" | "원" | "₩" | "￦"
    )
}

/// `12000`, `12000.0`, `"12,000원"`, `"₩12,000"`; `None` for anything that may mean something else.
fn won(value: &Value) -> Option<u32> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        _ => return None,
    };
    let mut digits = text.trim_start_matches(['₩', '￦']).trim();
    for unit in ["원", "won", "krw"] {
        digits = digits.strip_suffix(unit).unwrap_or(digits).trim_end();
        digits = digits.strip_prefix(unit).unwrap_or(digits).trim_start();
    }
    let digits = digits.strip_suffix(".0").unwrap_or(digits);
    let groups: Vec<_> = digits.split(',').collect();
    let is_grouped = groups.len() == 1 || groups.iter().skip(1).all(|group| group.len() == 3);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b',');
    (is_grouped && is_number)
        .then(|| groups.concat().parse().ok())
        .flatten()
}

/// 1 to 100.
fn percent(value: &Value) -> Option<u8> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let digits = text.trim().trim_end_matches('%').trim_end();
    let rate = digits.strip_suffix(".0").unwrap_or(digits).parse().ok();
    rate.filter(|rate| (1..=100).contains(rate))
}

/// `9,000원`.
fn in_words(price: u32) -> String {
    let digits = price.to_string();
    let mut words = String::with_capacity(digits.len() + 6);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words + "원"
}
