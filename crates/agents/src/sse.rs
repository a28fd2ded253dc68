//! Server-sent events, as they arrive: bytes in, the data of whole events out. Only `data` matters
//! to us; names, ids and comments are skipped. The parser is our own because the crates for this
//! keep an endless line in memory.

/// Longest event taken, in bytes: room for the longest text kept, escaped as JSON.
const MAX_EVENT: usize = 1024 * 1024;

/// The part of a stream that is not yet a whole event.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    after_cr: bool,
}

/// An event of more than 1 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Events {
    /// Adds the data of every event that `bytes` completes to `out`. Invalid UTF-8 is replaced.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<String>) -> Result<(), TooLong> {
        for &byte in bytes {
            let second_of_crlf = byte == b'\n' && self.after_cr;
            self.after_cr = byte == b'\r';
            match byte {
                _ if second_of_crlf => {}
                b'\r' | b'\n' => out.extend(self.end_line()),
                _ if self.line.len() + self.data.as_ref().map_or(0, Vec::len) >= MAX_EVENT => {
                    return Err(TooLong);
                }
                _ => self.line.push(byte),
            }
        }
        Ok(())
    }

    /// The event that the end of the stream completes: some servers leave out the last blank line.
    pub fn finish(mut self) -> Option<String> {
        self.end_line().or_else(|| self.end_line())
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self
                .data
                .take()
                .map(|data| String::from_utf8_lossy(&data).into_owned());
        }
        let value = match line.strip_prefix(b"data") {
            Some([]) => [].as_slice(),
            Some([b':', b' ', value @ ..] | [b':', value @ ..]) => value,
            _ => return None,
        };
        match &mut self.data {
            None => self.data = Some(value.to_vec()),
            Some(data) => {
                data.push(b'\n');
                data.extend_from_slice(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, TooLong> {
        let mut events = Events::default();
        let mut out = Vec::new();
        for chunk in chunks {
            events.push(chunk, &mut out)?;
        }
        out.extend(events.finish());
        Ok(out)
    }

    fn whole(text: &str) -> Vec<String> {
        events([text.as_bytes()]).unwrap()
    }

    #[test]
    fn events_end_at_blank_lines_of_any_kind() {
        assert_eq!(
            whole("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\n\n"),
            ["a", "b", "c", "d"]
        );
    }

    #[test]
    fn several_data_lines_are_one_event() {
        assert_eq!(whole("data: a\ndata\ndata:b\n\n"), ["a\n\nb"]);
        assert_eq!(whole("data: a\r\ndata: b\r\n\r\n"), ["a\nb"]);
    }

    #[test]
    fn only_one_space_is_taken_off() {
        assert_eq!(whole("data:  a \n\n"), [" a "]);
    }

    #[test]
    fn everything_but_data_is_read_over() {
        let text = ": hello\n\nevent: x\nid: 1\ndatax: no\ndata: yes\nnonsense\n\n\n\nevent: y\n\n";
        assert_eq!(whole(text), ["yes"]);
    }

    #[test]
    fn the_end_of_the_stream_ends_the_event() {
        assert_eq!(whole("data: a"), ["a"]);
        assert_eq!(whole("data: a\n"), ["a"]);
        assert_eq!(whole("data: a\n\n: ping"), ["a"]);
    }

    #[test]
    fn a_syllable_may_come_in_pieces() {
        let text = "data: 한글\n\n".as_bytes();
        assert_eq!(events(text.chunks(1)).unwrap(), ["한글"]);
    }

    #[test]
    fn an_endless_line_is_given_up() {
        assert_eq!(
            events(std::iter::repeat_n([b'x'; 1024].as_slice(), 1100)),
            Err(TooLong)
        );
        assert_eq!(
            events(std::iter::repeat_n(
                b"data: xxxxxxxxxx\n".as_slice(),
                100_000
            )),
            Err(TooLong)
        );
    }

    fn line() -> impl Strategy<Value = String> {
        let content = prop_oneof!["data: ?\\PC{0,8}", "", "[:a-z]{0,9}"];
        (content, "\r\n|\n|\r").prop_map(|(content, end)| content + &end)
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_events(
            lines in prop::collection::vec(line(), 0..20),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        ) {
            let text = lines.concat();
            let bytes = text.as_bytes();
            let cuts = cuts.iter().map(|cut| cut.index(bytes.len() + 1));
            let mut cuts: Vec<_> = cuts.chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let chunks = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
            prop_assert_eq!(events(chunks), events([bytes]));
        }

        #[test]
        fn bytes_of_any_kind_are_survived(bytes: Vec<u8>) {
            prop_assert!(events(bytes.chunks(3)).is_ok());
        }
    }
}
