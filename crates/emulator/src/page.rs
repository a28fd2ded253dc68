//! The chat page: plain HTML, CSS and ES modules, carried in the binary.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use crate::{clock::millis, ground::Ground};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

const INDEX: &str = include_str!("page/index.html");

/// Every file the page loads, by name.
const ASSETS: &[(&str, &str, &str)] = &[
    ("api.js", JAVASCRIPT, include_str!("page/api.js")),
    ("app.js", JAVASCRIPT, include_str!("page/app.js")),
    ("bubbles.js", JAVASCRIPT, include_str!("page/bubbles.js")),
    ("carousel.js", JAVASCRIPT, include_str!("page/carousel.js")),
    ("composer.js", JAVASCRIPT, include_str!("page/composer.js")),
    ("details.js", JAVASCRIPT, include_str!("page/details.js")),
    ("dom.js", JAVASCRIPT, include_str!("page/dom.js")),
    ("faults.js", JAVASCRIPT, include_str!("page/faults.js")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("images.js", JAVASCRIPT, include_str!("page/images.js")),
    (
        "inspector.js",
        JAVASCRIPT,
        include_str!("page/inspector.js"),
    ),
    ("list.js", JAVASCRIPT, include_str!("page/list.js")),
    ("chat.css", CSS, include_str!("page/chat.css")),
    ("room.js", JAVASCRIPT, include_str!("page/room.js")),
    ("sending.js", JAVASCRIPT, include_str!("page/sending.js")),
    ("side.js", JAVASCRIPT, include_str!("page/side.js")),
    ("state.js", JAVASCRIPT, include_str!("page/state.js")),
    ("strings.js", JAVASCRIPT, include_str!("page/strings.js")),
    ("style.css", CSS, include_str!("page/style.css")),
    ("switches.js", JAVASCRIPT, include_str!("page/switches.js")),
    ("timeline.js", JAVASCRIPT, include_str!("page/timeline.js")),
];

/// Images may come from anywhere, because answers name them; the page loads those of other hosts
/// only if its user has switched that on.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data: blob: http: https:; media-src 'self' blob:; frame-ancestors 'none'; \
    base-uri 'none'; form-action 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-cache"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

pub(crate) fn router(ground: Arc<Ground>) -> Router {
    Router::new()
        .route("/", get(root))
        .route("/chat", get(chat))
        .route("/page/{name}", get(asset))
        .route("/api/page", get(setup))
        .with_state(ground)
}

async fn chat() -> Response {
    served(HTML, INDEX)
}

async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, media_type, text)) => served(media_type, text),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn served(media_type: &'static str, text: &'static str) -> Response {
    (HEADERS, [(header::CONTENT_TYPE, media_type)], text).into_response()
}

/// To the page. The address is absolute: a relative one would depend on whether the root was asked
/// for with its slash.
async fn root(State(ground): State<Arc<Ground>>, RawQuery(query): RawQuery) -> Response {
    let public_url = &ground.options.public_url;
    let mounted = url::Url::parse(public_url).map_or_else(
        |_| String::new(),
        |url| url.path().trim_end_matches('/').to_owned(),
    );
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let target = format!("{mounted}/chat{query}");
    (
        StatusCode::TEMPORARY_REDIRECT,
        HEADERS,
        [(header::LOCATION, target)],
    )
        .into_response()
}

/// How the emulator is set up, as far as the page must know.
async fn setup(State(ground): State<Arc<Ground>>) -> Json<Value> {
    let options = &ground.options;
    Json(json!({
        "panel": options.panel,
        "publicUrl": options.public_url,
        "skillDeadlineMs": millis(options.skill_deadline),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_stays_light() {
        let assets: usize = ASSETS.iter().map(|(.., text)| text.len()).sum();
        assert!(assets + INDEX.len() <= 150_000);
    }

    #[test]
    fn what_the_files_refer_to_is_there() {
        let known = |name: &str| ASSETS.iter().any(|(asset, ..)| *asset == name);
        let mut seen = 0;
        for text in ASSETS.iter().map(|(.., text)| *text).chain([INDEX]) {
            for start in ["\"page/", "from \"./"] {
                for part in text.split(start).skip(1) {
                    let name = part.split('"').next().unwrap();
                    assert!(known(name), "{name}");
                    seen += 1;
                }
            }
        }
        assert!(seen > ASSETS.len());
    }

    #[test]
    fn the_page_asks_nothing_of_other_hosts() {
        for (name, _, text) in ASSETS {
            let namespace = "http://www.w3.org/2000/svg";
            let rest = text.replace(namespace, "");
            assert!(
                !rest.contains("@import") && !rest.contains("url(http"),
                "{name}"
            );
            assert!(!rest.contains("innerHTML"), "{name}");
        }
    }
}
