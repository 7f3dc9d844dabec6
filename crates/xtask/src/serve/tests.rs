use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use super::*;

/// A site with one page and one module, served for as long as the test process lives.
fn site() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("index.html"), "<p>hello").unwrap();
    std::fs::write(dir.path().join("app.wasm"), b"\0asm").unwrap();
    let site = Site::listen(dir.path().to_path_buf(), 0).unwrap();
    let address = site.url.strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    thread::spawn(move || site.serve().unwrap());
    (dir, address)
}

fn ask(address: &str, method: &str, url: &str, header: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{method} {url} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{header}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_page_comes_with_its_type_and_policy() {
    let (_dir, address) = site();
    let answer = ask(&address, "GET", "/?lesson=3", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-type: text/html\r\n"), "{answer}");
    assert!(answer.contains("content-security-policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval';"), "{answer}");
    assert!(answer.ends_with("<p>hello"), "{answer}");
    let answer = ask(&address, "HEAD", "/app.wasm", "");
    assert!(answer.contains("content-type: application/wasm\r\n") && !answer.contains("\0asm"), "{answer}");
}

#[test]
fn what_the_browser_has_is_not_sent_again() {
    let (_dir, address) = site();
    let answer = ask(&address, "GET", "/app.wasm", "");
    let modified = answer.lines().find_map(|line| line.strip_prefix("last-modified: ")).unwrap();
    let answer = ask(&address, "GET", "/app.wasm", &format!("If-Modified-Since: {modified}\r\n"));
    assert!(answer.starts_with("HTTP/1.1 304"), "{answer}");
}

#[test]
fn nothing_but_files_of_the_folder_is_read() {
    let (dir, address) = site();
    std::fs::write(dir.path().parent().unwrap().join("waxseal-serve-test-secret"), "secret").unwrap();
    for url in ["/../waxseal-serve-test-secret", "/%2e%2e/waxseal-serve-test-secret", "/..%2fwaxseal-serve-test-secret", "/no-such-file"] {
        assert!(ask(&address, "GET", url, "").starts_with("HTTP/1.1 404"), "{url}");
    }
    assert!(ask(&address, "POST", "/", "Content-Length: 0\r\n").starts_with("HTTP/1.1 405"));
    std::fs::remove_file(dir.path().parent().unwrap().join("waxseal-serve-test-secret")).unwrap();
}

/// A browser keeps its connections open and uses six of them at once, in whatever order.
#[test]
fn many_connections_wait_for_nobody() {
    let (_dir, address) = site();
    let mut streams: Vec<_> = (0..32).map(|_| TcpStream::connect(&address).unwrap()).collect();
    for stream in streams.iter_mut().rev() {
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        write!(stream, "GET /app.wasm HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
    }
}

#[test]
fn a_taken_port_gives_way_to_the_next() {
    let (dir, _) = site();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let site = Site::listen(dir.path().to_path_buf(), port).unwrap();
    let chosen: u16 = site.url.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    assert!(chosen > port, "{chosen}");
}

#[test]
fn an_empty_folder_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let Err(error) = Site::listen(dir.path().to_path_buf(), 0) else { panic!("served an empty folder") };
    assert!(error.to_string().contains("run `cargo xtask web`"), "{error}");
}
