//! What the cards of real models become: each `card-*.json` among the samples.

use std::{fs, path::Path};

use serde_json::{Value, from_slice, from_str};

use super::*;
use crate::skill::cards::tests::check::check;

#[test]
fn every_sample_is_shown_as_it_was_meant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples/answers");
    let hidden_picture = PlainText::literal("[사진]").unwrap();
    let look = Look {
        limit: ChunkLimit::DEFAULT,
        surface: Surface::Channel,
        local: &[],
        hidden_picture: Some(&hidden_picture),
    };
    let mut seen = 0;
    let mut wrong = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        if !name.starts_with("card-") {
            continue;
        }
        seen += 1;
        let sample: Value = from_slice(&fs::read(file.path()).unwrap()).unwrap();
        let reply = Reply::read(sample["said"].as_str().unwrap()).unwrap();
        let json = page(&reply, look, MAX_OUTPUTS)
            .into_response(vec![])
            .to_json();
        check(&json, Surface::Channel);
        let shown = from_str::<Value>(&json).unwrap()["template"]["outputs"].take();
        if shown != sample["outputs"] {
            wrong.push(format!(
                "{name}\n  shown {shown}\n  meant {}",
                sample["outputs"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 10, "only {seen} samples");
}
