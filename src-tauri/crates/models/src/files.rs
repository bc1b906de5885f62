//! Reading, hashing and copying large files, a piece at a time, told of as it goes.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use task::{Cancellation, Progress, Reporter, Unit};

use crate::Error;

const PIECE: usize = 1 << 20;
/// Left free beside what is written.
const SPARE: u64 = 64 << 20;

/// Who hears of work on bytes, and what stops it.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    /// `Copying qwen3`
    pub what: &'a str,
    pub total: Option<u64>,
    pub reporter: &'a dyn Reporter,
    pub cancellation: &'a Cancellation,
}

impl Work<'_> {
    pub fn tell(&self, done: u64) -> Result<(), Error> {
        if self.cancellation.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let (what, total) = (self.what.to_owned(), self.total);
        self.reporter.progress(Progress { what, done, total, unit: Unit::Bytes });
        Ok(())
    }
}

/// What is told of a failure to read, or to write.
type Told<'a> = &'a dyn Fn(std::io::Error) -> Error;

/// Adds what `from` gives to `hash`; all of it goes to `to`.
pub(crate) fn pour(
    (from, unread): (&mut dyn Read, Told),
    (to, unwritten): (&mut dyn Write, Told),
    hash: &mut Sha256,
    work: Work,
    done: &mut u64,
) -> Result<(), Error> {
    let mut piece = vec![0; PIECE];
    loop {
        if work.cancellation.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let read = from.read(&mut piece).map_err(unread)?;
        if read == 0 {
            return Ok(());
        }
        hash.update(&piece[..read]);
        to.write_all(&piece[..read]).map_err(unwritten)?;
        *done += read as u64;
        work.tell(*done)?;
    }
}

/// Copies a file and syncs the copy; gives its bytes and their SHA-256.
pub(crate) fn copy(from: &Path, to: &Path, work: Work) -> Result<(u64, String), Error> {
    let mut source = File::open(from).map_err(Error::disk(from))?;
    let mut target = File::create_new(to).map_err(Error::disk(to))?;
    let summed = sum((&mut source, from), (&mut target, to), work)?;
    target.sync_all().map_err(Error::disk(to))?;
    Ok(summed)
}

/// Bytes of a file and their SHA-256.
pub(crate) fn hash(file: &Path, work: Work) -> Result<(u64, String), Error> {
    let mut source = File::open(file).map_err(Error::disk(file))?;
    sum((&mut source, file), (&mut std::io::sink(), file), work)
}

fn sum(from: (&mut dyn Read, &Path), to: (&mut dyn Write, &Path), work: Work) -> Result<(u64, String), Error> {
    let (mut hash, mut done) = (Sha256::new(), 0);
    pour((from.0, &Error::disk(from.1)), (to.0, &Error::disk(to.1)), &mut hash, work, &mut done)?;
    Ok((done, hex(hash)))
}

pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses work for which `folder`'s disk has too little room.
pub(crate) fn room(folder: &Path, needed: u64) -> Result<(), Error> {
    // A system that does not say is believed to have enough: writing will tell.
    let Ok(free) = fs4::available_space(folder) else { return Ok(()) };
    if free >= needed.saturating_add(SPARE) {
        return Ok(());
    }
    Err(Error::NoSpace { folder: folder.into(), needed: needed + SPARE, free })
}
