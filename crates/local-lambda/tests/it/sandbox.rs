use std::time::Duration;

use local_lambda::sandbox::{Failed, Sandbox};
use serde_json::{Value, json};

use crate::sample;

const LONG: Duration = Duration::from_mins(1);

async fn frozen(sandbox: &Sandbox, expected: bool) {
    let reached = async {
        while sandbox.is_frozen().unwrap() != expected {
            tokio::task::yield_now().await;
        }
    };
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, reached).await.unwrap();
}

#[tokio::test]
async fn events_are_answered_one_after_the_other() {
    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    for n in 0..3 {
        let event = json!({ "n": n, "text": "안녕" });
        assert_eq!(sandbox.invoke(event.clone()).await, Ok(event));
    }
    let (one, two) = tokio::join!(sandbox.invoke(json!(1)), sandbox.invoke(json!(2)));
    assert_eq!((one, two), (Ok(json!(1)), Ok(json!(2))));
    let output = sandbox.output();
    assert!(
        output.starts_with("started\nwarned\nevent {\"n\":0"),
        "{output}"
    );
}

#[tokio::test]
async fn an_error_is_an_answer_and_the_process_goes_on() {
    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    let failed = Failed::Error {
        kind: "Sample.Failure".to_owned(),
        message: "as asked".to_owned(),
    };
    assert_eq!(sandbox.invoke(json!({ "do": "fail" })).await, Err(failed));
    assert_eq!(sandbox.invoke(json!(1)).await, Ok(json!(1)));
}

#[tokio::test]
async fn an_answer_of_more_than_6_mb_is_an_error() {
    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    let Err(Failed::Error { kind, .. }) = sandbox.invoke(json!({ "do": "flood" })).await else {
        panic!("answered");
    };
    assert_eq!(kind, "Function.ResponseSizeTooLarge");
}

#[tokio::test]
async fn what_takes_too_long_is_killed() {
    let sandbox = Sandbox::start(&sample(Duration::from_millis(300))).unwrap();
    let failed = sandbox.invoke(json!({ "do": "hang" })).await;
    assert_eq!(failed, Err(Failed::TimedOut));
    assert!(!sandbox.has_process());
    sandbox.peak_rss_kib().unwrap_err();
    let again = sandbox.invoke(json!(1)).await;
    assert_eq!(again, Err(Failed::Died("timed out".to_owned())));
}

#[tokio::test]
async fn nothing_runs_between_events() {
    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    sandbox.ready().await.unwrap();
    stands_still(&sandbox).await;
    ticks(&sandbox).await;
    stands_still(&sandbox).await;
}

async fn stands_still(sandbox: &Sandbox) {
    frozen(sandbox, true).await;
    let cpu = sandbox.cpu_time().unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(sandbox.cpu_time().unwrap(), cpu);
}

#[tokio::test]
async fn a_program_may_be_left_running_between_events() {
    let sandbox = Sandbox::start(&sample(LONG).never_frozen()).unwrap();
    let before = ticks(&sandbox).await;
    while ticks(&sandbox).await < before + 100 {
        assert!(!sandbox.is_frozen().unwrap());
    }
}

async fn ticks(sandbox: &Sandbox) -> u64 {
    let ticks = sandbox.invoke(json!({ "do": "ticks" })).await;
    ticks.unwrap().as_u64().unwrap()
}

#[tokio::test]
async fn thawed_between_events_it_runs_until_its_next_answer() {
    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    ticks(&sandbox).await;
    stands_still(&sandbox).await;
    sandbox.thaw();
    for _ in 0..20 {
        let cpu = sandbox.cpu_time().unwrap();
        while sandbox.cpu_time().unwrap() == cpu {
            tokio::task::yield_now().await;
        }
    }
    assert!(!sandbox.is_frozen().unwrap());
    ticks(&sandbox).await;
    stands_still(&sandbox).await;
}

#[tokio::test]
async fn a_paused_process_answers_once_it_is_thawed() {
    let sandbox = Sandbox::start(&sample(LONG).never_frozen()).unwrap();
    sandbox.ready().await.unwrap();
    sandbox.freeze();
    frozen(&sandbox, true).await;
    let invoked = sandbox.clone();
    let answer = tokio::spawn(async move { invoked.invoke(json!(1)).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!answer.is_finished());
    sandbox.thaw();
    assert_eq!(answer.await.unwrap(), Ok(json!(1)));
}

#[tokio::test]
async fn a_process_that_ends_in_the_middle_has_died() {
    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    let failed = sandbox.invoke(json!({ "do": "exit" })).await;
    assert_eq!(failed, Err(Failed::Died("exit status: 3".to_owned())));
    assert_eq!(sandbox.ended().await, "exit status: 3");

    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    sandbox.ready().await.unwrap();
    let kill = async {
        frozen(&sandbox, false).await;
        sandbox.kill();
    };
    let (failed, ()) = tokio::join!(sandbox.invoke(json!({ "do": "hang" })), kill);
    assert_eq!(failed, Err(Failed::Died("killed".to_owned())));
}

#[tokio::test]
async fn a_sandbox_that_is_dropped_takes_its_process_along() {
    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    sandbox.ready().await.unwrap();
    let status = format!("/proc/{}/status", sandbox.pid());
    let is_running = || std::fs::read_to_string(&status).is_ok_and(|it| !it.contains("State:\tZ"));
    assert!(is_running());
    drop(sandbox);
    while is_running() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_fails_at_start_says_why_with_all_its_output() {
    let program = sample(LONG).with_env("START", "report");
    let sandbox = Sandbox::start(&program).unwrap();
    let expected = "NoTable: there is no table\nstarted\nwarned\nlast words\n";
    let error = sandbox.ready().await.unwrap_err();
    assert_eq!(error.to_string(), expected);
    let failed = sandbox.invoke(json!(1)).await;
    assert_eq!(failed, Err(Failed::Init(expected.to_owned())));

    let program = sample(LONG).with_env("START", "exit");
    let sandbox = Sandbox::start(&program).unwrap();
    let failed = sandbox.invoke(json!(1)).await;
    let expected = "exit status: 7\nstarted\nwarned\n".to_owned();
    assert_eq!(failed, Err(Failed::Init(expected)));

    let missing = local_lambda::sandbox::Program::new("/nowhere/at/all", LONG);
    assert!(Sandbox::start(&missing).is_err());
}

#[tokio::test]
async fn the_environment_is_the_programs_own() {
    let program = sample(LONG).with_env("DARI_ACCESS_TABLE", "access");
    let sandbox = Sandbox::start(&program).unwrap();
    let Ok(Value::Array(names)) = sandbox.invoke(json!({ "do": "env" })).await else {
        panic!("no names");
    };
    assert!(names.contains(&"DARI_ACCESS_TABLE".into()));
    assert!(names.contains(&"AWS_LAMBDA_FUNCTION_NAME".into()));
    for name in ["CARGO_MANIFEST_DIR", "LAMBDA_TASK_ROOT"] {
        assert!(!names.contains(&name.into()), "{name}");
    }
}

#[tokio::test]
async fn the_first_steps_are_measured() {
    let sandbox = Sandbox::start(&sample(LONG)).unwrap();
    sandbox.ready().await.unwrap();
    let timing = sandbox.timing();
    assert!(timing.exec_to_first_poll.unwrap() > Duration::ZERO);
    assert_eq!(timing.exec_to_first_answer, None);
    assert!(sandbox.cpu_time().unwrap() > Duration::ZERO);
    assert!(sandbox.peak_rss_kib().unwrap() > 100);
    sandbox.invoke(json!(1)).await.unwrap();
    let answered = sandbox.timing();
    assert_eq!(answered.exec_to_first_poll, timing.exec_to_first_poll);
    assert!(answered.exec_to_first_answer > timing.exec_to_first_poll);
}
