//! A web server for the assembled playground, on this machine only, with the Content-Security-Policy it is published under.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, bail};
use percent_encoding::percent_decode_str;
use tiny_http::{Header, Method, Request, Response, Server};

use crate::run::say;

/// A server that is listening, so its address is known before the first request.
pub struct Site {
    server: Arc<Server>,
    folder: PathBuf,
    /// Where the pages are, `http://127.0.0.1:PORT/`.
    pub url: String,
}

impl Site {
    /// Listens on `port`, or the next free one; port 0 is any free one.
    pub fn listen(folder: PathBuf, port: u16) -> Result<Self> {
        if !folder.join("index.html").is_file() {
            bail!("there is no playground in `{}`; run `cargo xtask web`", folder.display());
        }
        let server = bind(port)?;
        let address = server.server_addr().to_ip().context("the server has no address")?;
        Ok(Self { server: Arc::new(server), folder, url: format!("http://{address}/") })
    }

    /// Answers requests until the process ends.
    pub fn serve(self) {
        let folder = self.folder.as_path();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let server = Arc::clone(&self.server);
                scope.spawn(move || {
                    for request in server.incoming_requests() {
                        // A browser that went away is no news.
                        let _ = answer(request, folder);
                    }
                });
            }
        });
    }
}

/// Shows `url` in the developer's browser, unless there is nobody to look.
pub fn open_browser(url: &str) {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_screen = !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    if is_set("CI") || is_set("SSH_CONNECTION") || !has_screen {
        return;
    }
    if let Err(error) = open::that_detached(url) {
        say(format!("cannot open a browser: {error}"));
    }
}

fn bind(first: u16) -> Result<Server> {
    let last = if first == 0 { 0 } else { first.saturating_add(PORTS_TO_TRY) };
    let mut failure = None;
    for port in first..=last {
        match Server::http(("127.0.0.1", port)) {
            Ok(server) => return Ok(server),
            Err(error) => failure = Some(error),
        }
    }
    bail!("no port from {first} to {last} is free: {}", failure.map(|error| error.to_string()).unwrap_or_default());
}

fn answer(request: Request, folder: &Path) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(plain("this server only reads", 405));
    }
    let Some((path, bytes)) = find(folder, request.url()) else { return request.respond(plain("no such file", 404)) };
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let unchanged = request.headers().iter().any(|header| header.field.equiv("If-None-Match") && header.value == tag.as_str());
    let response = Response::from_data(if unchanged { Vec::new() } else { bytes });
    let response = response.with_status_code(if unchanged { 304 } else { 200 });
    let headers = [("Content-Type", mime_type(&path)), ("ETag", tag.as_str())].into_iter().chain(HEADERS);
    request.respond(headers.fold(response, |response, (name, value)| match Header::from_bytes(name, value) {
        Ok(header) => response.with_header(header),
        Err(()) => response,
    }))
}

fn plain(text: &str, status: u16) -> Response<std::io::Cursor<Vec<u8>>> {
    Response::from_string(text).with_status_code(status)
}

/// The file a URL means, and its content. A folder means its `index.html`.
fn find(folder: &Path, url: &str) -> Option<(PathBuf, Vec<u8>)> {
    let mut path = folder.join(inside(url)?);
    if path.is_dir() {
        path.push("index.html");
    }
    let bytes = std::fs::read(&path).ok()?;
    Some((path, bytes))
}

/// A URL's path, relative, or `None` if it would leave the folder.
fn inside(url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let mut inside = PathBuf::new();
    for part in decoded.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." || part.contains(['\\', ':', '\0']) {
            return None;
        }
        inside.push(part);
    }
    Some(inside)
}

/// What a browser is told a file is, by its extension. It refuses modules and streams of another type.
fn mime_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// On every file. The policy allows nothing from elsewhere and no inline script or style; WebAssembly has to be allowed by name.
const HEADERS: [(&str, &str); 4] = [
    ("Content-Security-Policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; object-src 'none'"),
    ("Cache-Control", "no-cache"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
];

/// A browser opens up to six connections to a host.
const THREADS: usize = 6;

const PORTS_TO_TRY: u16 = 100;

#[cfg(test)]
mod tests;
