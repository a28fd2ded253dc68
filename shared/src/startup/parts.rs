//! What functions are made of.

use std::{collections::BTreeMap, sync::Arc};

use aws_config::SdkConfig;
use outside::Http;

use super::error::{StartError, mend};
use crate::{
    access::Access,
    clock::Clock,
    env::{Hosts, Need},
    keys::KeyRing,
    live::LiveConfig,
    queue::SqsTurnQueue,
    store,
    turn::Turns,
};

/// What functions are made of, on AWS and in `dari dev`; whatever a function does not ask for is
/// not made.
#[derive(Clone)]
pub struct Parts {
    pub config: LiveConfig,
    pub keys: Arc<KeyRing>,
    pub hosts: Hosts,
    pub clock: Clock,
    pub(super) clients: Clients,
    /// The name or address of each need.
    pub(super) places: BTreeMap<Need, String>,
}

/// Clients for what is needed, and for nothing else.
#[derive(Clone)]
pub(super) struct Clients {
    dynamodb: Option<aws_sdk_dynamodb::Client>,
    sqs: Option<aws_sdk_sqs::Client>,
}

impl Parts {
    /// The parts of functions that share a process, with their tables behind one client. Queues are
    /// up to that process.
    pub fn local(
        config: LiveConfig,
        keys: Arc<KeyRing>,
        hosts: Hosts,
        clock: Clock,
        dynamodb: aws_sdk_dynamodb::Client,
        tables: &[(Need, &str)],
    ) -> Self {
        let places = tables
            .iter()
            .map(|(need, name)| (*need, (*name).to_owned()));
        Self {
            config,
            keys,
            hosts,
            clock,
            clients: Clients {
                dynamodb: Some(dynamodb),
                sqs: None,
            },
            places: places.collect(),
        }
    }

    pub fn access(&self) -> Result<Access, StartError> {
        let (client, table) = self.table(Need::AccessTable)?;
        Ok(Access::new(client, table, Arc::clone(&self.keys)))
    }

    pub fn turns(&self) -> Result<Turns, StartError> {
        let (client, table) = self.table(Need::TurnsTable)?;
        Ok(Turns::new(client, table, Arc::clone(&self.keys)))
    }

    pub fn queue(&self) -> Result<SqsTurnQueue, StartError> {
        let (client, url) = self.of(Need::TurnQueue, self.clients.sqs.as_ref())?;
        Ok(SqsTurnQueue::new(client, url))
    }

    /// The client for everything outside of AWS.
    pub fn http(&self) -> Result<Http, StartError> {
        Ok(Http::new(&self.hosts.extra_origins)?)
    }

    fn table(&self, need: Need) -> Result<(aws_sdk_dynamodb::Client, String), StartError> {
        self.of(need, self.clients.dynamodb.as_ref())
    }

    /// The client for a need, and the need's place.
    fn of<C: Clone>(&self, need: Need, client: Option<&C>) -> Result<(C, String), StartError> {
        match (client, self.places.get(&need)) {
            (Some(client), Some(place)) => Ok((client.clone(), place.clone())),
            _ => Err(StartError::Lacking(format!(
                "{need:?} is not among the needs"
            ))),
        }
    }
}

impl Clients {
    pub(super) fn new(needs: &[Need], sdk: &SdkConfig) -> Self {
        let mut clients = Self {
            dynamodb: None,
            sqs: None,
        };
        for need in needs {
            match need {
                Need::AccessTable | Need::TurnsTable => {
                    let dynamodb = || aws_sdk_dynamodb::Client::new(sdk);
                    clients.dynamodb.get_or_insert_with(dynamodb);
                }
                Need::TurnQueue => {
                    let sqs = || aws_sdk_sqs::Client::new(sdk);
                    clients.sqs.get_or_insert_with(sqs);
                }
            }
        }
        clients
    }

    /// Checks that a need is there; a line about what is wrong, if it stays so until somebody mends
    /// it. What may pass is no reason not to start: each event has an answer for it.
    pub(super) async fn check(&self, need: Need, place: &str) -> Option<String> {
        let (kind, checked) = match need {
            Need::AccessTable | Need::TurnsTable => {
                let client = self.dynamodb.as_ref()?;
                ("table", store::check_table(client, place).await)
            }
            Need::TurnQueue => {
                let queue = SqsTurnQueue::new(self.sqs.clone()?, place.to_owned());
                ("queue", queue.check().await)
            }
        };
        match checked {
            Ok(()) => None,
            Err(lack) if lack.is_lasting() => {
                let variable = need.variable();
                let mend = mend(&lack, need.resource());
                Some(format!("{variable}: the {kind} {place}: {lack}; {mend}"))
            }
            Err(lack) => {
                tracing::warn!(%lack, place, "not to be had at start");
                None
            }
        }
    }
}
