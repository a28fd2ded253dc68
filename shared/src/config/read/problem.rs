//! What is wrong with a document or an environment, and where. Never says a value that could be a
//! secret.

use std::{error::Error, fmt};

/// One thing to put right, or to know about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where: `channels.kakao.accounts.default.dmPolicy`, the name of a variable, or
    /// `line 3, column 5`. Empty if it is about the document as a whole.
    pub path: String,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

/// Everything that is wrong, at least one thing; shown one per line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl Error for Problems {}

/// Collects problems and warnings while a document is read.
#[derive(Default)]
pub(crate) struct Report {
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Report {
    /// Only the first problem of a place is kept: what comes after it is its consequence.
    pub(crate) fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let problem = Problem {
            path: path.into(),
            message: message.into(),
        };
        if self.problems.iter().all(|known| known.path != problem.path) {
            self.problems.push(problem);
        }
    }

    /// Settings inherited by several accounts are warned of once.
    pub(crate) fn warn(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let warning = Problem {
            path: path.into(),
            message: message.into(),
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Takes over what another report holds; without its warnings if they are about something that
    /// is switched off.
    pub(crate) fn absorb(&mut self, other: Self, with_warnings: bool) {
        for problem in other.problems {
            self.problem(problem.path, problem.message);
        }
        for warning in other.warnings.into_iter().filter(|_| with_warnings) {
            self.warn(warning.path, warning.message);
        }
    }

    /// What was read, with the warnings; or the problems if there are any. Ordered by place. If
    /// nothing was read, a problem has to say why.
    pub(crate) fn finish<T>(mut self, read: Option<T>) -> Result<(T, Vec<Problem>), Problems> {
        self.problems.sort();
        self.warnings.sort();
        match read {
            Some(read) if self.problems.is_empty() => Ok((read, self.warnings)),
            _ => Err(Problems(self.problems)),
        }
    }
}

/// The place below `path` that `name` leads to.
pub(crate) fn key(path: &str, name: &str) -> String {
    let plain = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "_-$".contains(c));
    match (path, plain) {
        ("", true) => name.to_owned(),
        (_, true) => format!("{path}.{name}"),
        (_, false) => format!("{path}[{name:?}]"),
    }
}

/// The place of an entry of the list at `path`.
pub(crate) fn index(path: &str, position: usize) -> String {
    format!("{path}[{position}]")
}

/// `; did you mean "…"?` if one of `known` is close to `word`, otherwise nothing.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let folded = |word: &str| {
        word.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
            .to_lowercase()
    };
    let word = folded(word);
    // Longer keys are not names somebody mistyped, and the distance takes quadratic time.
    if word.chars().count() > 64 {
        return String::new();
    }
    known
        .map(|known| (strsim::osa_distance(&word, &folded(known)), known))
        .filter(|(distance, known)| {
            (0..known.chars().count()).contains(distance) && *distance <= known.len().div_ceil(4)
        })
        .min()
        .map(|(_, known)| format!("; did you mean {known:?}?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_close_words_are_suggested() {
        let known = ["dmPolicy", "allowFrom", "name"];
        for (word, suggestion) in [
            ("dmPolcy", r#"; did you mean "dmPolicy"?"#),
            ("dm_policy", r#"; did you mean "dmPolicy"?"#),
            ("AllowFrom", r#"; did you mean "allowFrom"?"#),
            ("nam", r#"; did you mean "name"?"#),
            ("token", ""),
            ("x", ""),
            ("정책", ""),
            ("", ""),
        ] {
            assert_eq!(did_you_mean(word, known.into_iter()), suggestion, "{word}");
        }
    }
}
