//! When calls come, and how busy the company is then.

use jiff::civil::Weekday;

/// What a company's calls are like. The crate's documentation has the shapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// An office: about 150 calls on a working day for 24 users, many of them made from it.
    #[default]
    Steady,
    /// A contact centre: four times as many calls, nearly all received, with peaks before and after noon and on
    /// Mondays, when callers wait long and many give up.
    ContactCentre,
    /// A practice or an emergency line: most calls come in the evening, at night and on weekends, and end in a
    /// mailbox.
    AfterHoursVoicemail,
}

/// Whole numbers only, because floating-point functions differ between machines.
pub(super) struct Shape {
    /// Least calls of 24 users on a day, and how many numbers from there on are as likely.
    open_day: (u32, u32),
    closed_day: (u32, u32),
    /// Percent of that, from Monday on.
    weekdays: [u32; 7],
    // Chances by local hour.
    open_hours: [u32; 24],
    closed_hours: [u32; 24],
    // Chances that a call comes in, goes out or stays inside.
    open_kinds: [u32; 3],
    closed_kinds: [u32; 3],
    /// How long callers wait in a queue by local hour, in percent of a quiet hour.
    waits: [u32; 24],
}

const OFFICE_HOURS: [u32; 24] =
    [1, 0, 0, 0, 0, 1, 2, 6, 30, 84, 110, 106, 82, 92, 108, 104, 92, 60, 18, 10, 8, 5, 3, 2];
const HOLIDAY_HOURS: [u32; 24] =
    [1, 0, 0, 0, 0, 0, 1, 2, 5, 9, 12, 12, 10, 9, 8, 8, 7, 6, 5, 4, 3, 2, 2, 1];

const STEADY: Shape = Shape {
    open_day: (140, 21),
    closed_day: (10, 6),
    weekdays: [100; 7],
    open_hours: OFFICE_HOURS,
    closed_hours: HOLIDAY_HOURS,
    open_kinds: [57, 28, 15],
    closed_kinds: [86, 11, 3],
    waits: [100; 24],
};

const CONTACT_CENTRE: Shape = Shape {
    open_day: (560, 81),
    closed_day: (30, 11),
    weekdays: [135, 105, 100, 95, 90, 100, 100],
    open_hours: [
        1, 0, 0, 0, 0, 0, 1, 4, 28, 96, 190, 176, 84, 72, 150, 168, 96, 52, 10, 4, 2, 1, 1, 1,
    ],
    closed_hours: HOLIDAY_HOURS,
    open_kinds: [90, 7, 3],
    closed_kinds: [97, 2, 1],
    waits: [
        100, 100, 100, 100, 100, 100, 100, 100, 100, 180, 420, 400, 160, 140, 320, 380, 180, 120,
        100, 100, 100, 100, 100, 100,
    ],
};

const AFTER_HOURS_VOICEMAIL: Shape = Shape {
    open_day: (60, 17),
    closed_day: (70, 21),
    weekdays: [100, 100, 100, 100, 110, 130, 120],
    open_hours: [
        12, 8, 6, 5, 5, 8, 18, 34, 40, 18, 14, 12, 14, 12, 12, 14, 20, 34, 80, 96, 84, 60, 36, 20,
    ],
    closed_hours: [
        12, 8, 6, 5, 5, 6, 10, 18, 30, 42, 48, 46, 42, 40, 38, 36, 38, 42, 48, 50, 44, 34, 24, 16,
    ],
    open_kinds: [84, 11, 5],
    closed_kinds: [97, 2, 1],
    waits: [100; 24],
};

impl Profile {
    pub(super) fn shape(self) -> &'static Shape {
        match self {
            Profile::Steady => &STEADY,
            Profile::ContactCentre => &CONTACT_CENTRE,
            Profile::AfterHoursVoicemail => &AFTER_HOURS_VOICEMAIL,
        }
    }
}

impl Shape {
    pub(super) fn calls(&self, is_open: bool) -> (u32, u32) {
        if is_open { self.open_day } else { self.closed_day }
    }

    pub(super) fn weekday(&self, day: Weekday) -> u32 {
        self.weekdays[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }

    pub(super) fn hours(&self, is_open: bool) -> &[u32; 24] {
        if is_open { &self.open_hours } else { &self.closed_hours }
    }

    pub(super) fn kinds(&self, is_open: bool) -> &[u32; 3] {
        if is_open { &self.open_kinds } else { &self.closed_kinds }
    }

    pub(super) fn wait(&self, seconds: u16, hour: usize) -> u16 {
        let seconds = u32::from(seconds) * self.waits[hour.min(23)] / 100;
        u16::try_from(seconds).unwrap_or(u16::MAX)
    }
}
