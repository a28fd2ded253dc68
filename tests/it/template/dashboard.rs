//! The dashboard: its JSON, its grid, and what its widgets show.

use serde_json::Value as Json;
use serde_norway::Value;

use super::{
    read::{at, resources, substitutions, text_at},
    rules::{Findings, unless},
    watch::Series,
};

const BODY: &str = "Resources.Dashboard.Properties.DashboardBody";
const COLUMNS: u64 = 24;

fn body(template: &Value) -> &str {
    text_at(template, BODY).unwrap_or_default()
}

/// The widgets before anything is substituted. The body is valid JSON all the same, because each
/// `${…}` is inside a string.
fn widgets(template: &Value) -> Vec<Json> {
    let parsed: Json = serde_json::from_str(body(template)).unwrap_or_default();
    parsed["widgets"].as_array().cloned().unwrap_or_default()
}

pub fn tidy(template: &Value) -> Findings {
    let widgets = widgets(template);
    if widgets.is_empty() {
        return vec!["it is not JSON with widgets".to_owned()];
    }
    let dangling = substitutions(body(template)).filter_map(|name| {
        let id = name.split('.').next().unwrap_or_default();
        let known = name.starts_with("AWS::") || at(template, &format!("Resources.{id}")).is_some();
        // A resource with a condition is not in every stack, so the dashboard cannot name it.
        let always = at(template, &format!("Resources.{id}.Condition")).is_none();
        unless(known && always, format!("it names {name}"))
    });
    let shown: Vec<_> = widgets
        .iter()
        .filter(|widget| widget["type"] == "alarm")
        .flat_map(|widget| {
            widget["properties"]["alarms"]
                .as_array()
                .cloned()
                .unwrap_or_default()
        })
        .collect();
    let unseen = resources(template, "AWS::CloudWatch::Alarm")
        .into_iter()
        .filter(|(id, _)| at(template, &format!("Resources.{id}.Condition")).is_none())
        .filter_map(|(id, _)| {
            let arn = format!("${{{id}.Arn}}");
            unless(
                shown.iter().any(|it| *it == arn),
                format!("it does not show {id}"),
            )
        });
    let nameless = widgets.iter().filter_map(|widget| {
        let title = widget["properties"]["title"].as_str().unwrap_or_default();
        unless(
            title.contains(" · "),
            format!("a title is not in both languages: {title}"),
        )
    });
    let elsewhere = widgets
        .iter()
        .filter(|widget| widget["type"] != "alarm")
        .filter_map(|widget| {
            let region = &widget["properties"]["region"];
            unless(
                region == "${AWS::Region}",
                format!("a widget looks at {region}"),
            )
        });
    dangling
        .chain(unseen)
        .chain(nameless)
        .chain(elsewhere)
        .chain(grid(&widgets))
        .collect()
}

/// The widgets cover the grid without a gap, and no two overlap.
fn grid(widgets: &[Json]) -> Findings {
    let side = |widget: &Json, name: &str| widget[name].as_u64().unwrap_or(0);
    let mut cells: Vec<_> = widgets
        .iter()
        .flat_map(|widget| {
            let (left, top) = (side(widget, "x"), side(widget, "y"));
            let (right, bottom) = (left + side(widget, "width"), top + side(widget, "height"));
            (top..bottom).flat_map(move |y| (left..right).map(move |x| (y, x)))
        })
        .collect();
    cells.sort_unstable();
    let height = cells.last().map_or(0, |(y, _)| y + 1);
    let whole: Vec<_> = (0..height)
        .flat_map(|y| (0..COLUMNS).map(move |x| (y, x)))
        .collect();
    unless(
        cells == whole,
        "its widgets overlap, leave gaps or leave the grid",
    )
    .into_iter()
    .collect()
}

/// Each metric that a widget shows, with the widget's title. A `.` in a widget repeats the value of
/// the row above.
pub fn series(template: &Value) -> Vec<(String, Series)> {
    let mut all = Vec::new();
    for widget in widgets(template) {
        let title = widget["properties"]["title"].as_str().unwrap_or_default();
        let metrics = widget["properties"]["metrics"].as_array();
        let mut above: Vec<String> = Vec::new();
        for metric in metrics.into_iter().flatten() {
            let cells = metric
                .as_array()
                .into_iter()
                .flatten()
                .map_while(Json::as_str);
            above = cells
                .enumerate()
                .map(|(place, cell)| match cell {
                    "." => above.get(place).cloned().unwrap_or_default(),
                    cell => cell.to_owned(),
                })
                .collect();
            let of = above.get(3).map(|value| {
                let name = substitutions(value).next().unwrap_or_default();
                name.split('.').next().unwrap_or_default().to_owned()
            });
            let series = Series {
                namespace: above.first().cloned().unwrap_or_default(),
                name: above.get(1).cloned().unwrap_or_default(),
                of,
            };
            all.push((title.to_owned(), series));
        }
    }
    all
}
