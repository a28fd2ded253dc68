//! Both shapes on the embedded engine, and with a proxy in between that loses answers.

mod documents;
mod items;
mod lists;

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use local_lambda::fault::Proxy;
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, task::JoinSet};

use super::*;
use crate::{
    aws::timeouts,
    clock::Time,
    config,
    keys::KeyRing,
    test_keys::{DIGEST, SEALING},
};

const TABLE: &str = "things";
const NOW: Time = Time::from_millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_hours(1);

/// An engine of one test's own, in memory.
pub(crate) struct Engine {
    url: String,
    _tasks: JoinSet<()>,
}

impl Engine {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let database = dynoxide::Database::memory().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(dynoxide::server::serve_on(listener, database));
        Self { url, _tasks: tasks }
    }

    pub(crate) async fn client(&self) -> Client {
        patient_client(&self.url).await
    }
}

/// A busy machine is no fault that these tests are about.
async fn patient_client(url: &str) -> Client {
    let client = embedded_client(url).await;
    let patience = timeouts(Duration::from_mins(2));
    let config = client.config().to_builder().timeout_config(patience);
    Client::from_conf(config.build())
}

pub(crate) fn keys() -> Arc<KeyRing> {
    sealing_with("1", SEALING)
}

/// The same digests, and another sealing key.
pub(crate) fn other_keys() -> Arc<KeyRing> {
    sealing_with("2", DIGEST)
}

fn sealing_with(version: &str, key: &str) -> Arc<KeyRing> {
    let document =
        format!(r#"{{ keys: {{ digest: "{DIGEST}", sealing: {{ "{version}": "{key}" }} }} }}"#);
    let loaded = config::load(&document, &|_| None).unwrap();
    Arc::new(KeyRing::new(loaded.config.keys.unwrap()))
}

/// One table, with an index of what is due.
struct Table {
    client: Client,
    keys: Arc<KeyRing>,
    engine: Engine,
}

impl Table {
    async fn new() -> Self {
        let engine = Engine::start().await;
        let client = engine.client().await;
        create_table(&client, TABLE, &[DUE]).await.unwrap();
        Self {
            client,
            keys: keys(),
            engine,
        }
    }

    async fn behind_proxy() -> (Self, Proxy) {
        let table = Self::new().await;
        let proxy = Proxy::before(&table.engine.url).unwrap();
        let client = patient_client(&proxy.url).await;
        (Self { client, ..table }, proxy)
    }

    fn documents(&self) -> Documents<Tally> {
        let (client, keys) = (self.client.clone(), Arc::clone(&self.keys));
        Documents::new(client, TABLE.to_owned(), keys)
    }

    fn items<T: Item>(&self) -> Items<T> {
        let (client, keys) = (self.client.clone(), Arc::clone(&self.keys));
        Items::new(client, TABLE.to_owned(), keys)
    }

    async fn rows(&self) -> Vec<HashMap<String, AttributeValue>> {
        let scanned = self.client.scan().table_name(TABLE).send().await;
        scanned.unwrap().items.unwrap_or_default()
    }

    /// Copies the only row there is to another key, as somebody might who can write to the table.
    async fn copies_to(&self, key: &PrimaryKey) {
        let mut row = self.rows().await.pop().unwrap();
        row.extend(key.attributes());
        let put = self.client.put_item().table_name(TABLE);
        put.set_item(Some(row)).send().await.unwrap();
    }
}

fn key(sort: &str) -> PrimaryKey {
    PrimaryKey::new("here", sort)
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tally {
    count: u32,
    until: Time,
}

impl Document for Tally {
    const PURPOSE: &'static str = "tallies";

    fn expires(&self) -> Time {
        self.until
    }
}

fn one_more(tally: &mut Tally) -> u32 {
    tally.count += 1;
    tally.until = NOW + HOUR;
    tally.count
}

const DUE: Index = Index {
    name: "what-is-due",
    partition: "state",
    sort: Sort::Number("due"),
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Job {
    words: String,
    /// A word that means something to DynamoDB, as `state` does.
    owner: String,
    due: Option<Time>,
    until: Option<Time>,
}

impl Item for Job {
    const PURPOSE: &'static str = "jobs";

    fn expires(&self) -> Option<Time> {
        self.until
    }

    fn attributes(&self) -> Vec<(&'static str, Value)> {
        let owner = ("owner", self.owner.as_str().into());
        let due = self
            .due
            .map(|due| [("state", "open".into()), ("due", due.into())]);
        [owner]
            .into_iter()
            .chain(due.into_iter().flatten())
            .collect()
    }
}

/// A job of another kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Another(Job);

impl Item for Another {
    const PURPOSE: &'static str = "others";

    fn expires(&self) -> Option<Time> {
        self.0.until
    }
}

fn job(words: &str) -> Job {
    Job {
        words: words.to_owned(),
        owner: "nobody".to_owned(),
        due: None,
        until: None,
    }
}

fn stored(written: PutOutcome) -> Revision {
    match written {
        PutOutcome::Stored(revision) => revision,
        PutOutcome::Refused => panic!("refused"),
    }
}
