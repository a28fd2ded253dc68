//! The chat page as a browser loads it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::World;

/// The addresses the text refers to, relative to the page's folder.
fn references(text: &str) -> BTreeSet<String> {
    let found = ["\"page/", "from \"./"].into_iter().flat_map(|start| {
        let parts = text.split(start).skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned())
    });
    found.collect()
}

#[tokio::test]
async fn the_root_leads_to_the_page() {
    let world = World::new().await;
    for path in ["", "/"] {
        let response = world.get(path).await;
        assert_eq!(response.status(), 307);
        assert_eq!(response.headers()["location"], "/emulator/chat");
    }
}

#[tokio::test]
async fn every_file_is_served_with_its_type_and_nothing_else_may_run() {
    let world = World::new().await;
    let mut wanted = vec!["/chat".to_owned()];
    let mut seen = BTreeSet::new();
    let mut weight = 0;
    while let Some(path) = wanted.pop() {
        let response = world.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let media_type = match path.rsplit_once('.').map(|(_, extension)| extension) {
            None => "text/html; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some(other) => panic!("what is {other}?"),
        };
        assert_eq!(header("content-type"), media_type);
        assert_eq!(header("cache-control"), "no-cache");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        let text = response.text().await.unwrap();
        weight += text.len();
        assert!(
            !text.contains("style=\"") && !text.contains("onclick=\""),
            "{path}"
        );
        for name in references(&text) {
            let path = format!("/page/{name}");
            if seen.insert(path.clone()) {
                wanted.push(path);
            }
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
    assert!(weight <= 150_000, "{weight} bytes");
    assert_eq!(world.get("/page/none.js").await.status(), 404);
}

#[tokio::test]
async fn the_page_learns_of_its_surroundings() {
    let world = World::new().await;
    let setup: Value = world.get("/api/page").await.json().await.unwrap();
    let expected = json!({"panel": null, "publicUrl": world.url, "skillDeadlineMs": 5000});
    assert_eq!(setup, expected);
    let world = World::with_panel("/operator/panel.js").await;
    let setup: Value = world.get("/api/page").await.json().await.unwrap();
    assert_eq!(setup["panel"], "/operator/panel.js");
}
