//! A document as a [`Value`], where a key that stands twice in an object is an error: two readers
//! could take different ones, and one of them may be the one that checks.

use std::fmt;

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// What a document says. Keys that stand twice, numbers that JSON does not have and nesting deeper
/// than `MAX_DEPTH` are errors, at the place where they stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Strict<const MAX_DEPTH: u8>(pub Value);

impl<'de, const MAX_DEPTH: u8> Deserialize<'de> for Strict<MAX_DEPTH> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let root = Node { depth: MAX_DEPTH };
        root.deserialize(deserializer).map(Self)
    }
}

/// One value of the document.
#[derive(Clone, Copy)]
struct Node {
    /// How many levels it may still have below it.
    depth: u8,
}

impl Node {
    fn below<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        let depth = depth.ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(below)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut values = Map::new();
        while let Some(key) = object.next_key_seed(Key { taken: &values })? {
            let value = object.next_value_seed(below)?;
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}

/// A key that is not taken yet. It is checked while it is read, so that the error stands where the
/// key does.
struct Key<'a> {
    taken: &'a Map<String, Value>,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<String, E> {
        if self.taken.contains_key(key) {
            return Err(E::custom(format_args!("the key {key:?} is written twice")));
        }
        Ok(key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{from_str, json};

    use super::*;

    #[test]
    fn a_key_said_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":[{"b":{"c":1,"\u0063":2}}]}"#,
            r#"{"":0,"":0}"#,
        ] {
            let error = from_str::<Strict<9>>(text).unwrap_err();
            assert!(error.is_data() && error.to_string().contains("written twice"));
        }
        assert!(from_str::<Strict<9>>(r#"{"a":{"a":1},"A":{"a":1}}"#).is_ok());
    }

    #[test]
    fn nesting_beyond_the_depth_is_refused() {
        assert_eq!(from_str::<Strict<3>>("[[[1]]]").unwrap().0, json!([[[1]]]));
        let error = from_str::<Strict<3>>(r#"[{"a":[[]]}]"#).unwrap_err();
        assert!(error.to_string().starts_with("nested too deeply"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(keys in prop::collection::btree_set(".*", 0..6), text in ".*", number: i64) {
            let keys = keys.into_iter().map(|key| (key, json!([text, number, 0.5, null, true])));
            let value = Value::Object(keys.collect());
            prop_assert_eq!(from_str::<Strict<9>>(&value.to_string()).unwrap().0, value);
        }
    }
}
