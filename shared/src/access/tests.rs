//! The owner's commands over several accounts, on the embedded engine.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use super::*;
use crate::{
    clock::Time,
    identity::{AccountId, Channel, Scope, SenderId, SenderKind},
    keys::KeyRing,
    store::{create_table, tests},
};

const NOW: Time = Time::from_millis(1_800_000_000_000);

struct World {
    access: Access,
    client: Client,
    _engine: tests::Engine,
}

impl World {
    async fn new() -> Self {
        let engine = tests::Engine::start().await;
        let client = engine.client().await;
        create_table(&client, "access", &[]).await.unwrap();
        Self {
            access: Access::new(client.clone(), "access".to_owned(), tests::keys()),
            client,
            _engine: engine,
        }
    }

    fn with(&self, keys: Arc<KeyRing>) -> Access {
        Access::new(self.client.clone(), "access".to_owned(), keys)
    }

    fn approvals(&self) -> Approvals<'_> {
        Approvals {
            access: &self.access,
            scopes: vec![scope("one"), scope("two")],
        }
    }

    async fn asks(&self, account: &str, id: &str) -> Code {
        let (scope, sender) = (scope(account), sender(id));
        let asked = self.access.challenge(&scope, &sender, NOW).await;
        match asked.unwrap() {
            Challenge::New(code) => code,
            other => panic!("{other:?}"),
        }
    }

    async fn is_in(&self, account: &str, id: &str) -> bool {
        let (scope, sender) = (scope(account), sender(id));
        let approved = self.access.is_approved(&scope, &sender, NOW).await;
        approved.unwrap()
    }
}

fn scope(account: &str) -> Scope {
    Scope {
        channel: Channel::Kakao,
        account: AccountId::parse(account).unwrap(),
    }
}

fn sender(id: &str) -> SenderId {
    SenderId::new(SenderKind::BotUserKey, id).unwrap()
}

fn said<T: std::fmt::Debug>(result: Result<T, ApprovalError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn a_code_lets_its_sender_into_its_own_account_and_is_no_guess_at_another() {
    let world = World::new().await;
    let approvals = world.approvals();
    world.asks("one", "alice").await;
    for number in 0..6 {
        let id = format!("bob{number}");
        let code = world.asks("two", &id).await;
        let typed = code.expose().to_lowercase();
        let (account, request) = approvals.approve(&typed, NOW).await.unwrap();
        assert_eq!((account, request.sender), (scope("two"), sender(&id)));
        assert!(world.is_in("two", &id).await);
        assert!(!world.is_in("one", &id).await);
    }
    assert_eq!(approvals.pending(NOW).await.unwrap().len(), 1);
    assert_eq!(approvals.approved(NOW).await.unwrap().len(), 6);
    let wrong = "no waiting request has this code; see `dari pairing list`";
    for _ in 0..5 {
        assert_eq!(said(approvals.approve("AAAAAAAA", NOW).await), wrong);
    }
    assert_eq!(
        said(approvals.approve("AAAAAAAA", NOW).await),
        "five wrong codes in a quarter of an hour; wait a while, or dismiss the request"
    );
}

#[tokio::test]
async fn a_request_is_approved_or_dismissed_by_its_id_once() {
    let world = World::new().await;
    let approvals = world.approvals();
    world.asks("one", "alice").await;
    world.asks("two", "bob").await;
    let ids: Vec<_> = approvals.pending(NOW).await.unwrap();
    let ids: Vec<_> = ids.iter().map(|(scope, it)| it.opaque_id(scope)).collect();
    let approved = approvals.approve_request(&ids[0], NOW).await.unwrap();
    let (at, request) = approved.unwrap();
    assert_eq!((at, request.sender), (scope("one"), sender("alice")));
    let dismissed = approvals.dismiss_request(&ids[1], NOW).await.unwrap();
    assert_eq!(dismissed.unwrap().sender, sender("bob"));
    for id in ids {
        assert_eq!(approvals.approve_request(&id, NOW).await.unwrap(), None);
        assert_eq!(approvals.dismiss_request(&id, NOW).await.unwrap(), None);
    }
    assert!(world.is_in("one", "alice").await && !world.is_in("two", "bob").await);
}

#[tokio::test]
async fn a_request_is_dismissed_by_the_beginning_of_a_name_if_there_is_only_one() {
    let world = World::new().await;
    let approvals = world.approvals();
    let code = world.asks("one", "alice-0001").await;
    world.asks("two", "alice-0002").await;
    world.asks("two", "bob").await;
    for unknown in ["bo", "nobody", "botUserKey:b", ""] {
        assert_eq!(
            said(approvals.dismiss(unknown, NOW).await),
            "no waiting request has this ID; see `dari pairing list`",
            "{unknown}"
        );
    }
    for ambiguous in ["alice-0…", "al", "botUserKey:al"] {
        assert_eq!(
            said(approvals.dismiss(ambiguous, NOW).await),
            "ambiguous: more than one request begins so; see `dari pairing list`"
        );
    }
    let dismissed = approvals.dismiss("botUserKey:bob", NOW).await.unwrap();
    assert_eq!(dismissed.sender, sender("bob"));
    let dismissed = approvals.dismiss(code.expose(), NOW).await.unwrap();
    assert_eq!(dismissed.sender, sender("alice-0001"));
    let dismissed = approvals.dismiss("alice-0", NOW).await.unwrap();
    assert_eq!(dismissed.sender, sender("alice-0002"));
}

#[tokio::test]
async fn f53_one_sender_is_revoked_wherever_they_were_let_in() {
    let world = World::new().await;
    let approvals = world.approvals();
    for (account, id) in [("one", "alice-1"), ("two", "alice-1"), ("two", "alice-2")] {
        let code = world.asks(account, id).await;
        approvals.approve(code.expose(), NOW).await.unwrap();
    }
    assert_eq!(
        said(approvals.revoke("alice-", NOW).await),
        "ambiguous: more than one sender begins so; see `dari pairing list --approved`"
    );
    assert_eq!(
        said(approvals.revoke("nobody", NOW).await),
        "nobody approved is called so; see `dari pairing list --approved`"
    );
    let revoked = approvals.revoke("alice-1", NOW).await.unwrap();
    let of = |account| (scope(account), sender("alice-1"));
    assert_eq!(revoked, [of("one"), of("two")]);
    assert!(!world.is_in("one", "alice-1").await && !world.is_in("two", "alice-1").await);
    assert!(world.is_in("two", "alice-2").await);
}

#[tokio::test]
async fn a_note_stays_with_its_approval_and_names_it() {
    let world = World::new().await;
    let approvals = world.approvals();
    let note = Note::parse("단골 지영").unwrap();
    let (one, alice) = (scope("one"), sender("alice"));
    let noted = approvals.note(&one, &alice, &note, NOW);
    assert_eq!(
        said(noted.await),
        "nobody approved is called so; see `dari pairing list --approved`"
    );
    for id in ["alice", "bob"] {
        let code = world.asks("one", id).await;
        approvals.approve(code.expose(), NOW).await.unwrap();
    }
    let noted = approvals.note(&one, &alice, &note, NOW);
    noted.await.unwrap();
    let approved = approvals.approved(NOW).await.unwrap();
    let listed: Vec<_> = approved
        .iter()
        .map(|(_, it)| (it.sender.id(), it.note.as_ref().map(Note::as_str)))
        .collect();
    assert_eq!(listed, [("alice", Some("단골 지영")), ("bob", None)]);
    let revoked = approvals.revoke("단골 지영", NOW).await.unwrap();
    assert_eq!(revoked, [(scope("one"), sender("alice"))]);
    assert!(!world.is_in("one", "alice").await && world.is_in("one", "bob").await);
}

#[tokio::test]
async fn who_was_let_in_stays_in_when_the_key_that_sealed_it_is_gone() {
    let mut world = World::new().await;
    let code = world.asks("one", "alice").await;
    let approved = world
        .access
        .approve(&scope("one"), code.expose(), NOW)
        .await;
    assert!(approved.unwrap().is_some());
    world.access = world.with(tests::other_keys());
    assert!(world.is_in("one", "alice").await);
    assert!(!world.is_in("two", "alice").await);
}

#[tokio::test]
async fn without_accounts_nobody_is_let_in() {
    let world = World::new().await;
    let approvals = Approvals {
        scopes: Vec::new(),
        ..world.approvals()
    };
    assert_eq!(
        said(approvals.approve("AAAAAAAA", NOW).await),
        "no account is configured"
    );
}
