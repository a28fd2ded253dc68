use super::*;

const DOCUMENT: &str = "\
- **F-01 (P0)** A key fits → let in. → Test.
- **F-21 (P1)** A key does not fit → kept out. → Test.
- **F-21a (P1)** No key → kept out. → Test.
- **F-100 (P2)** A | in words → nothing. → Test.

### 8.1 By other means

| line | by |
|---|---|
| F-100 | the gate |

### 8.2 Waiting

| part | lines |
|---|---|
| `locks` | F-21–F-21a |

<!-- proven -->
old
<!-- end -->
after
";

fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn every_line_has_its_proof_or_the_lack_of_one() {
    let tests = [
        source("tests/it/a.rs", "    #[test]\n    fn f1_a_key_opens() {\n"),
        source(
            "tests/aws/b.rs",
            "#[tokio::test(start_paused = true)]\n#[ignore]\nasync fn f01_twice() {\n",
        ),
        source(
            "crates/emulator/src/c.rs",
            "#[test]\nfn f100_it_plays() {\n",
        ),
    ];
    let written = rewritten(DOCUMENT, &tests).unwrap();
    let (_, table) = written.split_once(BEGIN).unwrap();
    let rows: Vec<&str> = table.lines().skip(5).collect();
    assert_eq!(
        rows,
        [
            "| F-01 | P0 | A key fits | `f01_twice` †<br>`f1_a_key_opens` |",
            "| F-21 | P1 | A key does not fit | waits for `locks` |",
            "| F-21a | P1 | No key | waits for `locks` |",
            "| F-100 | P2 | A \\| in words | the gate |",
            "<!-- end -->",
            "after",
        ]
    );
    assert!(table.starts_with("Of 4 lines 1 are proven by tests that name them, 1 by other"));
    assert_eq!(rewritten(&written, &tests).unwrap(), written);
}

#[test]
fn what_nobody_proves_is_open() {
    let written = rewritten(DOCUMENT, &[]).unwrap();
    assert!(written.contains("| F-01 | P0 | A key fits | **open** |"));
    assert!(written.contains("1 are **open**"));
    assert!(written.contains("P0: F-01; P1: none; P2: none."));
}

#[test]
fn a_test_of_a_fault_that_does_not_exist_is_an_error() {
    let unknown = [source("a.rs", "#[test]\nfn f01_f99_a_key() {\n")];
    let error = rewritten(DOCUMENT, &unknown).unwrap_err().to_string();
    assert_eq!(
        error,
        "a.rs: there is no F-99 that f01_f99_a_key could prove"
    );
    let no_test = [source("a.rs", "#[test]\nfn one() {\n}\nfn f01_a_key() {\n")];
    let error = rewritten(DOCUMENT, &no_test).unwrap_err().to_string();
    assert_eq!(error, "a.rs: f01_a_key names F-01 and is no test");
}

#[test]
fn what_is_proven_does_not_wait() {
    let proven = [source("a.rs", "#[test]\nfn f21a_no_key() {\n")];
    let error = rewritten(DOCUMENT, &proven).unwrap_err().to_string();
    assert!(error.starts_with("F-21a is proven"), "{error}");
}

#[test]
fn a_remark_on_a_line_that_is_not_there_is_an_error() {
    for wrong in ["F-21–F-99", "F-99", "F-21a–F-21", "F-21, F-21"] {
        let document = DOCUMENT.replace("F-21–F-21a", wrong);
        assert!(rewritten(&document, &[]).is_err(), "{wrong}");
    }
}

#[test]
fn lines_are_named_at_the_beginning_only() {
    let lines = |name| named(name).collect::<Vec<_>>();
    assert_eq!(lines("f16_f17_f21b_a_store"), ["F-16", "F-17", "F-21b"]);
    assert_eq!(lines("f131c_alarms_f2"), ["F-131c"]);
    assert!(lines("fail_f16").is_empty());
    assert!(lines("f_16").is_empty());
    assert!(lines("f16ab_x").is_empty());
}

#[test]
fn long_situations_are_cut_between_words() {
    let long = "word ".repeat(40);
    let short = shortened(&long);
    assert!(short.ends_with("word …") && short.chars().count() <= SITUATION + 2);
    assert_eq!(
        shortened("`a b` ".repeat(20).trim()).matches('`').count() % 2,
        0
    );
}
