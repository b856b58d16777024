//! What is said beside the data: notes and progress, on standard error.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use callperf::{Progress, shown};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A property of the whole process, as its standard error is.
static QUIET: AtomicBool = AtomicBool::new(false);

/// The bars that are drawn on standard error; a line would tear them.
static BARS: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn set_quiet(quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
}

pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Adds what a reader should know, unless it is there.
pub(crate) fn say_once(said: &mut Vec<String>, notice: String) {
    if !said.contains(&notice) {
        said.push(notice);
    }
}

/// Prints a note on standard error, unless `--quiet` is set.
pub(crate) fn note(text: &str) {
    if !is_quiet() {
        say(&format!("callperf: {text}"));
    }
}

/// Says something on standard error, unless a bar is drawn there.
pub(crate) fn note_beside_a_meter(text: &str) {
    if BARS.load(Ordering::Relaxed) == 0 {
        note(text);
    }
}

/// Prints lines on standard error, with escapes for what a terminal would obey: a part of
/// them may come from outside. A reader that is gone stops nothing.
pub(crate) fn say(lines: &str) {
    let _ = writeln!(io::stderr(), "{}", shown::lines(lines));
}

/// Where there is no terminal, a line is said this often.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// How far something long is: a bar on a terminal, a line now and then elsewhere.
#[derive(Clone)]
pub(crate) struct Meter(Arc<Inner>);

struct Inner {
    what: String,
    /// What is counted.
    things: &'static str,
    bar: Option<ProgressBar>,
    begun: Instant,
    said: Mutex<Instant>,
}

/// How far it is, in requests or what else the meter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Distance {
    pub(crate) done: u64,
    pub(crate) left: u64,
    /// How long the rest takes at least, by the quota.
    pub(crate) earliest_end: Duration,
}

impl Meter {
    /// Shows nothing before something is known.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self::counting(what, "requests")
    }

    /// One of other things than requests.
    pub(crate) fn counting(what: impl Into<String>, things: &'static str) -> Self {
        let is_shown = !is_quiet() && io::stderr().is_terminal();
        let bar = is_shown.then(|| {
            let style = format!(
                "{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {things}, \
                 {{per_sec}}{{prefix}}"
            );
            let style = ProgressStyle::with_template(&style)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            bar.with_style(style)
        });
        let now = Instant::now();
        Self(Arc::new(Inner { what: what.into(), things, bar, begun: now, said: Mutex::new(now) }))
    }

    /// What a pull is to tell its progress to.
    pub(crate) fn hook(&self) -> impl Fn(&Progress) + Send + Sync + 'static {
        let meter = self.clone();
        move |progress| {
            // What one request answers isn't long.
            if progress.pages_read + progress.pages_left > 1 {
                meter.show(Distance {
                    done: progress.pages_read,
                    left: progress.pages_left,
                    earliest_end: progress.earliest_end,
                });
            }
        }
    }

    pub(crate) fn show(&self, distance: Distance) {
        let inner = &*self.0;
        let rest = distance.rest(inner.begun.elapsed());
        let all = distance.done + distance.left;
        if let Some(bar) = &inner.bar {
            bar.set_length(all);
            bar.set_position(distance.done);
            bar.set_message(inner.what.clone());
            bar.set_prefix(format!(", until about {}", clock(rest)));
            if bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                BARS.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        let mut said = inner.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.elapsed() >= LINE_EVERY {
            *said = Instant::now();
            note(&format!(
                "{}: {} of {all} {}, until about {}",
                inner.what,
                distance.done,
                inner.things,
                clock(rest)
            ));
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            if !bar.is_hidden() {
                BARS.fetch_sub(1, Ordering::Relaxed);
            }
            bar.finish_and_clear();
        }
    }
}

impl Distance {
    /// How long the rest takes: as the quota allows, or as it went so far where
    /// that is longer.
    fn rest(self, elapsed: Duration) -> Duration {
        let at_this_rate = elapsed.as_secs_f64() * ratio(self.left, self.done);
        let longest = Duration::from_secs(3_600_000);
        self.earliest_end.max(Duration::try_from_secs_f64(at_this_rate).unwrap_or(longest))
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn ratio(left: u64, done: u64) -> f64 {
    left as f64 / done.max(1) as f64
}

/// The time of day after a while, where this machine is.
fn clock(after: Duration) -> String {
    let end = SignedDuration::try_from(after)
        .ok()
        .and_then(|after| Timestamp::now().checked_add(after).ok());
    let format = if after > Duration::from_secs(20 * 3_600) { "%a %H:%M" } else { "%H:%M" };
    end.map_or_else(String::new, |end| {
        end.to_zoned_datetime(TimeZone::system()).strftime(format).to_string()
    })
}

/// A length of time in its two largest units: `6 d 23 h`.
pub(crate) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// A number of things, in the singular where it is one.
pub(crate) fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_the_quota_or_the_pace_says() {
        let distance = Distance { done: 10, left: 30, earliest_end: Duration::from_mins(1) };
        assert_eq!(distance.rest(Duration::from_secs(10)), Duration::from_mins(1));
        assert_eq!(distance.rest(Duration::from_secs(40)), Duration::from_mins(2));
        let begun = Distance { done: 0, left: 1, earliest_end: Duration::ZERO };
        assert_eq!(begun.rest(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn lengths_are_said_in_two_units() {
        let said = |seconds| spoken(Duration::from_secs(seconds));
        assert_eq!(said(59), "59 s");
        assert_eq!(said(3599), "59 min");
        assert_eq!(said(3660), "1 h 1 min");
        assert_eq!(said(604_799), "6 d 23 h");
    }
}
