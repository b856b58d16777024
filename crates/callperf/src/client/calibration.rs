//! Following a calibration.

use super::{builder::ClientBuilder, connection::Client};
use crate::rules::Calibration;

impl ClientBuilder {
    /// Follows what `callperf calibrate` has settled of the
    /// [assumptions](crate::rules::ASSUMPTIONS), by its file.
    ///
    /// | settled | what changes |
    /// |---|---|
    /// | `milliseconds = "dropped"` | [`end_offset`](Self::end_offset) is a second, unless it is set |
    /// | `timeline-range = "any"` | a short timeline is sent as it is asked for |
    /// | `empty-records`, any value | in [`Client::kpis`], a missing key is [zero](crate::KpiSet::missing_is_zero) |
    /// | `week-start` | weeks of [`Period`](crate::Period) start on it unless they are [set](crate::Period::weeks_start_on); a short timeline by week is sent with the week beside it, as the API has it |
    /// | `hours-end = "excluded"` | [`Hours`](crate::Hours) are sent up to the minute after their last one, 24:00 after 23:59 |
    /// | `overnight-hours`, other than `"wrapped"` | hours that pass midnight are sent as two, up to midnight and from it |
    /// | `points-begin-their-interval = "no"` | a short timeline is sent as it is asked for, and zeros of hours and days that weren't asked for stay |
    /// | `partial-buckets = "omitted"` | the notice [`IntervalsLeftOut`](crate::Notice::IntervalsLeftOut) says which intervals of a timeline are missing, in place of [`PartialIntervals`](crate::Notice::PartialIntervals) |
    /// | `rate-limit-remaining = "before"` | of the requests that a response says are left, one is the request itself |
    ///
    /// The rest is for the caller: [`Client::calibration`]. A cassette carries what is settled. A
    /// file of another server than the client's is followed all the same, and a warning of `tracing`
    /// says so.
    ///
    /// [`build`](Self::build) reads the file. It refuses one of another version or API, one that
    /// was cut off, and one with a name or value that this crate doesn't know, with the line.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), callperf::Error> {
    /// use callperf::{Client, Credentials};
    ///
    /// let client = Client::builder()
    ///     .credentials(Credentials::jwt("id", "secret", "jwt"))
    ///     .calibration("calibration.toml")
    ///     .build()?;
    /// let settled = client.calibration().and_then(|it| it.settled("week-start"));
    /// println!("weeks start on {}", settled.unwrap_or("a day that isn't known"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn calibration(mut self, file: impl Into<std::path::PathBuf>) -> Self {
        self.calibration_file = Some(file.into());
        self
    }

    /// Leaves responses compressed, so that [`Attempt`](crate::Attempt) says how they came. No
    /// response can be read then: it is for `callperf calibrate`.
    #[doc(hidden)]
    pub fn keep_encoding(mut self) -> Self {
        self.transport.keeps_encoding = true;
        self
    }
}

impl Client {
    /// What is settled of the [assumptions](crate::rules::ASSUMPTIONS), if the client was built
    /// with a calibration or replays a cassette that has one.
    #[must_use]
    pub fn calibration(&self) -> Option<&Calibration> {
        self.0.calibration.as_ref()
    }
}
