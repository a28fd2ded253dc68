//! Everything a process prints: a file without a name, so that nothing is lost when the process is
//! killed.

use std::{fs::File, io, os::unix::fs::FileExt, process::Stdio};

pub(crate) struct Capture(File);

impl Capture {
    pub(crate) fn new() -> io::Result<Self> {
        tempfile::tempfile().map(Self)
    }

    /// For the standard output and the standard error alike: what both write stays in order.
    pub(crate) fn stdio(&self) -> io::Result<Stdio> {
        self.0.try_clone().map(Stdio::from)
    }

    pub(crate) fn text(&self) -> String {
        match self.bytes() {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => format!("the output cannot be read: {error}"),
        }
    }

    /// Reads at a position of its own, because the file's belongs to the writers.
    fn bytes(&self) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.0.metadata()?.len()).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.0.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }
}
