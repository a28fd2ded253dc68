//! What stands raised or lowered, on one line: `10²⁴`, `H₂O`, `x_max`. Without it `10<sup>24</sup>`
//! would be another number.

/// Digits and signs, in their order of [`RAISED`] and [`LOWERED`].
const LEVEL: &str = "0123456789+-=()−";
const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾⁻";
const LOWERED: &str = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₋";

/// `text` raised.
pub(super) fn raised(text: &str) -> String {
    let letters = |c| match c {
        'n' => Some('ⁿ'),
        'i' => Some('ⁱ'),
        c => at_level(c, RAISED),
    };
    if matches!(text, "st" | "nd" | "rd" | "th") {
        return text.to_owned();
    }
    all(text, letters).unwrap_or_else(|| marked('^', text))
}

/// `text` lowered.
pub(super) fn lowered(text: &str) -> String {
    all(text, |c| at_level(c, LOWERED)).unwrap_or_else(|| marked('_', text))
}

fn at_level(c: char, level: &str) -> Option<char> {
    let place = LEVEL.chars().position(|it| it == c)?;
    level.chars().nth(place)
}

fn all(text: &str, letter: impl Fn(char) -> Option<char>) -> Option<String> {
    text.chars().map(letter).collect()
}

/// A word keeps apart from what it stands at; footnotes (`[1]`, `*`, `®`) do so by themselves.
fn marked(mark: char, text: &str) -> String {
    match text.chars().next() {
        Some(first) if first.is_alphanumeric() || matches!(first, '+' | '-' | '−') => {
            if text.chars().all(char::is_alphanumeric) {
                format!("{mark}{text}")
            } else {
                format!("{mark}({text})")
            }
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_and_signs_have_letters_of_their_own() {
        assert_eq!([raised("24"), raised("-1"), raised("n")], ["²⁴", "⁻¹", "ⁿ"]);
        assert_eq!([lowered("2"), lowered("10")], ["₂", "₁₀"]);
    }

    #[test]
    fn other_words_are_marked_and_footnotes_stand_for_themselves() {
        assert_eq!(
            [raised("k"), raised("a+1"), raised("th")],
            ["^k", "^(a+1)", "th"]
        );
        assert_eq!([lowered("max"), lowered("i,j")], ["_max", "_(i,j)"]);
        assert_eq!([raised("[1]"), raised("®"), raised("")], ["[1]", "®", ""]);
    }

    proptest! {
        #[test]
        fn a_number_is_never_joined_to_another(number in "[0-9]{1,9}") {
            for text in [raised(&number), lowered(&number)] {
                prop_assert!(!text.contains(|c: char| c.is_ascii_digit()));
                prop_assert_eq!(text.chars().count(), number.len());
            }
        }
    }
}
