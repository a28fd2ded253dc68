use std::fmt::Debug;

use super::*;

async fn puts(items: &Items<Job>, key: &PrimaryKey, job: &Job) {
    stored(items.put(key, job, Over::Nothing, NOW).await.unwrap());
}

/// Every page of a list; the cursors go through the hands of a caller.
async fn pages(items: &Items<Job>, query: Query) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut page = items.page(&query, NOW).await.unwrap();
    loop {
        let words = page
            .items
            .into_iter()
            .map(|stored| stored.unwrap().item.words);
        pages.push(words.collect());
        let Some(next) = page.next else { return pages };
        assert!(pages.len() < 10, "it goes in circles: {pages:?}");
        let query = query.clone().after(Cursor::new(next.as_str()));
        page = items.page(&query, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn a_partition_is_listed_page_by_page_in_the_order_of_its_sort_keys() {
    let table = Table::new().await;
    let items = table.items::<Job>();
    for sort in ["b#1", "a#3", "a#1", "c#1", "a#2"] {
        puts(&items, &key(sort), &job(sort)).await;
    }
    puts(
        &items,
        &PrimaryKey::new("elsewhere", "a#1"),
        &job("elsewhere"),
    )
    .await;
    let here = Query::partition("here");
    assert_eq!(
        pages(&items, here.clone()).await.concat(),
        ["a#1", "a#2", "a#3", "b#1", "c#1"]
    );
    let listed = pages(&items, here.clone().limit(2)).await;
    assert_eq!(
        listed,
        [vec!["a#1", "a#2"], vec!["a#3", "b#1"], vec!["c#1"]]
    );
    let listed = pages(&items, here.clone().prefix("a#").limit(2)).await;
    assert_eq!(listed, [vec!["a#1", "a#2"], vec!["a#3"]]);
    assert_eq!(
        pages(&items, here.clone().from("a#3")).await,
        [["a#3", "b#1", "c#1"]]
    );
    assert_eq!(pages(&items, here.until("a#2")).await, [["a#1", "a#2"]]);
    assert_eq!(pages(&items, Query::partition("nowhere")).await, [[""; 0]]);
}

#[tokio::test]
async fn a_page_may_be_empty_though_there_are_more() {
    let table = Table::new().await;
    let items = table.items::<Job>();
    for sort in ["1", "2", "3"] {
        let until = (sort != "3").then_some(NOW);
        puts(&items, &key(sort), &Job { until, ..job(sort) }).await;
    }
    let listed = pages(&items, Query::partition("here").limit(2)).await;
    assert_eq!(listed, [vec![], vec!["3"]]);
}

#[tokio::test]
async fn what_is_due_is_found_page_by_page_and_the_cursor_goes_on() {
    let table = Table::new().await;
    let items = table.items::<Job>();
    let due = |seconds| Some(NOW + Duration::from_secs(seconds));
    // In the order of their keys they would come the other way round; three are due at once.
    for (sort, seconds) in [
        ("f", 0),
        ("e", 10),
        ("d", 20),
        ("c", 20),
        ("b", 20),
        ("a", 21),
    ] {
        let job = Job {
            due: due(seconds),
            ..job(sort)
        };
        // Of many people: an index reaches over partitions.
        puts(&items, &PrimaryKey::new(format!("of {sort}"), sort), &job).await;
    }
    puts(&items, &key("never"), &job("never")).await;

    let until = Query::index(DUE, "open").until(NOW + Duration::from_secs(20));
    let all = pages(&items, until.clone()).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0][..2], ["f", "e"]);
    let mut together = all[0][2..].to_vec();
    together.sort_unstable();
    assert_eq!(together, ["b", "c", "d"]);
    let by_two = pages(&items, until.clone().limit(2)).await;
    assert!(by_two.iter().all(|page| page.len() <= 2), "{by_two:?}");
    assert_eq!(by_two.concat(), all[0]);
    assert_eq!(pages(&items, Query::index(DUE, "closed")).await, [[""; 0]]);

    // What was worked off is due no more, and the rest of the list is still the rest.
    let first = items.page(&until.clone().limit(2), NOW).await.unwrap();
    for listed in first.items {
        let listed = listed.unwrap();
        let over = Over::Revision(&listed.revision);
        let done = Job {
            due: None,
            ..listed.item
        };
        stored(items.put(&listed.key, &done, over, NOW).await.unwrap());
    }
    let rest = until.clone().after(first.next.unwrap());
    assert_eq!(pages(&items, rest).await.concat(), all[0][2..]);
    assert_eq!(pages(&items, until).await.concat(), all[0][2..]);
}

#[tokio::test]
async fn a_cursor_tells_nothing_and_fits_only_its_own_list() {
    let table = Table::new().await;
    let items = table.items::<Job>();
    for sort in ["1", "2"] {
        puts(
            &items,
            &key(sort),
            &Job {
                due: Some(NOW),
                ..job(sort)
            },
        )
        .await;
        puts(&items, &PrimaryKey::new("there", sort), &job(sort)).await;
    }
    let here = Query::partition("here").limit(1);
    let cursor = items.page(&here, NOW).await.unwrap().next.unwrap();
    assert!(
        items
            .page(&here.clone().after(cursor.clone()), NOW)
            .await
            .is_ok()
    );
    let changed: String = cursor.as_str().chars().rev().collect();
    let cut = cursor.as_str().chars().take(8).collect::<String>();
    let hand_made = r#"{"pk":"here","sk":"1"}"#.to_owned();
    for foreign in [changed, cut, hand_made, String::new()] {
        is_foreign(&items, here.clone().after(Cursor::new(foreign))).await;
    }
    is_foreign(&items, Query::partition("there").after(cursor.clone())).await;
    is_foreign(&items, Query::index(DUE, "here").after(cursor.clone())).await;
    is_foreign(&table.items::<Another>(), here.after(cursor)).await;
}

async fn is_foreign<T: Item + Debug>(items: &Items<T>, query: Query) {
    let page = items.page(&query, NOW).await;
    assert!(
        matches!(page, Err(StoreError::ForeignCursor { .. })),
        "{page:?}"
    );
}
