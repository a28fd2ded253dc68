//! Cards with a price: prices and discounts as agents write them, and the words they become where
//! there is no such card.

use reply::{PlainText, readable};
use serde_json::{Map, Value};

use super::{fitting::Fitting, plain, words::Fields};
use crate::skill::response::{AnyCard, CommerceCard, Currency, Discount, Shape};

pub(super) fn shape(body: &Map<String, Value>, fitting: &mut Fitting<'_>) -> Option<AnyCard> {
    let mut fields = Fields::of(body);
    let price = Price::read(&mut fields, fitting);
    let (title, description) = (fields.text("title"), fields.text("description"));
    let picture = fitting.picture(&mut fields);
    let is_known = fitting.surface.has_commerce_cards();
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
            return plain::show(title, description, picture, fields, fitting);
        }
    };
    let is_square = picture.shape == Shape::Square;
    let card = CommerceCard {
        title: title.map(|title| fitting.rest.limited(&title)),
        description: description.map(|it| fitting.rest.limited(&it)),
        price,
        currency: Currency::Won,
        discount,
        thumbnails: [picture.into_thumbnail()],
        profile: fitting.profile(&mut fields),
        buttons: fitting.buttons(&mut fields, is_square),
    };
    fitting.rest.unused(fields);
    Some(AnyCard::CommerceCard(card))
}

enum Price {
    Won(u32, Option<Discount>),
    /// In another currency, or not a number.
    Words(PlainText),
}

impl Price {
    fn read(fields: &mut Fields<'_>, fitting: &mut Fitting<'_>) -> Option<Self> {
        let written = fields.value("price").unwrap_or(&Value::Null);
        let currency = fields.text("currency");
        let is_won = currency.as_ref().is_none_or(|it| is_won(it.as_str()));
        let off = Off::read(fields);
        if let Some(price) = won(written).filter(|_| is_won) {
            let (discount, unshown) = off.of(price);
            fitting.rest.say_all(unshown);
            return Some(Self::Won(price, discount));
        }
        fitting.rest.say_all(off.in_words());
        let price = readable(written)?;
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
            // The documentation misspells it, and agents copy that.
            reduced: ["discountedPrice", "dicountedPrice"]
                .into_iter()
                .find_map(|name| fields.value(name)),
        }
    }

    /// The discount that the platform shows for `price`, and what it would not show. A rate needs
    /// the price that remains.
    fn of(self, price: u32) -> (Option<Discount>, Vec<PlainText>) {
        let written = self.amount.and_then(won).filter(|off| *off > 0);
        let amount = written.filter(|off| *off <= price);
        let rate = self.rate.and_then(percent);
        let reduced = self.reduced.and_then(won);
        let mut unshown = self.unreadable();
        let remains = reduced.or_else(|| match (amount, rate) {
            (Some(off), Some(_)) => Some(price - off),
            (None, Some(rate)) => exactly(price, rate),
            (_, None) => None,
        });
        let contradicts = |off: u32| off > price || remains.is_some_and(|it| it != price - off);
        unshown.extend(written.filter(|off| contradicts(*off)).and_then(less_won));
        let discount = match (rate, remains, amount) {
            (Some(discount_rate), Some(discounted_price), _) => Some(Discount::Rate {
                discount_rate,
                discounted_price,
            }),
            (Some(rate), None, _) => {
                unshown.extend(less_percent(rate));
                None
            }
            (None, Some(discounted_price), _) => Some(Discount::Price { discounted_price }),
            (None, None, Some(discount)) => Some(Discount::Amount { discount }),
            (None, None, None) => None,
        };
        (discount, unshown)
    }

    /// For a price that is not in won: everything in words.
    fn in_words(self) -> Vec<PlainText> {
        let mut lines = self.unreadable();
        let off = self.amount.and_then(won).filter(|off| *off > 0);
        lines.extend(off.and_then(less_won));
        lines.extend(self.rate.and_then(percent).and_then(less_percent));
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
        unreadable.filter_map(readable).collect()
    }
}

fn less_won(off: u32) -> Option<PlainText> {
    PlainText::literal(&format!("-{}", in_words(off)))
}

fn less_percent(rate: u8) -> Option<PlainText> {
    PlainText::literal(&format!("-{rate}%"))
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

/// Reads `12000`, `12000.0`, `"12,000원"`, `"₩12,000"`; `None` for what may mean something else.
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
