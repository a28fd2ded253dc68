//! Which `*`, `_` and `~~` are emphasis. `CommonMark` decides by rules made for English prose: it
//! takes the stars of masks (`김*수`, `010-****-5678`), file names and formulas, and leaves those
//! beside Korean (`**"인용"**은`, `**시간:**10시`). So its word is not taken: the writer puts every
//! marker back, tells of it here, and pairs are found by what stands around them ([`side`]). A
//! marker goes as a whole or stays to the letter.

mod side;

use std::ops::Range;

use self::side::{Start, encloses_something, ends, starts};

/// The markers of one paragraph.
#[derive(Default)]
pub(super) struct Markers(Vec<Marker>);

/// A row of equal characters that may be emphasis.
struct Marker {
    /// `*`, `_` or `~`.
    kind: u8,
    /// In the source.
    from: Range<usize>,
    /// Where it starts in the output.
    at: usize,
    is_paired: bool,
}

impl Markers {
    /// Remembers a marker, or a piece of one, that is about to be written at byte `at` of the
    /// output.
    pub(super) fn note(&mut self, from: Range<usize>, source: &str, at: usize) {
        let kind = source.as_bytes().get(from.start).copied();
        let Some(kind @ (b'*' | b'_' | b'~')) = kind else {
            return;
        };
        match self.0.last_mut() {
            Some(last) if last.kind == kind && last.from.end == from.start => {
                last.from.end = from.end;
            }
            _ => self.0.push(Marker {
                kind,
                from,
                at,
                is_paired: false,
            }),
        }
    }

    /// Takes the pairs out of `out` and forgets the rest: the paragraph is over.
    pub(super) fn settle(&mut self, source: &str, out: &mut String) {
        if self.0.is_empty() {
            return;
        }
        self.pair(source);
        let mut pairs = self.0.drain(..).filter(|it| it.is_paired).peekable();
        let Some(first) = pairs.peek() else { return };
        let start = first.at;
        let mut kept = start;
        let old = out.split_off(start);
        for marker in pairs {
            out.push_str(old.get(kept - start..marker.at - start).unwrap_or_default());
            kept = marker.at + marker.from.len();
        }
        out.push_str(old.get(kept - start..).unwrap_or_default());
    }

    /// The output was cut off at byte `at`.
    pub(super) fn forget_from(&mut self, at: usize) {
        self.0.retain(|marker| marker.at + marker.from.len() <= at);
    }

    fn pair(&mut self, source: &str) {
        let (mut stars, mut lines, mut waves) = Default::default();
        let mut paired = Vec::new();
        for (at, marker) in self.0.iter().enumerate() {
            let open: &mut Open = match marker.kind {
                b'*' => &mut stars,
                b'_' => &mut lines,
                _ => &mut waves,
            };
            let len = marker.from.len();
            let is_marker = match marker.kind {
                b'~' => len == 2,
                _ => len <= Open::LONGEST,
            };
            if !is_marker {
                continue;
            }
            let fits = |opener: &Opener| {
                let inner = opener.from..marker.from.start;
                encloses_something(marker.kind, len, opener.start, inner, source)
            };
            let is_taken =
                ends(marker.kind, &marker.from, source) && open.close(len, at, &fits, &mut paired);
            if is_taken {
                continue;
            }
            if let Some(start) = starts(marker.kind, &marker.from, source) {
                open.push(
                    len,
                    Opener {
                        at,
                        from: marker.from.end,
                        start,
                        half: None,
                    },
                );
            }
        }
        for at in paired {
            if let Some(marker) = self.0.get_mut(at) {
                marker.is_paired = true;
            }
        }
    }
}

/// The markers of one kind that may open, by their length.
#[derive(Default)]
struct Open([Vec<Opener>; Open::LONGEST]);

#[derive(Clone)]
struct Opener {
    /// Which marker it is.
    at: usize,
    /// Where what it opens starts in the source.
    from: usize,
    start: Start,
    /// The marker that closed two or one of its three characters.
    half: Option<usize>,
}

impl Open {
    const LONGEST: usize = 3;

    fn push(&mut self, len: usize, opener: Opener) {
        if let Some(openers) = self.0.get_mut(len - 1) {
            openers.push(opener);
        }
    }

    fn last(&self, len: usize) -> Option<&Opener> {
        self.0.get(len - 1)?.last()
    }

    /// Closes what is open with the marker `at`; `false` if there is nothing for it. Only the
    /// latest of a length is looked at, so that much of it takes no time.
    fn close(
        &mut self,
        len: usize,
        at: usize,
        fits: &impl Fn(&Opener) -> bool,
        paired: &mut Vec<usize>,
    ) -> bool {
        let fitting = |len: usize| self.last(len).filter(|it| fits(it)).cloned();
        let openers = match (len, fitting(len)) {
            (_, Some(opener)) => vec![opener],
            // `**굵고 *기운***`
            (Self::LONGEST, None) => match (fitting(1), fitting(2)) {
                (Some(one), Some(two)) => vec![one, two],
                _ => return false,
            },
            // `***굵고** 기운*`
            (len, None) => {
                let whole = fitting(Self::LONGEST).filter(|it| it.half.is_none());
                let Some(mut opener) = whole else {
                    return false;
                };
                self.forget_from(opener.at);
                opener.half = Some(at);
                self.push(Self::LONGEST - len, opener);
                return true;
            }
        };
        for opener in openers {
            self.forget_from(opener.at);
            paired.extend([opener.at, at]);
            paired.extend(opener.half);
        }
        true
    }

    /// What was opened later is never closed.
    fn forget_from(&mut self, at: usize) {
        for openers in &mut self.0 {
            while openers.pop_if(|opener| opener.at >= at).is_some() {}
        }
    }
}

#[cfg(test)]
mod tests;
