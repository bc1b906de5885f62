//! A GGUF file's header and tensors, with our errors. Never checks a hash: that is the manifest's.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use candle_core::Device;
use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{GgmlDType, QStorage, QTensor};

use crate::fault::FileError;

/// An opened model file.
pub struct ModelFile {
    content: Content,
    file: File,
    path: PathBuf,
}

impl std::fmt::Debug for ModelFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Where a tensor's blocks stand in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TensorPlace {
    pub kind: GgmlDType,
    /// Rows, then columns; one row for a vector.
    pub rows: usize,
    pub columns: usize,
    start: u64,
}

impl TensorPlace {
    /// Bytes of a row: no more than the file has.
    fn row(&self) -> usize {
        self.columns / self.kind.block_size() * self.kind.type_size()
    }
}

impl ModelFile {
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let unreadable = |error: &std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => FileError::Missing { file: path.into() },
            _ => FileError::Unreadable { file: path.into(), detail: error.to_string() },
        };
        let mut file = File::open(path).map_err(|error| unreadable(&error))?;
        let mut magic = [0; 4];
        match file.read_exact(&mut magic) {
            Ok(()) if &magic == b"GGUF" => {}
            Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => return Err(unreadable(&error)),
            _ => return Err(FileError::NotGguf { file: path.into() }),
        }
        file.rewind().map_err(|error| unreadable(&error))?;
        let content = Content::read(&mut Counted { inner: BufReader::with_capacity(1 << 16, &file), position: 0 })
            .map_err(|error| wrong(path, &error.to_string()))?;
        Ok(Self { content, file, path: path.into() })
    }

    pub(crate) fn text(&self, key: &str) -> Result<&str, FileError> {
        let text = self.value(key)?.to_string();
        text.map(String::as_str).map_err(|_| self.unsupported(format!("`{key}` is not a text")))
    }

    pub(crate) fn number(&self, key: &str) -> Result<usize, FileError> {
        let number = self.value(key)?.to_u64().ok().and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| self.unsupported(format!("`{key}` is not a count")))
    }

    pub(crate) fn real(&self, key: &str) -> Result<f32, FileError> {
        self.value(key)?.to_f32().map_err(|_| self.unsupported(format!("`{key}` is not a number")))
    }

    pub(crate) fn truth(&self, key: &str) -> Result<bool, FileError> {
        self.value(key)?.to_bool().map_err(|_| self.unsupported(format!("`{key}` is neither true nor false")))
    }

    pub(crate) fn list(&self, key: &str) -> Result<&[Value], FileError> {
        let list = self.value(key)?.to_vec();
        list.map(Vec::as_slice).map_err(|_| self.unsupported(format!("`{key}` is not a list")))
    }

    pub(crate) fn texts(&self, key: &str) -> Result<Vec<&str>, FileError> {
        let texts = self.list(key)?.iter().map(|value| value.to_string().map(String::as_str));
        texts.collect::<Result<_, _>>().map_err(|_| self.unsupported(format!("`{key}` is not a list of texts")))
    }

    /// The names of all tensors.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = &str> {
        self.content.tensor_infos.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, tensor: &str) -> bool {
        self.content.tensor_infos.contains_key(tensor)
    }

    pub(crate) fn tensor(&self, name: &str) -> Result<TensorPlace, FileError> {
        let info =
            self.content.tensor_infos.get(name).ok_or_else(|| self.unsupported(format!("it has no `{name}`")))?;
        let (rows, columns) = match *info.shape.dims() {
            [columns] => (1, columns),
            [rows, columns] => (rows, columns),
            _ => return Err(self.unsupported(format!("`{name}` is no matrix"))),
        };
        let start = self.content.tensor_data_offset.saturating_add(info.offset);
        let kind = info.ggml_dtype;
        let damaged = |detail| FileError::Damaged { file: self.path.clone(), detail };
        if columns == 0 || !columns.is_multiple_of(kind.block_size()) {
            return Err(damaged(format!("{columns} columns of `{name}` are not whole blocks")));
        }
        let row = (columns / kind.block_size()).checked_mul(kind.type_size());
        let bytes = row.and_then(|row| row.checked_mul(rows));
        let end = bytes.and_then(|bytes| start.checked_add(bytes as u64));
        let length = self.file.metadata().map_or(0, |metadata| metadata.len());
        if end.is_none_or(|end| end > length) {
            return Err(damaged(format!("`{name}` lies beyond its end")));
        }
        Ok(TensorPlace { kind, rows, columns, start })
    }

    /// All matrices.
    pub(crate) fn matrices(&self) -> impl Iterator<Item = TensorPlace> {
        let places = self.content.tensor_infos.keys().filter_map(|name| self.tensor(name).ok());
        places.filter(|place| place.rows > 1)
    }

    /// Reads `rows` rows of a tensor, from `first` on, in place of what `to` holds.
    pub(crate) fn rows(
        &self,
        tensor: &TensorPlace,
        first: usize,
        rows: usize,
        to: &mut Vec<u8>,
    ) -> Result<(), FileError> {
        to.resize(rows * tensor.row(), 0);
        let read = read_at(&self.file, to, tensor.start + (first * tensor.row()) as u64);
        read.map_err(|error| FileError::Unreadable { file: self.path.clone(), detail: error.to_string() })
    }

    /// A vector, as plain numbers.
    pub(crate) fn vector(&self, name: &str) -> Result<Vec<f32>, FileError> {
        let tensor = self.tensor(name)?;
        let mut bytes = Vec::new();
        self.rows(&tensor, 0, tensor.rows, &mut bytes)?;
        let wrong = |error: candle_core::Error| self.unsupported(format!("`{name}`: {error}"));
        let storage = QStorage::from_data(Cow::Owned(bytes), &Device::Cpu, tensor.kind).map_err(wrong)?;
        let values =
            QTensor::new(storage, (tensor.rows, tensor.columns)).and_then(|tensor| tensor.dequantize(&Device::Cpu));
        values.and_then(|values| values.flatten_all()?.to_vec1()).map_err(wrong)
    }

    pub(crate) fn unsupported(&self, detail: String) -> FileError {
        FileError::Unsupported { file: self.path.clone(), detail }
    }

    fn value(&self, key: &str) -> Result<&Value, FileError> {
        self.content.metadata.get(key).ok_or_else(|| self.unsupported(format!("it has no `{key}`")))
    }
}

/// A kind of weights that candle has no name for is not the file's fault.
fn wrong(path: &Path, said: &str) -> FileError {
    match said.split_once("unknown dtype for tensor ") {
        Some((_, kind)) => {
            let kind = kind.split_whitespace().next().unwrap_or_default();
            let detail = format!("it holds weights of GGUF's kind {kind}, which cannot be computed with");
            FileError::Unsupported { file: path.into(), detail }
        }
        None => FileError::Damaged { file: path.into(), detail: said.into() },
    }
}

#[cfg(unix)]
fn read_at(file: &File, to: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, to, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut to: &mut [u8], mut at: u64) -> std::io::Result<()> {
    while !to.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, to, at)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        (to, at) = (&mut to[read..], at + read as u64);
    }
    Ok(())
}

/// Knows its position without asking the system: the parser asks once for each of a hundred thousand strings.
struct Counted<R> {
    inner: R,
    position: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.position = self.inner.seek(to)?;
        Ok(self.position)
    }

    fn stream_position(&mut self) -> std::io::Result<u64> {
        Ok(self.position)
    }
}
