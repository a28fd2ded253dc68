use futures_util::future::join_all;
use local_lambda::fault::Fault;

use super::*;

#[tokio::test]
async fn of_many_who_put_at_once_one_is_first() {
    let table = Table::new().await;
    let items = table.items::<Job>();
    let jobs = ["a", "b", "c", "d", "e", "f"].map(job);
    let key = key("job");
    let puts = jobs
        .iter()
        .map(|job| items.put(&key, job, Over::Nothing, NOW));
    let written: Vec<PutOutcome> = join_all(puts)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let first = only_stored(&written);
    let found = items.get(&key, NOW).await.unwrap().unwrap();
    assert_eq!(
        (&found.item, &found.revision),
        (&jobs[first], &revision(&written[first]))
    );

    let over = Over::Revision(&found.revision);
    let puts = jobs
        .iter()
        .map(|job| items.put(&key, job, over.clone(), NOW));
    let written: Vec<PutOutcome> = join_all(puts)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let second = only_stored(&written);
    let found = items.get(&key, NOW).await.unwrap().unwrap();
    assert_eq!(found.item, jobs[second]);
}

fn only_stored(written: &[PutOutcome]) -> usize {
    let is_stored = |it: &PutOutcome| *it != PutOutcome::Refused;
    assert_eq!(
        written.iter().filter(|it| is_stored(it)).count(),
        1,
        "{written:?}"
    );
    written.iter().position(is_stored).unwrap()
}

fn revision(written: &PutOutcome) -> Revision {
    stored(written.clone())
}

#[tokio::test]
async fn who_has_written_may_go_on_until_another_writes() {
    let table = Table::new().await;
    let (items, key) = (table.items::<Job>(), key("job"));
    let mine = stored(
        items
            .put(&key, &job("mine"), Over::Nothing, NOW)
            .await
            .unwrap(),
    );
    let over = Over::Revision(&mine);
    let mine = stored(
        items
            .put(&key, &job("still mine"), over, NOW)
            .await
            .unwrap(),
    );
    let over = Over::Revision(&mine);
    let _theirs = stored(items.put(&key, &job("theirs"), over, NOW).await.unwrap());
    let late = items
        .put(&key, &job("late"), Over::Revision(&mine), NOW)
        .await;
    assert_eq!(late.unwrap(), PutOutcome::Refused);
}

#[tokio::test]
async fn only_the_owner_of_a_lease_writes() {
    let table = Table::new().await;
    let (items, key) = (table.items::<Job>(), key("job"));
    let held = Job {
        owner: "me".to_owned(),
        ..job("held")
    };
    stored(items.put(&key, &held, Over::Nothing, NOW).await.unwrap());
    let owned_by = |owner: &str| Over::Attribute("owner", owner.into());
    let put = |owner| items.put(&key, &held, owned_by(owner), NOW);
    assert_eq!(put("you").await.unwrap(), PutOutcome::Refused);
    stored(put("me").await.unwrap());
}

#[tokio::test]
async fn what_was_deleted_meanwhile_stays_deleted() {
    let table = Table::new().await;
    let (items, key) = (table.items::<Job>(), key("job"));
    let written = items.put(&key, &job("one"), Over::Nothing, NOW).await;
    let revision = stored(written.unwrap());
    assert!(items.delete(&key).await.unwrap());
    let put = async |over| items.put(&key, &job("two"), over, NOW).await.unwrap();
    assert_eq!(put(Over::Revision(&revision)).await, PutOutcome::Refused);
    let owner = Over::Attribute("owner", "nobody".into());
    assert_eq!(put(owner).await, PutOutcome::Refused);
    assert!(items.get(&key, NOW).await.unwrap().is_none());
    // Made anew, it is another one.
    stored(put(Over::Nothing).await);
    assert_eq!(put(Over::Revision(&revision)).await, PutOutcome::Refused);
}

#[tokio::test]
async fn an_expired_item_counts_as_absent() {
    let table = Table::new().await;
    let (items, key) = (table.items::<Job>(), key("job"));
    let until = Some(NOW + HOUR);
    let short = Job {
        until,
        ..job("short")
    };
    let revision = stored(items.put(&key, &short, Over::Nothing, NOW).await.unwrap());
    let put = async |over, now| items.put(&key, &short, over, now).await.unwrap();
    assert_eq!(put(Over::Nothing, NOW).await, PutOutcome::Refused);
    let later = NOW + HOUR;
    assert!(items.get(&key, later).await.unwrap().is_none());
    let page = items.page(&Query::partition("here"), later).await.unwrap();
    assert!(page.items.is_empty());
    assert_eq!(
        put(Over::Revision(&revision), later).await,
        PutOutcome::Refused
    );
    let owner = Over::Attribute("owner", "nobody".into());
    assert_eq!(put(owner, later).await, PutOutcome::Refused);
    stored(put(Over::Nothing, later).await);
}

#[tokio::test]
async fn of_many_who_delete_at_once_one_has_deleted() {
    let table = Table::new().await;
    let (items, key) = (table.items::<Job>(), key("job"));
    stored(
        items
            .put(&key, &job("one"), Over::Nothing, NOW)
            .await
            .unwrap(),
    );
    let deleted = join_all((0..6).map(|_| items.delete(&key))).await;
    let deleted = deleted.into_iter().filter(|it| *it.as_ref().unwrap());
    assert_eq!(deleted.count(), 1);
}

#[tokio::test]
async fn f104_lost_answers_are_recognised_as_our_own_writes() {
    let (table, proxy) = Table::behind_proxy().await;
    let (items, key) = (table.items::<Job>(), key("job"));
    proxy.set(Fault::LoseAnswers);
    let put = async |over| items.put(&key, &job("one"), over, NOW).await.unwrap();
    let first = stored(put(Over::Nothing).await);
    assert_eq!(put(Over::Nothing).await, PutOutcome::Refused);
    let second = stored(put(Over::Revision(&first)).await);
    assert_eq!(put(Over::Revision(&first)).await, PutOutcome::Refused);
    assert_eq!(
        items.get(&key, NOW).await.unwrap().unwrap().revision,
        second
    );
    assert!(items.delete(&key).await.unwrap());
    assert!(!items.delete(&key).await.unwrap());
    // Each of the four puts and two deletions came twice.
    assert_eq!(
        proxy.count("PutItem") + proxy.count("TransactWriteItems"),
        12
    );
}

#[tokio::test]
async fn f104_a_write_that_nobody_answered_may_be_stored_all_the_same() {
    let (table, proxy) = Table::behind_proxy().await;
    let (items, key) = (table.items::<Job>(), key("job"));
    proxy.set(Fault::LoseAllAnswers);
    let put = items.put(&key, &job("one"), Over::Nothing, NOW).await;
    assert!(
        matches!(put, Err(StoreError::Unavailable { .. })),
        "{put:?}"
    );
    proxy.heal();
    let found = items.get(&key, NOW).await.unwrap().unwrap();
    assert_eq!(found.item, job("one"));
}

#[tokio::test]
async fn f43_documents_and_items_change_together_however_many_race() {
    let table = Table::new().await;
    all_together(&table).await;
}

#[tokio::test]
async fn f104_documents_and_items_change_together_once_though_answers_are_lost() {
    let (table, proxy) = Table::behind_proxy().await;
    proxy.set(Fault::LoseAnswers);
    all_together(&table).await;
}

async fn all_together(table: &Table) {
    let (documents, items) = (table.documents(), table.items::<Job>());
    let tally = key("tally");
    let changes = (0..6).map(|number| {
        let (documents, items, tally) = (&documents, &items, &tally);
        async move {
            let read = documents.read(tally, NOW).await?;
            let key = key(&format!("job#{number}"));
            documents
                .change_along(read, tally, NOW, |tally| {
                    let along = items.write(&key, &job("one"))?;
                    Ok::<_, StoreError>((one_more(tally), Some(along)))
                })
                .await
        }
    });
    for changed in join_all(changes).await {
        changed.unwrap();
    }
    let read = documents.read(&tally, NOW).await.unwrap();
    assert_eq!(read.document.count, 6);
    let jobs = Query::partition("here").prefix("job#");
    let page = items.page(&jobs, NOW).await.unwrap();
    assert_eq!(page.items.len(), 6);
}

#[tokio::test]
async fn if_the_change_fails_neither_document_nor_item_is_stored() {
    let table = Table::new().await;
    let documents = table.documents();
    let key = key("tally");
    let read = documents.read(&key, NOW).await.unwrap();
    let changed = documents.change_along(read, &key, NOW, |tally| {
        one_more(tally);
        let table = TABLE.to_owned();
        Err::<((), _), _>(StoreError::Contended { table })
    });
    assert!(changed.await.is_err());
    assert!(table.rows().await.is_empty());
}

#[tokio::test]
async fn f77_an_item_copied_elsewhere_does_not_open() {
    let table = Table::new().await;
    let items = table.items::<Job>();
    stored(
        items
            .put(&key("job"), &job("one"), Over::Nothing, NOW)
            .await
            .unwrap(),
    );
    let for_others = table.items::<Another>();
    let read = for_others.get(&key("job"), NOW).await;
    assert!(
        matches!(read, Err(StoreError::Unreadable { .. })),
        "{read:?}"
    );
    table.copies_to(&key("other")).await;
    let read = items.get(&key("other"), NOW).await;
    assert!(
        matches!(read, Err(StoreError::Unreadable { .. })),
        "{read:?}"
    );
    // In a list it does not hide the others.
    let page = items.page(&Query::partition("here"), NOW).await.unwrap();
    assert!(matches!(page.items[..], [Ok(_), Err(_)]), "{page:?}");
}

#[tokio::test]
async fn only_the_declared_attributes_are_in_the_open() {
    let table = Table::new().await;
    let secret = Job {
        owner: "me".to_owned(),
        due: Some(NOW),
        until: Some(NOW + HOUR),
        ..job("비밀")
    };
    let put = table
        .items()
        .put(&key("job"), &secret, Over::Nothing, NOW)
        .await;
    stored(put.unwrap());
    let row = table.rows().await.pop().unwrap();
    let mut names: Vec<_> = row.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "body", "due", "expires", "owner", "pk", "revision", "sk", "state"
        ]
    );
    assert_eq!(row["due"], AttributeValue::N("1800000000000".to_owned()));
    let body = row["body"].as_b().unwrap().as_ref();
    let words = "비밀".as_bytes();
    assert!(!body.windows(words.len()).any(|part| part == words));
}

#[tokio::test]
async fn an_attribute_of_the_stores_own_cannot_be_declared() {
    #[derive(Serialize, Deserialize)]
    struct Rude;

    impl Item for Rude {
        const PURPOSE: &'static str = "rude";

        fn expires(&self) -> Option<Time> {
            None
        }

        fn attributes(&self) -> Vec<(&'static str, Value)> {
            vec![("revision", "mine".into())]
        }
    }

    let table = Table::new().await;
    let put = table
        .items()
        .put(&key("job"), &Rude, Over::Nothing, NOW)
        .await;
    assert!(matches!(put, Err(StoreError::Unwritable { .. })), "{put:?}");
}

#[tokio::test]
async fn f107a_an_item_of_another_version_is_unreadable_and_says_so() {
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Later(Job);

    impl Item for Later {
        const PURPOSE: &'static str = Job::PURPOSE;
        const VERSION: u8 = 2;

        fn expires(&self) -> Option<Time> {
            None
        }
    }

    let table = Table::new().await;
    let put = table
        .items()
        .put(&key("job"), &Later(job("one")), Over::Nothing, NOW)
        .await;
    stored(put.unwrap());
    let read = table.items::<Job>().get(&key("job"), NOW).await;
    assert_eq!(
        read.unwrap_err().to_string(),
        "an item of the table things cannot be read: it is of version 2, and this release reads version 1"
    );
    assert!(
        table
            .items::<Later>()
            .get(&key("job"), NOW)
            .await
            .unwrap()
            .is_some()
    );
}
