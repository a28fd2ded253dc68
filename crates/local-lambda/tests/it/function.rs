use std::time::Duration;

use local_lambda::{function::Function, sandbox::Failed};
use serde_json::json;

use crate::sample;

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_warm_sandbox_is_used_before_a_new_one() {
    let function = Function::new(sample(LONG), 5);
    assert!(function.sandboxes().is_empty());
    for n in 0..3 {
        assert_eq!(function.invoke(json!(n)).await, Ok(json!(n)));
    }
    assert_eq!(function.sandboxes().len(), 1);
    function.cool();
    assert!(function.sandboxes().is_empty());
    function.invoke(json!(3)).await.unwrap();
    let output = function.output();
    assert_eq!(output.matches("started").count(), 2);
    assert_eq!(output.matches("event").count(), 4);
}

#[tokio::test]
async fn events_at_once_have_a_sandbox_each_up_to_the_concurrency() {
    let function = Function::new(sample(LONG), 2);
    let hang = |function: Function| {
        tokio::spawn(async move { function.invoke(json!({ "do": "hang" })).await })
    };
    let hanging = [hang(function.clone()), hang(function.clone())];
    while function.busy().len() < 2 {
        tokio::task::yield_now().await;
    }
    let waiting = {
        let function = function.clone();
        tokio::spawn(async move { function.invoke(json!(1)).await })
    };
    for sandbox in function.busy() {
        sandbox.ready().await.unwrap();
    }
    assert!(!waiting.is_finished());
    assert_eq!(function.sandboxes().len(), 2);
    function.busy()[0].kill();
    assert_eq!(waiting.await.unwrap(), Ok(json!(1)));
    assert_eq!(function.busy().len(), 1);
    function.busy()[0].kill();
    for hung in hanging {
        let failed = hung.await.unwrap();
        assert_eq!(failed, Err(Failed::Died("killed".to_owned())));
    }
}

#[tokio::test]
async fn a_sandbox_that_died_or_timed_out_is_not_used_again() {
    let function = Function::new(sample(Duration::from_millis(300)), 1);
    let timed_out = function.invoke(json!({ "do": "hang" })).await;
    assert_eq!(timed_out, Err(Failed::TimedOut));
    assert_eq!(function.invoke(json!(1)).await, Ok(json!(1)));
    let died = function.invoke(json!({ "do": "exit" })).await;
    assert_eq!(died, Err(Failed::Died("exit status: 3".to_owned())));
    assert_eq!(function.invoke(json!(2)).await, Ok(json!(2)));
    function.sandboxes()[0].kill();
    assert_eq!(function.invoke(json!(3)).await, Ok(json!(3)));
    assert_eq!(function.output().matches("started").count(), 4);
}

#[tokio::test]
async fn an_event_that_nobody_waits_for_goes_on() {
    let function = Function::new(sample(LONG), 1);
    let waiting = {
        let function = function.clone();
        tokio::spawn(async move { function.invoke(json!("abandoned")).await })
    };
    while function.busy().is_empty() {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    assert_eq!(function.invoke(json!("next")).await, Ok(json!("next")));
    let output = function.output();
    assert!(output.contains("event \"abandoned\""), "{output}");
    assert_eq!(output.matches("started").count(), 1);
}

#[tokio::test]
async fn a_function_that_cannot_start_says_why() {
    let function = Function::new(sample(LONG).with_env("START", "report"), 1);
    let Err(Failed::Init(why)) = function.invoke(json!(1)).await else {
        panic!("started");
    };
    assert!(
        why.contains("there is no table") && why.contains("last words"),
        "{why}"
    );
}
