//! The index on the disk: usearch's own bytes, then a seal that says whose they are, how far they go and what their
//! checksum is. Placed by rename. A file whose seal does not hold is as good as none; never deletes one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Mutex, RwLock},
};

use uuid::Uuid;

use super::{Code, Graph, Held, Unusable, Walk, read as shared, unreserved, walk};
use crate::Settings;

const MAGIC: &[u8; 8] = b"GWGRAPH1";

/// Magic, generation, shape, newest key, code, checksum of all before it.
const SEAL: usize = 8 + 16 + 4 + 4 + 4 + 4;

/// A code as a number: the scale of the 8-bit form, or one of these.
const HALF: f32 = 0.0;
const FULL: f32 = -1.0;

struct Seal {
    upto: u32,
    code: Code,
    checksum: u32,
}

/// Opens the index that the file of points knows as `generation`, mapped or in memory. None where there is none that can
/// be trusted: missing, cut, altered, of another shape or generation, as after an older file of points was put back, or
/// ahead of `newest`, as for who looks at a state before it. Reads the whole file once.
pub(crate) fn open(path: &Path, settings: &Settings, generation: Uuid, newest: u32, mapped: bool) -> Option<Graph> {
    let Seal { upto, code, .. } = sealed(path, settings, generation).ok()??;
    if upto > newest {
        return None;
    }
    let walk = mapped.then(|| walked(path, settings, code)).flatten();
    let held = walk.or_else(|| indexed(path, settings, code, mapped))?;
    Some(Graph::around(held, settings.metric, code, upto, mapped))
}

/// None for what a walk of ours does not know.
fn walked(path: &Path, settings: &Settings, code: Code) -> Option<Held> {
    let Code::Byte(_) = code else { return None };
    let walk = Walk::open(walk::mapped(path).ok()?).ok()?;
    (walk.dimension() == settings.dimension).then(|| Held::Walk(walk, Mutex::default()))
}

fn indexed(path: &Path, settings: &Settings, code: Code, mapped: bool) -> Option<Held> {
    let index = unreserved(settings, code).ok()?;
    let path = path.to_str()?;
    // Both read by the sizes that the bytes themselves give; what follows, the seal, is not looked at.
    if mapped { index.view(path) } else { index.load(path) }.ok()?;
    Some(Held::Index(RwLock::new(index)))
}

/// The newest key that the file on the disk goes up to, if it is of this generation. Reads the seal alone.
pub(crate) fn reaches(path: &Path, settings: &Settings, generation: Uuid) -> Option<u32> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::End(-(SEAL as i64))).ok()?;
    let mut seal = [0; SEAL];
    file.read_exact(&mut seal).ok()?;
    read(&seal, settings, generation).map(|seal| seal.upto)
}

fn sealed(path: &Path, settings: &Settings, generation: Uuid) -> io::Result<Option<Seal>> {
    let mut file = File::open(path)?;
    let Some(length) = file.metadata()?.len().checked_sub(SEAL as u64) else { return Ok(None) };
    let (mut hasher, mut seal) = (hashed(&mut file, length)?, [0; SEAL]);
    file.read_exact(&mut seal)?;
    hasher.update(&seal[..SEAL - 4]);
    let checksum = hasher.finalize();
    Ok(read(&seal, settings, generation).filter(|seal| seal.checksum == checksum))
}

fn read(seal: &[u8; SEAL], settings: &Settings, generation: Uuid) -> Option<Seal> {
    let rest = seal.strip_prefix(&head(settings, generation)[..])?;
    let [upto, code, checksum] = rest.as_chunks::<4>().0 else { return None };
    let code = f32::from_le_bytes(*code);
    let code = if code == HALF {
        Code::Half
    } else if code == FULL {
        Code::Full
    } else {
        Code::Byte(code)
    };
    Some(Seal { upto: u32::from_le_bytes(*upto), code, checksum: u32::from_le_bytes(*checksum) })
}

/// What the file of one generation and one shape begins its seal with.
fn head(settings: &Settings, generation: Uuid) -> Vec<u8> {
    let shape = (settings.dimension, settings.metric, settings.connectivity);
    let shape = crc32fast::hash(format!("{shape:?}").as_bytes());
    [MAGIC.as_slice(), generation.as_bytes(), &shape.to_le_bytes()].concat()
}

/// The first `length` bytes.
fn hashed(file: &mut File, length: u64) -> io::Result<crc32fast::Hasher> {
    let (mut hasher, mut left) = (crc32fast::Hasher::new(), length);
    let mut buffer = vec![0; 1 << 20];
    while left > 0 {
        let part = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let part = &mut buffer[..part];
        file.read_exact(part)?;
        hasher.update(part);
        left -= part.len() as u64;
    }
    Ok(hasher)
}

impl Graph {
    /// Puts it on the disk in place of the file at `path`, whole or not at all. Nothing may be added meanwhile.
    pub fn save(&self, path: &Path, settings: &Settings, generation: Uuid) -> Result<(), Unusable> {
        let coming = path.with_extension("coming");
        let placed = self.write(&coming, settings, generation).and_then(|()| {
            fs::rename(&coming, path).map_err(Unusable::because)?;
            path.parent().map_or(Ok(()), crate::collections::sync).map_err(Unusable::because)
        });
        if placed.is_err() {
            // It has no seal or no name that anyone looks for; the next one is written over it.
            let _ = fs::remove_file(&coming);
        }
        placed
    }

    fn write(&self, coming: &Path, settings: &Settings, generation: Uuid) -> Result<(), Unusable> {
        let path = coming.to_str().ok_or_else(|| Unusable("its folder's name is not valid Unicode".into()))?;
        let index = shared(self.index()?);
        index.save(path).map_err(Unusable::because)?;
        let code = match self.code {
            Code::Full => FULL,
            Code::Half => HALF,
            Code::Byte(scale) => scale,
        };
        let seal = |file: &mut File| {
            let length = file.metadata()?.len();
            // usearch does not look whether all that it wrote arrived.
            if length != index.serialized_length() as u64 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let head = head(settings, generation);
            let seal = [head.as_slice(), &self.upto().to_le_bytes(), &code.to_le_bytes()].concat();
            let mut hasher = hashed(file, length)?;
            hasher.update(&seal);
            file.write_all(&[seal.as_slice(), &hasher.finalize().to_le_bytes()].concat())?;
            file.sync_all()
        };
        let file = OpenOptions::new().read(true).write(true).open(coming);
        file.and_then(|mut file| seal(&mut file)).map_err(Unusable::because)
    }
}
