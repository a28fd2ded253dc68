//! Workers that come, crash, freeze and return in any order, against a Kakao that lets each URL
//! through once.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const TURNS: [&str; 3] = ["t0", "t1", "t2"];
const WORKERS: [&str; 3] = ["w0", "w1", "w2"];
const WORDS: [&str; 3] = ["하나", "둘", "셋"];

#[derive(Clone, Debug)]
enum Event {
    Message {
        turn: usize,
        callback: bool,
        latest: bool,
    },
    Come {
        worker: usize,
        turn: usize,
    },
    AgentAnswers {
        worker: usize,
    },
    /// The same once more: whether the first time was stored, nobody heard.
    AnswerIsStoredAgain {
        worker: usize,
    },
    /// The post leaves; what Kakao did and whether we hear of it.
    PostLeaves {
        worker: usize,
        heard: bool,
    },
    Crash {
        worker: usize,
    },
    Collect,
    TimePasses {
        seconds: u64,
    },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (0..3_usize, any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(turn, callback, latest)| Event::Message { turn, callback, latest }),
        6 => (0..3_usize, 0..3_usize).prop_map(|(worker, turn)| Event::Come { worker, turn }),
        5 => (0..3_usize).prop_map(|worker| Event::AgentAnswers { worker }),
        2 => (0..3_usize).prop_map(|worker| Event::AnswerIsStoredAgain { worker }),
        5 => (0..3_usize, any::<bool>()).prop_map(|(worker, heard)| Event::PostLeaves { worker, heard }),
        2 => (0..3_usize).prop_map(|worker| Event::Crash { worker }),
        1 => Just(Event::Collect),
        4 => (1..40_u64).prop_map(|seconds| Event::TimePasses { seconds }),
        1 => Just(Event::TimePasses { seconds: 3 * 3600 }),
    ]
}

/// What a worker is doing, as far as its own memory goes: it may be wrong about it.
#[derive(Clone)]
enum Doing {
    Asking {
        turn: usize,
    },
    Posting {
        turn: usize,
        url: String,
        answer: String,
        latest: Time,
    },
}

#[derive(Default)]
struct World {
    talk: Conversation,
    doing: BTreeMap<usize, Doing>,
    /// What Kakao accepted per URL.
    accepted: BTreeMap<String, Vec<String>>,
    seen_by_person: Vec<String>,
    answered: BTreeSet<usize>,
    now: u64,
}

impl World {
    fn now(&self) -> Time {
        START + secs(self.now)
    }

    fn step(&mut self, event: Event) {
        let now = self.now();
        match event {
            Event::TimePasses { seconds } => self.now += seconds,
            Event::Crash { worker } => drop(self.doing.remove(&worker)),
            Event::Message {
                turn,
                callback,
                latest,
            } => {
                let mut request = request(TURNS[turn], WORDS[turn], now);
                if !callback {
                    request.slot = Slot::Closed;
                }
                if latest {
                    request.concurrency = Concurrency::Latest;
                }
                open(&mut self.talk, &request);
            }
            Event::Come { worker, turn } => {
                self.doing.remove(&worker);
                match self.talk.claim(TURNS[turn], WORKERS[worker], now) {
                    Step::Ask(_) | Step::GiveUp => {
                        self.doing.insert(worker, Doing::Asking { turn });
                    }
                    Step::Post(post) => self.posts(worker, turn, post),
                    Step::Notice { callback, .. } => self.kakao(callback.url.expose(), "아직"),
                    Step::Gone | Step::Later { .. } | Step::Replaced(_) => {}
                }
            }
            Event::AgentAnswers { worker } => {
                let Some(Doing::Asking { turn }) = self.doing.get(&worker).cloned() else {
                    return;
                };
                self.doing.remove(&worker);
                let said = answer(&format!("답{turn}"));
                match self
                    .talk
                    .finish(TURNS[turn], WORKERS[worker], &said, now, KEEP)
                {
                    Finished::Post(post) => {
                        self.answered.insert(turn);
                        self.posts(worker, turn, post);
                    }
                    Finished::Held { .. } => drop(self.answered.insert(turn)),
                    Finished::Replaced | Finished::Lost => {}
                }
            }
            Event::AnswerIsStoredAgain { worker } => {
                let Some(Doing::Posting { turn, .. }) = self.doing.get(&worker).cloned() else {
                    return;
                };
                let said = answer(&format!("답{turn}"));
                self.talk
                    .finish(TURNS[turn], WORKERS[worker], &said, now, KEEP);
            }
            Event::PostLeaves { worker, heard } => {
                let Some(Doing::Posting {
                    turn,
                    url,
                    answer,
                    latest,
                }) = self.doing.get(&worker).cloned()
                else {
                    return;
                };
                let result = if now < latest {
                    let fresh = !self.accepted.contains_key(&url);
                    self.kakao(&url, &answer);
                    match (heard, fresh) {
                        (false, _) => PostResult::Unknown,
                        (true, true) => PostResult::Accepted,
                        (true, false) => PostResult::Refused,
                    }
                } else {
                    PostResult::Refused
                };
                let posted =
                    self.talk
                        .posted(TURNS[turn], WORKERS[worker], result, None, now, KEEP);
                if posted != Posted::Again {
                    self.doing.remove(&worker);
                }
            }
            Event::Collect => {
                if let Collected::Answer { page, .. } = self.talk.collect(Wanted::Held, now, whole)
                {
                    self.seen_by_person.push(page);
                }
            }
        }
    }

    fn posts(&mut self, worker: usize, turn: usize, post: Post) {
        let Post {
            callback, reply, ..
        } = post;
        self.doing.insert(
            worker,
            Doing::Posting {
                turn,
                url: callback.url.expose().to_owned(),
                answer: reply.words(),
                latest: callback.latest,
            },
        );
    }

    /// Lets a URL through once.
    fn kakao(&mut self, url: &str, body: &str) {
        if !self.accepted.contains_key(url) {
            self.seen_by_person.push(body.to_owned());
            self.accepted
                .entry(url.to_owned())
                .or_default()
                .push(body.to_owned());
        }
    }

    /// Everyone comes back until nothing is left to do; then the person asks for what is held.
    fn settle(&mut self) {
        for _ in 0..60 {
            for turn in 0..TURNS.len() {
                self.step(Event::Come { worker: 0, turn });
                self.step(Event::AgentAnswers { worker: 0 });
                self.step(Event::PostLeaves {
                    worker: 0,
                    heard: true,
                });
                self.step(Event::PostLeaves {
                    worker: 0,
                    heard: true,
                });
            }
            if self.talk.unfinished().next().is_none() {
                break;
            }
            self.now += 5;
        }
        self.step(Event::Collect);
        self.step(Event::Collect);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn f25_no_answer_is_lost_and_nobody_is_kept_waiting(events in prop::collection::vec(event(), 1..60)) {
        let mut world = World::default();
        for event in events {
            world.step(event);
        }
        world.settle();
        prop_assert!(world.talk.unfinished().next().is_none(), "a turn is stuck");
        for turn in &world.answered {
            let answer = format!("답{turn}");
            prop_assert!(world.seen_by_person.iter().any(|seen| seen.contains(&answer)), "{answer} never reached the person");
        }
    }
}
