//! HTTP: any method, target, headers and body, as they are and signed.

use waxseal_kms::http::HttpRequest;
use zeroize::Zeroizing;

use super::world::{WORLD, post};

/// The text of an HTTP request: method and target in the first line, headers in the next ones, and after an empty line the body.
pub fn http(data: &[u8]) {
    let front = WORLD.front();
    let response = front.send(&parse(data));
    let is_refused = response.status >= 400;
    assert!(is_refused || response.status == 204, "who did not sign is answered nothing but whether a page may ask");
    if let Some(signed) = front.sign(parse(data)) {
        front.send(&signed);
    }
}

fn parse(data: &[u8]) -> HttpRequest {
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = end.map_or((data, &[][..]), |end| (&data[..end], &data[end + 2..]));
    let head = String::from_utf8_lossy(head).into_owned();
    let mut lines = head.split('\n');
    let first = lines.next().unwrap_or_default();
    let (method, target) = first.split_once(' ').unwrap_or((first, ""));
    let headers = lines.filter_map(|line| line.split_once(": ")).take(MAX_HEADERS);
    HttpRequest {
        method: method.into(),
        target: target.into(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).collect(),
        body: Zeroizing::new(body.to_vec()),
        ..post("", Vec::new())
    }
}

const MAX_HEADERS: usize = 64;
