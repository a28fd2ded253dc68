//! A person, their Kakao, webhooks and workers in any order, with every fault in between: responses
//! lost after the write, callbacks shown and then dropped, processes killed and frozen, writes
//! whose answer is lost, messages that come twice. Each question comes to an end that its person
//! sees, and nothing is shown twice that they did not ask for.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const TURNS: [&str; 6] = ["t0", "t1", "t2", "t3", "t4", "t5"];
const WORDS: [&str; 6] = ["하나", "둘", "셋", "넷", "다섯", "여섯"];
const WORKERS: [&str; 3] = ["w0", "w1", "w2"];
/// How long a person waits, in seconds, before they look again for what did not arrive.
const PATIENCE: u64 = 300;

#[derive(Clone, Debug)]
enum Event {
    Message {
        callback: bool,
        latest: bool,
        fate: Fate,
    },
    /// The platform sends a request once more.
    Again {
        question: usize,
    },
    /// A response that waits for an answer looks for it, and leaves with it.
    Looks {
        question: usize,
        arrives: bool,
    },
    Asks {
        arrives: bool,
    },
    News {
        arrives: bool,
    },
    Come {
        worker: usize,
        question: usize,
    },
    Renews {
        worker: usize,
    },
    Answers {
        worker: usize,
        heard: bool,
    },
    Posts {
        worker: usize,
        way: Way,
    },
    Crash {
        worker: usize,
    },
    TimePasses {
        seconds: u64,
    },
}

/// What becomes of the function that takes a message.
#[derive(Clone, Copy, Debug)]
enum Fate {
    HandsOver,
    /// The queue does not take the turn: it is taken back, and the person told to try again.
    TakesBack,
    /// It dies when the turn is stored.
    Dies,
}

/// What becomes of a post to a callback.
#[derive(Clone, Copy, Debug)]
enum Way {
    Heard,
    /// It is shown, and nobody hears of it.
    Unheard,
    /// It is shown, and the worker dies before it can say so.
    Last,
    /// It does not leave, or Kakao asks to try again.
    NotSent,
    Refused,
}

fn event() -> impl Strategy<Value = Event> {
    let fate =
        prop_oneof![6 => Just(Fate::HandsOver), 1 => Just(Fate::TakesBack), 1 => Just(Fate::Dies)];
    let way = prop_oneof![4 => Just(Way::Heard), 3 => Just(Way::Unheard), 1 => Just(Way::Last), 1 => Just(Way::NotSent), 1 => Just(Way::Refused)];
    let (question, worker) = (0..TURNS.len(), 0..WORKERS.len());
    prop_oneof![
        5 => (any::<bool>(), prop::bool::weighted(0.25), fate).prop_map(|(callback, latest, fate)| Event::Message { callback, latest, fate }),
        1 => question.clone().prop_map(|question| Event::Again { question }),
        4 => (question.clone(), prop::bool::weighted(0.7)).prop_map(|(question, arrives)| Event::Looks { question, arrives }),
        2 => prop::bool::weighted(0.7).prop_map(|arrives| Event::Asks { arrives }),
        1 => prop::bool::weighted(0.7).prop_map(|arrives| Event::News { arrives }),
        8 => (worker.clone(), question).prop_map(|(worker, question)| Event::Come { worker, question }),
        2 => worker.clone().prop_map(|worker| Event::Renews { worker }),
        6 => (worker.clone(), prop::bool::weighted(0.8)).prop_map(|(worker, heard)| Event::Answers { worker, heard }),
        6 => (worker.clone(), way).prop_map(|(worker, way)| Event::Posts { worker, way }),
        2 => worker.prop_map(|worker| Event::Crash { worker }),
        5 => (1..40_u64).prop_map(|seconds| Event::TimePasses { seconds }),
        1 => Just(Event::TimePasses { seconds: 3 * 3600 }),
    ]
}

/// What a worker is doing, as far as its own memory goes: it may be wrong about it.
#[derive(Clone)]
enum Doing {
    Asking { question: usize },
    Posting { question: usize, post: Post },
}

#[derive(Default)]
struct World {
    talk: Conversation,
    now: u64,
    /// The messages that were sent, in order.
    sent: Vec<Request>,
    /// Those whose response waits for the answer.
    waiting: BTreeSet<usize>,
    doing: BTreeMap<usize, Doing>,
    /// The callback URLs that are spent.
    spent: BTreeSet<String>,
    told_to_try_again: BTreeSet<usize>,
    /// Refused when it came: too fast, too many, twice.
    refused: BTreeSet<usize>,
    /// How often the end of each question came onto the screen.
    seen: BTreeMap<usize, usize>,
    /// Delivered by a callback, and known to be.
    delivered: BTreeSet<usize>,
    wrong: Vec<String>,
}

impl World {
    fn now(&self) -> Time {
        START + secs(self.now)
    }

    fn step(&mut self, event: &Event) {
        let now = self.now();
        match *event {
            Event::TimePasses { seconds } => self.waits(seconds),
            Event::Crash { worker } => drop(self.doing.remove(&worker)),
            Event::Message {
                callback,
                latest,
                fate,
            } => self.message(callback, latest, fate),
            Event::Again { question } => {
                let Some(request) = self.sent.get(question).cloned() else {
                    return;
                };
                let request = Request { at: now, ..request };
                if open(&mut self.talk, &request) == Opened::New {
                    self.refused.remove(&question);
                    self.told_to_try_again.remove(&question);
                }
            }
            Event::Looks { question, arrives } => self.looks(question, arrives),
            Event::Asks { arrives } => self.asks(arrives),
            Event::News { arrives } => {
                let collected = self.talk.collect(Wanted::News, now, whole);
                self.response(collected, arrives, false);
            }
            Event::Come { worker, question } => self.comes(worker, question),
            Event::Renews { worker } => {
                let Some(Doing::Asking { question }) = self.doing.get(&worker).cloned() else {
                    return;
                };
                match self.talk.renew(TURNS[question], WORKERS[worker], now) {
                    Renewed::Mine => {}
                    Renewed::Lost => drop(self.doing.remove(&worker)),
                    Renewed::Replaced => self.finishes_replaced(worker, question),
                }
            }
            Event::Answers { worker, heard } => {
                let Some(Doing::Asking { question }) = self.doing.get(&worker).cloned() else {
                    return;
                };
                let said = answer(&format!("답{question}."));
                let finished = self
                    .talk
                    .finish(TURNS[question], WORKERS[worker], &said, now, KEEP);
                if heard {
                    self.finished(worker, question, finished);
                }
            }
            Event::Posts { worker, way } => self.posts(worker, way),
        }
    }

    /// Time passes; whoever misses the end of a question looks for it now and then.
    fn waits(&mut self, seconds: u64) {
        let until = self.now + seconds;
        while self.now + PATIENCE < until {
            self.now += PATIENCE;
            if self.misses_something() {
                self.asks(true);
            }
        }
        self.now = until;
        let (now, sent) = (self.now(), &self.sent);
        self.waiting
            .retain(|question| now.since(sent[*question].at) <= secs(3));
    }

    fn is_taken(&self, question: usize) -> bool {
        !self.refused.contains(&question) && !self.told_to_try_again.contains(&question)
    }

    fn misses_something(&self) -> bool {
        let mut questions = 0..self.sent.len();
        questions.any(|it| self.is_taken(it) && !self.seen.contains_key(&it))
    }

    fn message(&mut self, callback: bool, latest: bool, fate: Fate) {
        let question = self.sent.len();
        if question == TURNS.len() {
            return;
        }
        let now = self.now();
        let mut request = request(TURNS[question], WORDS[question], now);
        request.unanswered = format!("끝{question}.");
        if !callback {
            request.slot = Slot::Response {
                until: now + OPENER_ENDS,
            };
        }
        if latest {
            request.concurrency = Concurrency::Latest;
        }
        self.sent.push(request.clone());
        if open(&mut self.talk, &request) != Opened::New {
            self.refused.insert(question);
            return;
        }
        match fate {
            Fate::HandsOver if !callback => drop(self.waiting.insert(question)),
            Fate::HandsOver | Fate::Dies => {}
            Fate::TakesBack => {
                self.talk.abandon(TURNS[question]);
                self.told_to_try_again.insert(question);
            }
        }
    }

    fn looks(&mut self, question: usize, arrives: bool) {
        if !self.waiting.remove(&question) {
            return;
        }
        let wanted = Wanted::Answer {
            turn: TURNS[question],
        };
        let collected = self.talk.collect(wanted, self.now(), whole);
        self.response(collected, arrives, false);
    }

    fn asks(&mut self, arrives: bool) {
        let collected = self.talk.collect(Wanted::Asked, self.now(), whole);
        self.response(collected, arrives, true);
    }

    /// A response leaves, and arrives or is lost.
    fn response(&mut self, collected: Collected<String>, arrives: bool, asked: bool) {
        if let Collected::Answer { page, .. } = collected
            && arrives
        {
            self.shows(&page, asked);
        }
    }

    fn shows(&mut self, screen: &str, asked: bool) {
        for question in 0..self.sent.len() {
            let ends = ["답", "교체", "끝"].map(|end| format!("{end}{question}."));
            let times = ends
                .iter()
                .map(|end| screen.matches(end.as_str()).count())
                .sum::<usize>();
            if times == 0 {
                continue;
            }
            let before = self.seen.entry(question).or_default();
            if times > 1 || *before > 0 && !asked {
                self.wrong
                    .push(format!("{question} is shown again unasked: {screen:?}"));
            }
            *before += times;
            if self.delivered.contains(&question) {
                self.wrong
                    .push(format!("{question} was delivered for certain: {screen:?}"));
            }
            if self.told_to_try_again.contains(&question) {
                self.wrong
                    .push(format!("{question} was to be sent again: {screen:?}"));
            }
        }
    }

    fn comes(&mut self, worker: usize, question: usize) {
        if question >= self.sent.len() {
            return;
        }
        self.doing.remove(&worker);
        match self
            .talk
            .claim(TURNS[question], WORKERS[worker], self.now())
        {
            Step::Ask(_) | Step::GiveUp => {
                self.doing.insert(worker, Doing::Asking { question });
            }
            Step::Post(post) => drop(self.doing.insert(worker, Doing::Posting { question, post })),
            Step::Notice { callback, .. } => {
                self.spent.insert(callback.url.expose().to_owned());
            }
            Step::Replaced => self.finishes_replaced(worker, question),
            Step::Gone | Step::Later { .. } => {}
        }
    }

    fn finishes_replaced(&mut self, worker: usize, question: usize) {
        let sentence = text(&format!("교체{question}."));
        let (turn, owner) = (TURNS[question], WORKERS[worker]);
        let finished = self
            .talk
            .finish_replaced(turn, owner, &sentence, self.now(), KEEP);
        self.finished(worker, question, finished);
    }

    fn finished(&mut self, worker: usize, question: usize, finished: Finished) {
        self.doing.remove(&worker);
        match finished {
            Finished::Post(post) => {
                self.doing.insert(worker, Doing::Posting { question, post });
            }
            Finished::Replaced => self.finishes_replaced(worker, question),
            Finished::Held { .. } | Finished::Lost => {}
        }
    }

    fn posts(&mut self, worker: usize, way: Way) {
        let Some(Doing::Posting { question, post }) = self.doing.get(&worker).cloned() else {
            return;
        };
        let now = self.now();
        let url = post.callback.url.expose();
        let result = match way {
            _ if now >= post.callback.latest => PostResult::Refused,
            Way::Refused => PostResult::Refused,
            Way::NotSent => PostResult::NotSent,
            Way::Heard if self.spent.contains(url) => PostResult::Refused,
            Way::Heard | Way::Unheard | Way::Last => {
                if self.spent.insert(url.to_owned()) {
                    self.shows(&post.reply.words(), false);
                }
                match way {
                    Way::Heard => PostResult::Accepted,
                    _ => PostResult::Unknown,
                }
            }
        };
        let posted = self
            .talk
            .posted(TURNS[question], WORKERS[worker], result, None, now, KEEP);
        if let Posted::Delivered { .. } = posted {
            let words = post.reply.words();
            let is_in = |question: &usize| words.contains(&format!("답{question}."));
            self.delivered.extend((0..self.sent.len()).filter(is_in));
        }
        if posted != Posted::Again {
            self.doing.remove(&worker);
        }
    }

    /// A worker comes back until nothing is left to do; then the person asks for what they miss.
    fn settle(&mut self) {
        self.doing.clear();
        for _ in 0..100 {
            for question in 0..self.sent.len() {
                self.step(&Event::Come {
                    worker: 0,
                    question,
                });
                self.step(&Event::Answers {
                    worker: 0,
                    heard: true,
                });
                for _ in 0..2 {
                    self.step(&Event::Posts {
                        worker: 0,
                        way: Way::Heard,
                    });
                }
                self.step(&Event::Looks {
                    question,
                    arrives: true,
                });
            }
            if !self.talk.is_busy() {
                break;
            }
            self.step(&Event::TimePasses { seconds: 10 });
        }
        // No response waits for an answer any more.
        self.waits(10);
        for _ in 0..=TURNS.len() {
            self.asks(true);
        }
    }
}

proptest! {
    /// `PROPTEST_CASES` asks for more than 256 runs.
    #[test]
    fn f25_each_question_comes_to_one_end_that_its_person_sees(events in prop::collection::vec(event(), 1..80)) {
        let mut world = World::default();
        for event in &events {
            world.step(event);
        }
        world.settle();
        prop_assert!(world.wrong.is_empty(), "{:#?}", world.wrong);
        prop_assert!(!world.talk.is_busy(), "a turn is stuck");
        for question in 0..world.sent.len() {
            let is_seen = world.seen.contains_key(&question);
            prop_assert!(is_seen || !world.is_taken(question), "question {question} has no end: {:#?}", world.talk);
        }
    }
}
