//! Connections that fail on purpose, in ways that no HTTP server offers. Requests that the HTTP server can't read, and
//! refuses by itself, get an error body.

use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::HttpBody as _;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

use super::fault::Place;
use crate::wire::failure::Failure;

/// A connection that went silent isn't kept longer: no client waits as long.
const SILENCE: Duration = Duration::from_secs(600);
/// How far into a head "into the head" is: past the status, into the first header.
const INTO_HEAD: usize = 20;
const GREETING: &[u8] = b"SSH-2.0-OpenSSH_9.9\r\n";
const END_OF_HEAD: &[u8] = b"\r\n\r\n";
/// What the HTTP server itself says of a request, after the status; no other answer begins like this.
const BARE: &[u8] = b"\r\nconnection: close\r\ncontent-length: 0\r\n";

/// What becomes of the next answer on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    Ends(Place, Ending),
    /// A byte at a time: from the first on, or from the body's first on.
    Drips {
        from: Place,
        gap: Duration,
    },
    NotHttp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Reset,
    Close,
    Stall,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    course: Course,
    /// How much of the body is let through, where its middle matters.
    half: usize,
}

/// The connection's other end, for the handlers: it arms the connection before the answer goes out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handle(Arc<Mutex<Option<Plan>>>);

impl Handle {
    fn plan(&self) -> MutexGuard<'_, Option<Plan>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of the answer that comes next; nothing becomes of those after it.
    pub(crate) fn arm(&self, course: Option<Course>, body_length: usize) {
        *self.plan() = course.map(|course| Plan { course, half: body_length / 2 });
    }
}

/// Arms the connection for an answer that is to fail on its way.
pub(crate) async fn steer(
    ConnectInfo(line): ConnectInfo<Handle>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let length = response.body().size_hint().lower();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    line.arm(response.extensions_mut().remove(), length);
    response
}

/// A listener whose connections can fail on purpose.
#[derive(Debug)]
pub(crate) struct Lines(pub(crate) TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without it a client that keeps its connection waits for the delayed acknowledgement.
        stream.set_nodelay(true).ok();
        (Line::new(stream), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Lines>> for Handle {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Handle {
        stream.io().handle.clone()
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    handle: Handle,
    /// How far the armed answer has got.
    progress: Progress,
    wait: Option<Pin<Box<Sleep>>>,
    /// What is sent in place of a bare refusal, and how much of it has been.
    words: Option<(Vec<u8>, usize)>,
}

#[derive(Debug, Default)]
struct Progress {
    sent: usize,
    /// How many bytes of the end of the head have just gone by.
    matched: usize,
    head: Option<usize>,
}

impl Line {
    fn new(stream: TcpStream) -> Line {
        Line {
            stream,
            handle: Handle::default(),
            progress: Progress::default(),
            wait: None,
            words: None,
        }
    }

    /// Sends something else instead of all the bytes.
    fn write_words(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Option<Poll<io::Result<usize>>> {
        if self.words.is_none() {
            self.words = Some((in_words(bytes)?, 0));
        }
        let (words, sent) = self.words.as_mut()?;
        while *sent < words.len() {
            match Pin::new(&mut self.stream).poll_write(context, &words[*sent..]) {
                Poll::Ready(Ok(0)) => {
                    return Some(Poll::Ready(Err(io::ErrorKind::WriteZero.into())));
                }
                Poll::Ready(Ok(written)) => *sent += written,
                other => return Some(other),
            }
        }
        self.words = None;
        Some(Poll::Ready(Ok(bytes.len())))
    }

    fn write_armed(
        &mut self,
        plan: Plan,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match plan.course {
            Course::NotHttp => {
                ready!(Pin::new(&mut self.stream).poll_write(context, GREETING))?;
                Poll::Ready(Err(over()))
            }
            Course::Drips { from, gap } => self.drip(from, gap, context, bytes),
            Course::Ends(place, ending) => {
                let allowed = self.progress.allowed(place, plan.half, bytes);
                if allowed == 0 {
                    return self.end(ending, context);
                }
                self.forward(context, &bytes[..allowed])
            }
        }
    }

    fn drip(
        &mut self,
        from: Place,
        gap: Duration,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let at_once = match from {
            Place::Start => 0,
            _ => self.progress.allowed(Place::Headers, 0, bytes),
        };
        if at_once > 0 {
            return self.forward(context, &bytes[..at_once]);
        }
        let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(gap)));
        ready!(wait.as_mut().poll(context));
        self.wait = None;
        self.forward(context, &bytes[..1])
    }

    fn forward(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.progress.passed(&bytes[..written]);
        Poll::Ready(Ok(written))
    }

    fn end(&mut self, ending: Ending, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match ending {
            Ending::Close => {}
            // The connection is then dropped with a reset, and what was sent may be lost with it.
            Ending::Reset => self.stream.set_zero_linger()?,
            Ending::Stall => {
                let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(SILENCE)));
                ready!(wait.as_mut().poll(context));
            }
        }
        Poll::Ready(Err(over()))
    }
}

/// A bare refusal with a body in the service's shape.
fn in_words(bytes: &[u8]) -> Option<Vec<u8>> {
    // Every answer passes here, so no more of it is read than tells which it is.
    let number = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let end = bytes.iter().position(|byte| *byte == b'\r')?;
    let rest = std::str::from_utf8(bytes[end..].strip_prefix(BARE)?).ok()?;
    let status = std::str::from_utf8(&bytes[..end]).ok()?;
    let code = StatusCode::from_bytes(number).ok()?;
    let why = match code {
        StatusCode::URI_TOO_LONG => "the address is too long",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "the headers are too many, or too long",
        _ => "this isn't HTTP/1.1, which is all that is spoken here, without TLS",
    };
    let body = Failure::new(code, "CMN-104", format!("Cannot parse request: {why}")).body();
    let length = body.len();
    let head = format!(
        "{status}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{rest}"
    );
    Some([head.into_bytes(), body].concat())
}

/// The server drops a connection that it can't write to.
fn over() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "as it was asked for")
}

impl Progress {
    /// How many of these bytes still come before the place.
    fn allowed(&self, place: Place, half: usize, bytes: &[u8]) -> usize {
        let end = match place {
            Place::Start => Some(0),
            Place::Head => Some(INTO_HEAD),
            Place::Headers => self.head_end(bytes),
            Place::Body => self.head_end(bytes).map(|head| head + half),
        };
        end.map_or(bytes.len(), |end| end.saturating_sub(self.sent).min(bytes.len()))
    }

    /// Where the head ends, counted from the answer's start, if it does within these bytes or before them.
    fn head_end(&self, bytes: &[u8]) -> Option<usize> {
        let mut ahead = Progress { sent: self.sent, matched: self.matched, head: self.head };
        ahead.passed(bytes);
        ahead.head
    }

    fn passed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.sent += 1;
            if self.head.is_some() {
                continue;
            }
            self.matched = match self.matched {
                matched if *byte == END_OF_HEAD[matched] => matched + 1,
                _ => usize::from(*byte == END_OF_HEAD[0]),
            };
            if self.matched == END_OF_HEAD.len() {
                self.head = Some(self.sent);
            }
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            // A new request: the answer to it begins at its beginning.
            self.progress = Progress::default();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let plan = *self.handle.plan();
        match plan {
            Some(plan) if !bytes.is_empty() => self.write_armed(plan, context, bytes),
            _ => match self.write_words(context, bytes) {
                Some(done) => done,
                None => Pin::new(&mut self.stream).poll_write(context, bytes),
            },
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let plan = *self.handle.plan();
        let first = slices.iter().find(|slice| !slice.is_empty());
        match (plan, first) {
            (Some(plan), Some(first)) => self.write_armed(plan, context, first),
            (_, first) => match first.and_then(|first| self.write_words(context, first)) {
                Some(done) => done,
                None => Pin::new(&mut self.stream).poll_write_vectored(context, slices),
            },
        }
    }

    /// So that a head and its body go out in one call.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_head_is_found_however_it_is_cut() {
        let answer = b"HTTP/1.1 200 OK\r\nA: \r\r\n\r\nbody";
        let head = answer.len() - 4;
        for cut in 0..answer.len() {
            let mut progress = Progress::default();
            progress.passed(&answer[..cut]);
            let allowed = |place| progress.allowed(place, 2, &answer[cut..]);
            assert_eq!(allowed(Place::Headers), head.saturating_sub(cut), "{cut}");
            assert_eq!(allowed(Place::Body), (head + 2).saturating_sub(cut), "{cut}");
            assert_eq!(allowed(Place::Head), 20_usize.saturating_sub(cut), "{cut}");
            assert_eq!(allowed(Place::Start), 0);
        }
        assert_eq!(Progress::default().allowed(Place::Headers, 0, &answer[..9]), 9);
    }
}
