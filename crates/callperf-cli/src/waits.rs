//! What the client waits for, and what it tries again: said on standard error while it lasts.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

use crate::console;

/// The same is said again after this long: each page of a pull may wait.
const SAID_EVERY: Duration = Duration::from_secs(30);

/// Says from now on what the client reports. A program that has a subscriber keeps it.
pub(crate) fn say_from_now_on() {
    let _ = tracing_subscriber::registry().with(Waits::default()).try_init();
}

#[derive(Default)]
struct Waits {
    said: Mutex<HashMap<String, Instant>>,
}

impl Waits {
    /// Whether a text is new, or was said long ago.
    fn is_news(&self, text: &str, now: Instant) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.retain(|_, at| now.duration_since(*at) < SAID_EVERY);
        let is_news = !said.contains_key(text);
        said.entry(text.to_owned()).or_insert(now);
        is_news
    }
}

impl<S: Subscriber> Layer<S> for Waits {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_event()
            && *metadata.level() <= Level::INFO
            && metadata.target().starts_with("callperf::")
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut message = Message::default();
        event.record(&mut message);
        if !self.is_news(&message.text, Instant::now()) {
            return;
        }
        if message.is_of_a_calibration {
            // It changes the report that was asked for, so that it is said in spite of --quiet.
            console::say(&format!("callperf: {}", message.text));
        } else {
            console::note_beside_a_meter(&message.text);
        }
    }
}

/// The text of an event.
#[derive(Default)]
struct Message {
    text: String,
    /// Whether it warns of a calibration of another server.
    is_of_a_calibration: bool,
}

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.text = format!("{value:?}"),
            "calibrated" => self.is_of_a_calibration = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_again_after_a_while() {
        let (waits, begun) = (Waits::default(), Instant::now());
        let news = |text, seconds| waits.is_news(text, begun + Duration::from_secs(seconds));
        let said = [("a", 0), ("a", 1), ("b", 2), ("a", 29), ("a", 30), ("b", 31), ("b", 33)];
        let said = said.map(|(text, seconds)| news(text, seconds));
        assert_eq!(said, [true, false, true, false, true, false, true]);
    }
}
