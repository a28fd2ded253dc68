//! A request as a proxy has seen it.

use std::time::Instant;

use bytes::Bytes;

/// One request that has arrived at the proxy.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Instant,
    /// The AWS operation, such as `PutItem`; the method elsewhere.
    pub operation: String,
    /// With the query.
    pub path: String,
    /// What the AWS operation works on: table names, queue URL, secret.
    pub resources: Vec<String>,
    pub body: Bytes,
}

impl Seen {
    /// Whether it is this operation on a resource whose name ends with `resource`.
    pub fn is(&self, operation: &str, resource: &str) -> bool {
        let is_resource = |name: &String| name.ends_with(resource);
        self.operation == operation && self.resources.iter().any(is_resource)
    }

    /// Whether its body has this text.
    pub fn says(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }
}
