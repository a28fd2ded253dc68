//! Pairing: an unknown sender gets a code and waits for the owner (openclaw.md §3). The waiting
//! requests of one account are one small document.

use std::{fmt, time::Duration};

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{
    clock::Time,
    identity::{Scope, SenderId},
    keys::{self, NoRandomness},
    store::Document,
};

const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const MAX_PENDING: usize = 3;
const LIFETIME: Duration = Duration::from_hours(1);
/// How exact `last_seen_at` is, so that a sender who keeps writing does not cost a write each time
/// (F-45).
const SEEN_RESOLUTION: Duration = Duration::from_mins(1);
/// Wrong codes in [`GUESS_WINDOW`] before no code is taken any more (F-42).
const MAX_GUESSES: usize = 5;
const GUESS_WINDOW: Duration = Duration::from_mins(15);

/// A pairing code: 8 characters that cannot be mistaken for one another, 40 random bits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(String);

impl Code {
    fn random() -> Result<Self, NoRandomness> {
        Ok(Self::from_bytes(keys::random()?))
    }

    /// No symbol is likelier than another: 256 is a multiple of 32.
    fn from_bytes(bytes: [u8; 8]) -> Self {
        let symbols = bytes
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
        Self(symbols.map(|&symbol| char::from(symbol)).collect())
    }

    /// From what a person typed: case, width, spaces and invisible marks do not matter. `None` if
    /// it cannot be a code.
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String = typed
            .nfkc()
            .filter(|c| !c.is_whitespace() && !is_invisible(*c))
            .collect::<String>()
            .to_ascii_uppercase();
        (code.len() == 8 && code.bytes().all(|symbol| ALPHABET.contains(&symbol)))
            .then_some(Self(code))
    }

    /// Whether this is what somebody typed.
    pub fn matches(&self, typed: &str) -> bool {
        Self::parse(typed).as_ref() == Some(self)
    }

    /// For the sender it was made for, and for the owner.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Without the symbols: whoever reads them in a log could let the sender in.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// An unknown sender who waits for approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairingRequest {
    pub sender: SenderId,
    pub code: Code,
    pub created_at: Time,
    pub last_seen_at: Time,
}

impl PairingRequest {
    /// Names the request without giving its code or sender away (openclaw.md §3).
    pub fn opaque_id(&self, scope: &Scope) -> String {
        let named = format!(
            "{}\0{}\0{}\0{}",
            scope.channel,
            scope.account,
            self.sender,
            self.created_at.as_millis()
        );
        let mut id =
            BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, named.as_bytes()));
        id.truncate(32);
        id
    }

    fn is_live(&self, now: Time) -> bool {
        now.since(self.created_at) <= LIFETIME
    }
}

/// What an unknown sender is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Challenge {
    /// The first message in an hour: here is the code.
    New(Code),
    /// The code was told already.
    Waiting,
    /// Too many wait; nothing was stored.
    Full,
}

/// The waiting requests of one account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    requests: Vec<PairingRequest>,
    /// When the last wrong codes were typed.
    guesses: Vec<Time>,
}

impl Document for Pending {
    const PURPOSE: &'static str = "access";

    fn expires(&self) -> Time {
        let requests = self
            .requests
            .iter()
            .map(|request| request.created_at + LIFETIME);
        let guesses = self.guesses.iter().map(|at| *at + GUESS_WINDOW);
        requests.chain(guesses).max().unwrap_or_default() + SEEN_RESOLUTION
    }
}

impl Pending {
    pub(super) fn ask(&mut self, sender: &SenderId, now: Time, fresh: &Code) -> Challenge {
        self.prune(now);
        if let Some(known) = self
            .requests
            .iter_mut()
            .find(|request| request.sender == *sender)
        {
            if now.since(known.last_seen_at) >= SEEN_RESOLUTION {
                known.last_seen_at = now;
            }
            return Challenge::Waiting;
        }
        if self.requests.len() >= MAX_PENDING {
            return Challenge::Full;
        }
        self.requests.push(PairingRequest {
            sender: sender.clone(),
            code: fresh.clone(),
            created_at: now,
            last_seen_at: now,
        });
        Challenge::New(fresh.clone())
    }

    pub(super) fn live(&self, now: Time) -> Vec<PairingRequest> {
        let mut live: Vec<_> = self
            .requests
            .iter()
            .filter(|request| request.is_live(now))
            .cloned()
            .collect();
        live.sort_by(|a, b| (a.created_at, &a.sender).cmp(&(b.created_at, &b.sender)));
        live
    }

    pub(super) fn has_code(&self, code: &Code) -> bool {
        self.requests.iter().any(|request| request.code == *code)
    }

    /// Takes the request with this code out. Counts a code that no request has; `Err` after too
    /// many of them.
    pub(super) fn take(
        &mut self,
        code: Option<&Code>,
        now: Time,
    ) -> Result<Option<PairingRequest>, TooManyGuesses> {
        self.prune(now);
        if self.guesses.len() >= MAX_GUESSES {
            return Err(TooManyGuesses);
        }
        let found = self
            .requests
            .iter()
            .position(|request| Some(&request.code) == code);
        match found {
            Some(position) => Ok(Some(self.requests.remove(position))),
            None => {
                self.guesses.push(now);
                Ok(None)
            }
        }
    }

    pub(super) fn dismiss(
        &mut self,
        opaque_id: &str,
        scope: &Scope,
        now: Time,
    ) -> Option<PairingRequest> {
        self.prune(now);
        let position = self
            .requests
            .iter()
            .position(|request| request.opaque_id(scope) == opaque_id)?;
        Some(self.requests.remove(position))
    }

    pub(super) fn forget(&mut self, sender: &SenderId) {
        self.requests.retain(|request| request.sender != *sender);
    }

    fn prune(&mut self, now: Time) {
        self.requests.retain(|request| request.is_live(now));
        self.guesses.retain(|at| now.since(*at) < GUESS_WINDOW);
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct TooManyGuesses;

/// A code that no waiting request of the account has.
pub(super) fn fresh_code(pending: &Pending) -> Result<Code, NoRandomness> {
    loop {
        let code = Code::random()?;
        if !pending.has_code(&code) {
            return Ok(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::identity::{AccountId, Channel, SenderKind};

    const START: Time = Time::from_millis(1_800_000_000_000);

    fn scope() -> Scope {
        Scope {
            channel: Channel::Kakao,
            account: AccountId::default(),
        }
    }

    fn sender(id: &str) -> SenderId {
        SenderId::new(SenderKind::BotUserKey, id).unwrap()
    }

    fn ask(pending: &mut Pending, id: &str, now: Time) -> Challenge {
        let fresh = fresh_code(pending).unwrap();
        pending.ask(&sender(id), now, &fresh)
    }

    fn code_of(challenge: Challenge) -> Code {
        match challenge {
            Challenge::New(code) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn f41_codes_are_unbiased() {
        let mut bytes_of = BTreeMap::<_, u32>::new();
        for first in (0..=u8::MAX).step_by(8) {
            let code = Code::from_bytes(std::array::from_fn(|i| first + u8::try_from(i).unwrap()));
            assert_eq!(code.0.len(), 8);
            for symbol in code.0.bytes() {
                *bytes_of.entry(symbol).or_default() += 1;
            }
        }
        assert_eq!(256 % ALPHABET.len(), 0);
        let of_each = ALPHABET.map(|symbol| (symbol, 8));
        assert_eq!(bytes_of, BTreeMap::from(of_each));
        assert_eq!(Code::random().unwrap().0.len(), 8);
    }

    #[test]
    fn f41_a_code_lives_sixty_minutes() {
        let mut pending = Pending::default();
        let code = code_of(ask(&mut pending, "alice", START));
        let mut later = pending.clone();
        assert!(
            pending
                .take(Some(&code), START + Duration::from_secs(3599))
                .unwrap()
                .is_some()
        );
        assert!(
            later
                .take(Some(&code), START + Duration::from_secs(3601))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn f41_a_code_is_used_once() {
        let mut pending = Pending::default();
        let code = code_of(ask(&mut pending, "alice", START));
        assert!(pending.take(Some(&code), START).unwrap().is_some());
        assert!(pending.take(Some(&code), START).unwrap().is_none());
    }

    #[test]
    fn f44_a_fourth_sender_consumes_nothing_until_a_place_is_free() {
        let mut pending = Pending::default();
        for id in ["a", "b", "c"] {
            code_of(ask(&mut pending, id, START));
        }
        let before = pending.clone();
        assert_eq!(ask(&mut pending, "d", START), Challenge::Full);
        assert_eq!(pending, before);
        let first = pending.live(START).first().unwrap().opaque_id(&scope());
        assert!(pending.dismiss(&first, &scope(), START).is_some());
        code_of(ask(&mut pending, "d", START));
    }

    #[test]
    fn f45_the_code_is_told_once_an_hour_and_seeing_the_sender_again_does_not_extend_it() {
        let mut pending = Pending::default();
        let code = code_of(ask(&mut pending, "alice", START));
        let mut changes = 0;
        for second in 0..100 {
            let before = pending.clone();
            assert_eq!(
                ask(
                    &mut pending,
                    "alice",
                    START + Duration::from_millis(second * 600)
                ),
                Challenge::Waiting
            );
            changes += usize::from(pending != before);
        }
        assert!(changes <= 2, "{changes} writes");
        assert_eq!(
            ask(&mut pending, "alice", START + Duration::from_hours(1)),
            Challenge::Waiting
        );
        assert_eq!(pending.live(START).first().unwrap().code, code);
        assert_ne!(
            code_of(ask(
                &mut pending,
                "alice",
                START + Duration::from_millis(3_600_001)
            )),
            code
        );
    }

    #[test]
    fn f42_five_wrong_codes_shut_the_door_for_a_quarter_of_an_hour() {
        let mut pending = Pending::default();
        let code = code_of(ask(&mut pending, "alice", START));
        let wrong = Code::parse("AAAAAAAA").unwrap();
        for _ in 0..5 {
            assert!(pending.take(Some(&wrong), START).unwrap().is_none());
        }
        assert!(pending.take(Some(&code), START).is_err());
        assert!(
            pending
                .take(Some(&code), START + GUESS_WINDOW)
                .unwrap()
                .is_some()
        );
        // 3 live codes of 32^8, five guesses a quarter of an hour, for a year.
        let chance = 3.0 / 32_f64.powi(8) * 5.0 * 4.0 * 24.0 * 365.0;
        assert!(chance < 1e-5, "{chance}");
    }

    #[test]
    fn f114_a_code_is_recognised_however_it_is_typed() {
        let code = Code("ABCD2345".to_owned());
        for typed in [
            "abcd2345",
            " ABCD2345\n",
            "ＡＢＣＤ２３４５",
            "AB\u{200b}CD2345",
            "abcd 2345",
        ] {
            assert_eq!(Code::parse(typed), Some(code.clone()), "{typed:?}");
        }
        for typed in ["", "ABCD234", "ABCD23456", "ABCD0345", "ÄBCD2345"] {
            assert_eq!(Code::parse(typed), None, "{typed:?}");
        }
    }
}
