use futures_util::future::join_all;
use local_lambda::fault::Fault;

use super::*;

#[tokio::test]
async fn changes_made_at_once_are_all_made() {
    let table = Table::new().await;
    let (documents, key) = (table.documents(), key("tally"));
    let changes = (0..8).map(|_| documents.change(&key, NOW, one_more));
    let mut counts: Vec<u32> = join_all(changes)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let (table, proxy) = Table::behind_proxy().await;
    let look = |tally: &mut Tally| tally.count;
    let looked = table.documents().change(&key("tally"), NOW, look).await;
    assert_eq!(looked.unwrap(), 0);
    assert_eq!(proxy.seen().len(), 1);
}

#[tokio::test]
async fn f104_a_change_whose_answer_was_lost_is_made_once() {
    let (table, proxy) = Table::behind_proxy().await;
    let documents = table.documents();
    proxy.set(Fault::LoseAnswers);
    for expected in 1..=3 {
        let count = documents.change(&key("tally"), NOW, one_more).await;
        assert_eq!(count.unwrap(), expected);
    }
    assert_eq!(proxy.count("PutItem"), 6);
}

#[tokio::test]
async fn an_expired_document_counts_as_absent_and_is_written_over() {
    let table = Table::new().await;
    let (documents, key) = (table.documents(), key("tally"));
    documents.change(&key, NOW, one_more).await.unwrap();
    documents.change(&key, NOW, one_more).await.unwrap();
    let later = NOW + HOUR;
    let read = documents.read(&key, later).await.unwrap();
    assert_eq!(read.document, Tally::default());
    let again = documents.change_from(read, &key, later, one_more).await;
    assert_eq!(again.unwrap(), 1);
}

#[tokio::test]
async fn f77_a_document_copied_elsewhere_does_not_open() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Another(Tally);

    impl Document for Another {
        const PURPOSE: &'static str = "another";

        fn expires(&self) -> Time {
            self.0.until
        }
    }

    let table = Table::new().await;
    let documents = table.documents();
    documents
        .change(&key("tally"), NOW, one_more)
        .await
        .unwrap();
    table.copies_to(&key("other")).await;
    let read = documents.read(&key("other"), NOW).await;
    assert!(
        matches!(read, Err(StoreError::Unreadable { .. })),
        "{read:?}"
    );
    let as_another = documents.beside::<Another>();
    let read = as_another.read(&key("tally"), NOW).await;
    assert!(
        matches!(read, Err(StoreError::Unreadable { .. })),
        "{read:?}"
    );
}

#[tokio::test]
async fn f107a_a_document_of_another_version_is_unreadable_and_says_so() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Later(Tally);

    impl Document for Later {
        const PURPOSE: &'static str = Tally::PURPOSE;
        const VERSION: u8 = 2;

        fn expires(&self) -> Time {
            self.0.until
        }
    }

    let table = Table::new().await;
    let (documents, key) = (table.documents(), key("tally"));
    let change = |later: &mut Later| one_more(&mut later.0);
    let later = documents.beside::<Later>();
    later.change(&key, NOW, change).await.unwrap();
    let read = documents.read(&key, NOW).await;
    assert_eq!(
        read.unwrap_err().to_string(),
        "an item of the table things cannot be read: it is of version 2, and this release reads version 1"
    );
    let changed = documents.change(&key, NOW, one_more).await;
    assert!(matches!(changed, Err(StoreError::Unreadable { .. })));
    let Later(kept) = later.read(&key, NOW).await.unwrap().document;
    assert_eq!(kept.count, 1, "written over");
}
