//! The responses that all functions give alike.

use http::{HeaderValue, Method, Response, StatusCode, header};
use lambda_http::{Body, aws_lambda_events::apigw::ApiGatewayV2httpResponse};

pub fn json(body: String) -> Response<String> {
    let mut response = Response::new(body);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}

/// A status and nothing else.
pub fn bare(status: StatusCode) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = status;
    response
}

/// To somebody who may call, but sent what cannot be read.
pub fn refuse(status: StatusCode, reason: &str) -> Response<String> {
    tracing::warn!(status = status.as_u16(), reason, "a request was refused");
    bare(status)
}

/// The response on [`super::HEALTH`].
pub fn health(method: &Method) -> Response<String> {
    if method == Method::GET || method == Method::HEAD {
        json(r#"{"status":"ok"}"#.to_owned())
    } else {
        bare(StatusCode::METHOD_NOT_ALLOWED)
    }
}

pub(super) fn for_gateway(response: Response<String>) -> ApiGatewayV2httpResponse {
    let (mut parts, body) = response.into_parts();
    let cookies = parts.headers.get_all(header::SET_COOKIE).iter();
    let mut response = ApiGatewayV2httpResponse::default();
    response.cookies = cookies
        .filter_map(|cookie| Some(cookie.to_str().ok()?.to_owned()))
        .collect();
    parts.headers.remove(header::SET_COOKIE);
    response.status_code = parts.status.as_u16().into();
    response.headers = parts.headers;
    response.body = Some(Body::from(body));
    response
}
