//! A web server for the assembled playground, on this machine only, with the Content-Security-Policy it is published under.

use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::http::{HeaderName, HeaderValue};
use tokio::runtime::Runtime;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::run::say;

/// A server that is listening, so its address is known before the first request.
pub struct Site {
    listener: TcpListener,
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
        let listener = bind(port)?;
        let address = listener.local_addr().context("the server has no address")?;
        Ok(Self { listener, folder, url: format!("http://{address}/") })
    }

    /// Answers requests until the process ends.
    pub fn serve(self) -> Result<()> {
        let files = Router::new().fallback_service(ServeDir::new(self.folder));
        let site = HEADERS.into_iter().fold(files, |site, (name, value)| {
            let (name, value) = (HeaderName::from_static(name), HeaderValue::from_static(value));
            site.layer(SetResponseHeaderLayer::overriding(name, value))
        });
        self.listener.set_nonblocking(true).context("the server can not wait for several browsers")?;
        Runtime::new().context("the server can not start")?.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            axum::serve(listener, site).await.context("the server stopped")
        })
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

fn bind(first: u16) -> Result<TcpListener> {
    let last = if first == 0 { 0 } else { first.saturating_add(PORTS_TO_TRY) };
    let mut failure = None;
    for port in first..=last {
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = Some(error),
        }
    }
    bail!("no port from {first} to {last} is free: {}", failure.map(|error| error.to_string()).unwrap_or_default());
}

/// On every file. The policy allows nothing from elsewhere and no inline script or style; WebAssembly has to be allowed by name.
const HEADERS: [(&str, &str); 4] = [
    ("content-security-policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; object-src 'none'"),
    ("cache-control", "no-cache"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
];

const PORTS_TO_TRY: u16 = 100;

#[cfg(test)]
mod tests;
