//! From text to a tree of values: JSON5, then `${NAME}` from the environment. Substitution comes
//! after parsing, so that the value of a variable is always text and never structure.

use serde_json::Value;
use strict_json::Strict;

use super::problem::{Problem, Problems, Report, index, key};

/// Answers for the variables of an environment.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Deeper nesting than this is no configuration, and would exhaust the stack.
const MAX_DEPTH: u8 = 32;

/// Reads one JSON5 document. Keys written twice, numbers that JSON does not have and deep nesting
/// are refused.
pub(crate) fn parse(text: &str) -> Result<Value, Problems> {
    match json5::from_str(text) {
        Ok(Strict::<MAX_DEPTH>(value)) => Ok(value),
        Err(error) => Err(syntax_problem(text, &error).into()),
    }
}

fn syntax_problem(text: &str, error: &json5::Error) -> Problem {
    let mut position = error.position();
    let message = if let Some(code) = error.code() {
        let message = code.to_string();
        if let Some(what) = message.strip_prefix("EOF parsing ") {
            position = None;
            format!("the document ends inside {what}")
        } else {
            message
        }
    } else {
        // A message of ours, with the position after it.
        let message = error.to_string();
        message
            .rsplit_once(" at line ")
            .map_or(message.as_str(), |(message, _)| message)
            .to_owned()
    };
    let end = || json5::Position::from_offset(text.len(), text);
    let json5::Position { line, column } = position.unwrap_or_else(end);
    Problem {
        path: format!("line {}, column {}", line + 1, column + 1),
        message,
    }
}

/// Replaces `${NAME}` in every string; `$${` stands for a literal `${`. A string that cannot be
/// completed becomes null.
pub(crate) fn substitute(value: &mut Value, path: &str, env: Env<'_>, report: &mut Report) {
    match value {
        Value::String(text) => match expand(text, env) {
            Ok(expanded) => *text = expanded,
            Err(message) => {
                report.problem(path, message);
                *value = Value::Null;
            }
        },
        Value::Array(values) => {
            for (position, value) in values.iter_mut().enumerate() {
                substitute(value, &index(path, position), env, report);
            }
        }
        Value::Object(values) => {
            for (name, value) in values.iter_mut() {
                substitute(value, &key(path, name), env, report);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Undoes what [`substitute`] does to a literal `${`.
pub(crate) fn escape(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace("${", "$${"),
        Value::Array(values) => values.iter_mut().for_each(escape),
        Value::Object(values) => values.values_mut().for_each(escape),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn expand(text: &str, env: Env<'_>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut unset = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str("${");
            rest = after;
            continue;
        }
        expanded.push_str(before);
        let (name, after) = after
            .split_once('}')
            .filter(|(name, _)| is_variable(name))
            .ok_or("after ${ comes the name of a variable and }; a literal ${ is written $${")?;
        match env(name) {
            Some(value) => expanded.push_str(&value),
            None => unset.push(name),
        }
        rest = after;
    }
    expanded.push_str(rest);
    if unset.is_empty() {
        Ok(expanded)
    } else {
        Err(format!("not set in the environment: {}", unset.join(", ")))
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "NAME" => Some("dari".to_owned()),
            "EMPTY" => Some(String::new()),
            "TRICK" => Some("${NAME}\", admin: \"".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn json5_is_read_with_comments_and_a_byte_order_mark() {
        let text = "\u{feff}{ a: 'b', /* note */ \"c\": [1, -2, 0x10, .5, null, true,], // end\n }";
        assert_eq!(
            parse(text).unwrap(),
            json!({ "a": "b", "c": [1, -2, 16, 0.5, null, true] })
        );
    }

    #[test]
    fn a_syntax_error_says_line_and_column() {
        for (text, expected) in [
            ("", "line 1, column 1: the document ends inside value"),
            ("{\n  a: 1\n  b: 2\n}", "line 3, column 3: expected comma"),
            (
                "{\n  a: [1, 2",
                "line 2, column 11: the document ends inside array",
            ),
            ("{ a: 1 } x", "line 1, column 10: trailing characters"),
            ("{ a: NaN }", "line 1, column 6: not a finite number"),
            (
                "{ a: 1,\n  'a': 2 }",
                "line 2, column 3: the key \"a\" is written twice",
            ),
            (
                "{ 'x at line y': 1, 'x at line y': 2 }",
                "line 1, column 21: the key \"x at line y\" is written twice",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_instead_of_exhausting_the_stack() {
        let problems = parse(&"[".repeat(100_000)).unwrap_err();
        assert_eq!(problems.to_string(), "line 1, column 33: nested too deeply");
    }

    #[test]
    fn variables_are_replaced_and_their_values_are_only_text() {
        for (text, expected) in [
            ("${NAME}", Ok("dari")),
            ("a${NAME}b${NAME}", Ok("adaribdari")),
            ("${EMPTY}", Ok("")),
            ("$${NAME} and $5", Ok("${NAME} and $5")),
            ("${TRICK}", Ok("${NAME}\", admin: \"")),
            (
                "${GONE} ${NAME} ${LOST}",
                Err("not set in the environment: GONE, LOST"),
            ),
            (
                "다리 ${",
                Err("after ${ comes the name of a variable and }; a literal ${ is written $${"),
            ),
            (
                "${}",
                Err("after ${ comes the name of a variable and }; a literal ${ is written $${"),
            ),
            (
                "${1A}",
                Err("after ${ comes the name of a variable and }; a literal ${ is written $${"),
            ),
        ] {
            assert_eq!(
                expand(text, &env),
                expected.map(str::to_owned).map_err(str::to_owned),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = parse(&text);
            let _ = expand(&text, &env);
        }

        #[test]
        fn what_was_escaped_expands_to_what_it_was(text in "[${}A-Z다]*") {
            let mut value = Value::from(text.clone());
            escape(&mut value);
            prop_assert_eq!(expand(value.as_str().unwrap(), &|_| None), Ok(text));
        }

        #[test]
        fn whatever_json_can_say_is_read_as_json_reads_it(key in any::<String>(), text in any::<String>(), number in any::<i64>()) {
            let value = json!({ key: [text, number, { "nested": null }] });
            prop_assert_eq!(parse(&value.to_string()).unwrap(), value);
        }
    }
}
