//! Listings for a terminal.

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use shared::clock::Time;

const FOR_PEOPLE: &str = "%Y-%m-%d %H:%M:%S %Z";

/// Columns without lines around them.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    let mut table = Table::new();
    table
        .load_preset(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    table.add_rows(rows);
    table
}

/// Date and time in this machine's zone, and which that is, for people.
pub(crate) fn local(time: Time) -> String {
    zoned(time, TimeZone::system())
        .map(|time| time.strftime(FOR_PEOPLE).to_string())
        .unwrap_or_default()
}

/// The time of day in this machine's zone, for lines that people read as they come.
pub(crate) fn time_of_day(time: Time) -> String {
    zoned(time, TimeZone::system())
        .map(|time| time.strftime("%H:%M:%S").to_string())
        .unwrap_or_default()
}

/// RFC 3339 in UTC, for programs.
pub(crate) fn iso(time: Time) -> String {
    zoned(time, TimeZone::UTC)
        .map(|time| time.timestamp().to_string())
        .unwrap_or_default()
}

fn zoned(time: Time, zone: TimeZone) -> Option<Zoned> {
    Some(
        Timestamp::from_millisecond(i64::try_from(time.as_millis()).ok()?)
            .ok()?
            .to_zoned(zone),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_the_time_of_their_zone_and_programs_rfc_3339() {
        let noon = Time::from_millis(1_795_262_400_000);
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let read = zoned(noon, seoul).unwrap();
        assert_eq!(
            read.strftime(FOR_PEOPLE).to_string(),
            "2026-11-21 21:00:00 KST"
        );
        assert_eq!(iso(noon), "2026-11-21T12:00:00Z");
    }
}
