//! Listings for a terminal.

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use shared::clock::Time;

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

/// Date and time in this machine's zone, for people.
pub(crate) fn local(time: Time) -> String {
    zoned(time, TimeZone::system())
        .map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// ISO 8601 in UTC, for programs.
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
