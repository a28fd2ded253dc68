//! What the Markdown of real models becomes: each `markdown-*.json` among the samples.

use std::{fs, path::Path};

use reply::Reply;
use serde_json::Value;

#[test]
fn every_sample_is_shown_as_it_was_meant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples/answers");
    let mut seen = 0;
    let mut wrong = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        if !name.starts_with("markdown-") {
            continue;
        }
        seen += 1;
        let sample: Value = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        let text = |field: &str| sample[field].as_str().unwrap();
        let words = Reply::read(text("said")).unwrap().words();
        if words != text("shown") {
            wrong.push(format!(
                "{name}\n  shown {words:?}\n  meant {:?}",
                text("shown")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 30, "only {seen} samples");
}
