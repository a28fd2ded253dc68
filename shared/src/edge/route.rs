//! A function's routes, and what becomes of requests that are on none of them.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use super::response::{bare, health};

/// Every function answers here, without anything it depends on.
pub const HEALTH: &str = "/health";

/// A path as the gateway and axum write it, such as `/kakao/webhook/{account}`, with the methods
/// that it takes.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub methods: &'static [Method],
    pub path: &'static str,
}

impl Route {
    /// Whether `path` is on this route. A slash at its end counts for nothing.
    fn fits(&self, path: &str) -> bool {
        let mut parts = segments(path);
        let mut expected = self.path.split('/').skip(1);
        loop {
            match (expected.next(), parts.next()) {
                (None, None) => return true,
                (Some(expected), Some(part)) if expected == part => {}
                (Some(expected), Some(part)) if expected.starts_with('{') && !part.is_empty() => {}
                _ => return false,
            }
        }
    }
}

/// What is between the slashes of a path.
pub fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').skip(1)
}

/// The response to a request that is not for the function: its health, or a refusal. No secret,
/// table or queue has a part in it.
pub fn away(routes: &[Route], request: &Request<Bytes>) -> Option<Response<String>> {
    let path = request.uri().path();
    if path == HEALTH {
        return Some(health(request.method()));
    }
    let mut here = routes.iter().filter(|route| route.fits(path)).peekable();
    if here.peek().is_none() {
        return Some(bare(StatusCode::NOT_FOUND));
    }
    let taken = here.any(|route| route.methods.contains(request.method()));
    (!taken).then(|| bare(StatusCode::METHOD_NOT_ALLOWED))
}
