//! A place in an answer, which knows its own path.

use serde_json::Value;

#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) path: String,
}

impl<'a> Node<'a> {
    /// The answer itself.
    pub(super) fn root(answer: &'a Value) -> Self {
        Self {
            value: answer,
            path: "$".into(),
        }
    }

    /// The field; `null` counts as absent.
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        let value = self.value.get(key)?;
        (!value.is_null()).then(|| Node {
            value,
            path: self.path_of(key),
        })
    }

    /// The field, if it is text.
    pub(super) fn str(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// The elements, if this is an array.
    pub(super) fn items(&self) -> Option<Vec<Node<'a>>> {
        let items = self.value.as_array()?.iter().enumerate();
        let node = |(index, value)| Node {
            value,
            path: format!("{}[{index}]", self.path),
        };
        Some(items.map(node).collect())
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }
}
