//! Tables as lines of text. Letters have no fixed width in a chat, so columns cannot be aligned.

/// How many Latin letters a line of a bubble holds on a phone; a letter of Hangul is two wide.
const LINE: usize = 36;

/// Lines of a table whose first row is its head: "key: value" for two columns, a row for each where
/// rows are short, else a list.
pub(super) fn lines(rows: &[Vec<String>]) -> Vec<String> {
    let Some((head, body)) = rows.split_first() else {
        return Vec::new();
    };
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let is_narrow = || rows.iter().all(|row| width(&in_a_row(row)) <= LINE);
    let first = std::iter::once(in_a_row(head));
    if columns <= 2 {
        first.chain(body.iter().map(|row| pair(row))).collect()
    } else if body.is_empty() || is_narrow() {
        first.chain(body.iter().map(|row| in_a_row(row))).collect()
    } else {
        body.iter().flat_map(|row| listed(head, row)).collect()
    }
}

fn pair(row: &[String]) -> String {
    let said: Vec<_> = row
        .iter()
        .filter(|cell| !cell.is_empty())
        .cloned()
        .collect();
    said.join(": ")
}

fn in_a_row(row: &[String]) -> String {
    let cells: Vec<_> = row
        .iter()
        .map(|cell| if cell.is_empty() { "-" } else { cell })
        .collect();
    cells.join(" | ")
}

/// A row as lines, each with the name of its column.
fn listed<'a>(head: &'a [String], row: &'a [String]) -> impl Iterator<Item = String> + 'a {
    let cells = row.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    cells.enumerate().map(|(position, (column, cell))| {
        let name = head.get(column).filter(|name| !name.is_empty());
        let bullet = if position == 0 { "• " } else { "  " };
        match name {
            Some(name) => format!("{bullet}{name}: {cell}"),
            None => format!("{bullet}{cell}"),
        }
    })
}

fn width(line: &str) -> usize {
    line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        let row = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        rows.iter().map(row).collect()
    }

    #[test]
    fn two_columns_are_keys_and_values() {
        let table = rows(&[&["항목", "값"], &["요금", "3,000원"], &["", "무료"]]);
        assert_eq!(lines(&table), ["항목 | 값", "요금: 3,000원", "무료"]);
    }

    #[test]
    fn short_rows_stay_rows() {
        let table = rows(&[&["곳", "요금", "시간"], &["경복궁", "", "10~17시"]]);
        assert_eq!(lines(&table), ["곳 | 요금 | 시간", "경복궁 | - | 10~17시"]);
    }

    #[test]
    fn long_rows_become_a_list() {
        let table = rows(&[
            &["곳", "요금", "", "메모"],
            &[
                "경복궁",
                "3,000원",
                "월요일 휴무",
                "한복을 입으면 무료로 들어가요",
            ],
            &["창덕궁", "", "", "후원은 예약"],
        ]);
        assert_eq!(
            lines(&table),
            [
                "• 곳: 경복궁",
                "  요금: 3,000원",
                "  월요일 휴무",
                "  메모: 한복을 입으면 무료로 들어가요",
                "• 곳: 창덕궁",
                "  메모: 후원은 예약",
            ]
        );
    }
}
