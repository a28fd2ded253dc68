//! Compares a document with its schema and finds everything that does not fit: unknown settings,
//! wrong types, unknown words, numbers out of range. What does not fit becomes null, so that the
//! rest can be read.

use serde_json::{Map, Value};

use super::problem::{Report, did_you_mean, index, key};

/// Reports what in `document` does not fit `schema`, and takes it out. Knows the parts of JSON
/// Schema that [`crate::config::schema`] makes use of.
pub(crate) fn check(schema: &Value, document: &mut Value, report: &mut Report) {
    Checker {
        root: schema,
        report,
    }
    .visit(schema, document, "");
}

struct Checker<'a> {
    root: &'a Value,
    report: &'a mut Report,
}

impl<'a> Checker<'a> {
    fn visit(&mut self, schema: &'a Value, value: &mut Value, path: &str) {
        let schema = self.follow(schema);
        if let Some(choices) = list(schema, "anyOf") {
            // An optional reference: the thing itself, or null.
            if !value.is_null()
                && let Some(choice) = choices.iter().find(|choice| !allows_null(choice))
            {
                self.visit(choice, value, path);
            }
        } else if let Some(choices) = list(schema, "oneOf") {
            self.visit_one_of(choices, value, path);
        } else if let Some(wrong) = wrong_type(schema, value).or_else(|| wrong_range(schema, value))
        {
            self.refuse(value, path, wrong);
        } else if let Some(words) = list(schema, "enum") {
            self.visit_word(
                &words.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
                value,
                path,
            );
        } else if let Value::Object(object) = value {
            self.visit_object(schema, object, path);
        } else if let (Value::Array(values), Some(items)) = (value, schema.get("items")) {
            for (position, value) in values.iter_mut().enumerate() {
                self.visit(items, value, &index(path, position));
            }
        }
    }

    fn visit_object(&mut self, schema: &'a Value, object: &mut Map<String, Value>, path: &str) {
        let known = schema.get("properties").and_then(Value::as_object);
        let others = schema
            .get("additionalProperties")
            .filter(|others| others.is_object());
        let names: Vec<_> = object.keys().cloned().collect();
        for name in names {
            let path = key(path, &name);
            if let Some(schema) = known.and_then(|known| known.get(&name)).or(others) {
                if let Some(value) = object.get_mut(&name) {
                    self.visit(schema, value, &path);
                }
            } else {
                object.remove(&name);
                let suggestion = did_you_mean(
                    &name,
                    known.into_iter().flat_map(Map::keys).map(String::as_str),
                );
                self.report
                    .problem(path, format!("unknown setting{suggestion}"));
            }
        }
        for name in list(schema, "required")
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if object.get(name).is_none_or(Value::is_null) {
                self.report.problem(key(path, name), "is required");
            }
        }
    }

    /// Either words with a description each, or objects told apart by a word in one of their
    /// settings.
    fn visit_one_of(&mut self, choices: &'a [Value], value: &mut Value, path: &str) {
        let words: Vec<_> = choices
            .iter()
            .filter_map(|choice| choice.get("const")?.as_str())
            .collect();
        if !words.is_empty() {
            return self.visit_word(&words, value, path);
        }
        let tagged: Vec<_> = choices
            .iter()
            .filter_map(|choice| Some((tag_of(choice)?, choice)))
            .collect();
        let (Some(((tag, _), _)), Some(object)) = (tagged.first(), value.as_object_mut()) else {
            let wrong = format!("must be an object, not {}", described(value));
            return self.refuse(value, path, wrong);
        };
        let place = key(path, tag);
        match object.get_mut(*tag) {
            None | Some(Value::Null) => self.report.problem(place, "is required"),
            Some(word) => {
                self.visit_word(
                    &tagged
                        .iter()
                        .map(|((_, word), _)| *word)
                        .collect::<Vec<_>>(),
                    word,
                    &place,
                );
                let chosen = tagged
                    .iter()
                    .find(|((_, known), _)| word.as_str() == Some(known));
                if let Some((_, choice)) = chosen {
                    return self.visit_object(choice, object, path);
                }
            }
        }
        *value = Value::Null;
    }

    fn visit_word(&mut self, words: &[&str], value: &mut Value, path: &str) {
        let wrong = match value.as_str() {
            Some(word) if words.contains(&word) => return,
            Some(word) => {
                let suggestion = did_you_mean(word, words.iter().copied());
                format!("must be one of {}{suggestion}", words.join(", "))
            }
            None if value.is_null() => return,
            None => format!(
                "must be one of {}, not {}",
                words.join(", "),
                described(value)
            ),
        };
        self.refuse(value, path, wrong);
    }

    fn refuse(&mut self, value: &mut Value, path: &str, wrong: String) {
        self.report.problem(path, wrong);
        *value = Value::Null;
    }

    fn follow(&self, schema: &'a Value) -> &'a Value {
        let pointer = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix('#'));
        pointer
            .and_then(|pointer| self.root.pointer(pointer))
            .unwrap_or(schema)
    }
}

fn list<'a>(schema: &'a Value, name: &str) -> Option<&'a [Value]> {
    schema.get(name)?.as_array().map(Vec::as_slice)
}

/// The setting that has a constant in `choice`, and the constant.
fn tag_of(choice: &Value) -> Option<(&str, &str)> {
    let settings = choice.get("properties")?.as_object()?;
    settings
        .iter()
        .find_map(|(name, setting)| Some((name.as_str(), setting.get("const")?.as_str()?)))
}

fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let named = schema.get("type");
    let several = named.and_then(Value::as_array).into_iter().flatten();
    named
        .filter(|named| named.is_string())
        .into_iter()
        .chain(several)
        .filter_map(Value::as_str)
}

fn allows_null(schema: &Value) -> bool {
    types(schema).any(|name| name == "null")
}

fn wrong_type(schema: &Value, value: &Value) -> Option<String> {
    let fits = |name| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    let wanted = types(schema)
        .filter(|name| *name != "null")
        .map(|name| match name {
            "boolean" => "true or false",
            "integer" => "a whole number",
            "number" => "a number",
            "string" => "a string",
            "array" => "a list",
            _ => "an object",
        });
    if types(schema).next().is_none() || types(schema).any(fits) {
        return None;
    }
    Some(format!(
        "must be {}, not {}",
        wanted.collect::<Vec<_>>().join(" or "),
        described(value)
    ))
}

fn wrong_range(schema: &Value, value: &Value) -> Option<String> {
    let (min, max) = (
        schema.get("minimum")?.as_f64()?,
        schema.get("maximum")?.as_f64()?,
    );
    let number = value.as_f64()?;
    (!(min..=max).contains(&number)).then(|| format!("must be from {min} to {max}, not {value}"))
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
