//! A server written on TCP, which plays a script to each request: most faults
//! are beyond an HTTP server.

use std::{
    io::{self, Write as _},
    sync::Arc,
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::sleep,
};

#[derive(Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Sends so many megabytes more.
    Flood(usize),
    /// Sends a byte now and then.
    Drip(Vec<u8>),
    /// Keeps the connection and says nothing more.
    Hang,
    Close,
    /// Drops the connection without the courtesies.
    Reset,
}

/// What is done about one request.
pub(crate) type Play = Vec<Step>;

pub(crate) fn send(bytes: impl Into<Vec<u8>>) -> Play {
    vec![Step::Send(bytes.into())]
}

pub(crate) fn then(mut play: Play, step: Step) -> Play {
    play.push(step);
    play
}

/// Lines of a head and a body, as they are.
pub(crate) fn raw(head: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = format!("{}\r\n\r\n", head.join("\r\n")).into_bytes();
    out.extend_from_slice(body.as_ref());
    out
}

/// An answer with its proper length.
pub(crate) fn http(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Play {
    let (status, length) =
        (format!("HTTP/1.1 {status}"), format!("Content-Length: {}", body.as_ref().len()));
    let head = [&[status.as_str(), length.as_str()], headers].concat();
    send(raw(&head, body))
}

pub(crate) const JSON: &str = "Content-Type: application/json";
pub(crate) const HTML: &str = "Content-Type: text/html";
pub(crate) const PAGE: &str = "<html><body>Please log in to the proxy</body></html>";

pub(crate) fn ok(body: impl AsRef<[u8]>) -> Play {
    http("200 OK", &[JSON], body)
}

pub(crate) fn gzip(body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// A refusal with the API's own error list.
pub(crate) fn refusal(status: &str, code: &str, headers: &[&str]) -> Play {
    let error = json!({"errorCode": code, "message": "no", "permissionName": "Analytics"});
    let body = json!({"errorCode": code, "message": "no", "errors": [error]});
    http(status, &[headers, &[JSON]].concat(), body.to_string())
}

/// The path of the next request, once all of it is read; `None` at the end.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        if let Some(path) = whole_request(&read) {
            return Some(path);
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}

fn whole_request(read: &[u8]) -> Option<String> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&read[..end]).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let body: usize = length.map_or(0, |length| length.parse().unwrap());
    let path = head.split(' ').nth(1)?.to_owned();
    (read.len() >= end + 4 + body).then_some(path)
}

async fn perform(stream: &mut TcpStream, step: Step) -> io::Result<()> {
    match step {
        Step::Send(bytes) => return stream.write_all(&bytes).await,
        Step::Flood(megabytes) => {
            let megabyte = vec![b' '; 1 << 20];
            for _ in 0..megabytes {
                stream.write_all(&megabyte).await?;
            }
            return Ok(());
        }
        Step::Drip(bytes) => {
            for byte in bytes {
                stream.write_all(&[byte]).await?;
                sleep(Duration::from_millis(20)).await;
            }
            return Ok(());
        }
        Step::Hang => std::future::pending().await,
        Step::Close => {}
        Step::Reset => {
            // What was sent must arrive first: a reset may overtake it.
            sleep(Duration::from_millis(20)).await;
            stream.set_zero_linger()?;
        }
    }
    Err(io::ErrorKind::ConnectionAborted.into())
}

/// What is done about a request of this path.
pub(crate) type Script = Arc<dyn Fn(&str) -> Play + Send + Sync>;

async fn converse(mut stream: TcpStream, script: Script) -> io::Result<()> {
    stream.set_nodelay(true)?;
    while let Some(path) = request(&mut stream).await {
        for step in script(&path) {
            perform(&mut stream, step).await?;
        }
    }
    Ok(())
}

pub(crate) async fn serve(listener: TcpListener, script: Script) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, Arc::clone(&script)));
    }
}
