//! Reading a template by paths such as `Resources.TurnQueue.Properties.VisibilityTimeout`.

use serde_norway::Value;

/// The value at a path: names of mapping entries and positions in lists, separated by dots. A tag
/// such as `!If` counts as the value that it stands on.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Tagged(tagged) => entry(&tagged.value, step),
        value => entry(value, step),
    })
}

fn entry<'a>(value: &'a Value, step: &str) -> Option<&'a Value> {
    match value {
        Value::Sequence(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    }
}

/// The same value, to be changed.
pub fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Sequence(items) => items.get_mut(step.parse::<usize>().ok()?),
        value => value.get_mut(step),
    })
}

/// The logical id and the properties of every resource of a kind, such as `AWS::SQS::Queue`.
pub fn resources<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    entries(at(template, "Resources"))
        .filter(|(_, resource)| at(resource, "Type").and_then(text) == Some(kind))
        .filter_map(|(id, resource)| Some((id, at(resource, "Properties")?)))
        .collect()
}

/// The entries of a mapping; none where there is no mapping.
pub fn entries(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let mapping = value.and_then(Value::as_mapping);
    mapping
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.as_str()?, value)))
}

/// The items of a list, or a single value as a list of one, as IAM has it.
pub fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(Value::Sequence(items)) => items.iter().collect(),
        Some(value) => vec![value],
    }
}

/// A string, also behind a tag such as `!Sub`.
pub fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Tagged(tagged) => tagged.value.as_str(),
        value => value.as_str(),
    }
}

pub fn text_at<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path).and_then(text)
}

pub fn number_at(value: &Value, path: &str) -> Option<u64> {
    at(value, path)?.as_u64()
}

pub fn is_true(value: &Value, path: &str) -> bool {
    at(value, path) == Some(&Value::Bool(true))
}

/// The logical id that `!Ref` or `!GetAtt` names.
pub fn target(value: &Value) -> Option<&str> {
    let Value::Tagged(tagged) = value else {
        return None;
    };
    let name = tagged.value.as_str()?;
    if tagged.tag == "Ref" {
        Some(name)
    } else if tagged.tag == "GetAtt" {
        name.split_once('.').map(|(id, _)| id)
    } else {
        None
    }
}

pub fn target_at<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path).and_then(target)
}

/// What every `${…}` of a `!Sub` names.
pub fn substitutions(text: &str) -> impl Iterator<Item = &str> {
    text.split("${")
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
