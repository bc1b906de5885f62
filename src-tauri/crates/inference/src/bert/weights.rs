//! Tensors of a safetensors file, by name and shape, with our errors. Never checks a hash: that is the manifest's.

use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};

use crate::fault::FileError;

/// An opened file of single precision numbers.
pub(super) struct Weights<'a> {
    tensors: SafeTensors<'a>,
    path: PathBuf,
}

impl<'a> Weights<'a> {
    pub fn parse(bytes: &'a [u8], path: &Path) -> Result<Self, FileError> {
        let tensors = SafeTensors::deserialize(bytes)
            .map_err(|error| FileError::Damaged { file: path.into(), detail: error.to_string() })?;
        Ok(Self { tensors, path: path.into() })
    }

    /// The numbers of `name`, whose shape must be `shape`.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, FileError> {
        let unsupported = |detail: String| FileError::Unsupported { file: self.path.clone(), detail };
        let tensor = self.tensors.tensor(name).map_err(|_| unsupported(format!("it has no `{name}`")))?;
        if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
            let found = format!("{:?} {:?}", tensor.dtype(), tensor.shape());
            return Err(unsupported(format!("`{name}` is {found}, not F32 {shape:?}")));
        }
        Ok(tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }
}

#[cfg(test)]
mod tests {
    use safetensors::serialize;
    use safetensors::tensor::TensorView;
    use task::Fault;

    use super::*;

    #[test]
    fn a_tensor_that_is_not_what_it_should_be() {
        let path = Path::new("model.safetensors");
        let numbers: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        let view = |dtype, shape: &[usize]| TensorView::new(dtype, shape.to_vec(), &numbers).unwrap();
        let bytes = serialize([("a", view(Dtype::F32, &[2])), ("b", view(Dtype::I64, &[1]))], None).unwrap();
        let weights = Weights::parse(&bytes, path).unwrap();
        assert_eq!(weights.tensor("a", &[2]).unwrap(), [1.5, -2.0]);
        let check = |name: &str, shape: &[usize], expected: &str| {
            let error = weights.tensor(name, shape).unwrap_err();
            assert_eq!(error.code(), "inference.unsupported");
            assert!(error.to_string().ends_with(expected), "{error}");
        };
        check("a", &[1, 2], "`a` is F32 [2], not F32 [1, 2]");
        check("b", &[1], "`b` is I64 [1], not F32 [1]");
        check("c", &[2], "it has no `c`");
        for end in [0, 7, 20, bytes.len() - 1] {
            let error = Weights::parse(&bytes[..end], path).err().map(|error| error.code());
            assert_eq!(error, Some("inference.damaged"), "{end} bytes");
        }
    }
}
