//! What can be wrong with a model file or its manifest, each in the user's words with a next step.

use std::path::PathBuf;

use task::{Fault, Owner};

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("the model file {} is not there", file.display())]
    Missing { file: PathBuf },
    #[error("the model file {} is cut short: {actual} of {expected} bytes are there", file.display())]
    CutShort { file: PathBuf, expected: u64, actual: u64 },
    #[error("the model file {} is not the one that its manifest describes: {difference}", file.display())]
    Altered { file: PathBuf, difference: String },
    #[error("{} is not a GGUF model file", file.display())]
    NotGguf { file: PathBuf },
    #[error("the model file {} is damaged: {detail}", file.display())]
    Damaged { file: PathBuf, detail: String },
    #[error("this version cannot run the model in {}: {detail}", file.display())]
    Unsupported { file: PathBuf, detail: String },
    #[error(
        "the model in {} takes {} MB of memory, and models may take {} MB on this machine",
        file.display(),
        needed / 1_000_000,
        limit / 1_000_000
    )]
    TooLarge { file: PathBuf, needed: u64, limit: u64 },
    #[error("the model file {} cannot be read: {detail}", file.display())]
    Unreadable { file: PathBuf, detail: String },
    #[error("the model manifest {} cannot be used: {detail}", file.display())]
    Manifest { file: PathBuf, detail: String },
    #[error("checking the model file was cancelled")]
    Cancelled,
}

impl Fault for FileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "inference.missing",
            Self::CutShort { .. } => "inference.cut_short",
            Self::Altered { .. } => "inference.altered",
            Self::NotGguf { .. } => "inference.not_gguf",
            Self::Damaged { .. } => "inference.damaged",
            Self::Unsupported { .. } => "inference.unsupported",
            Self::TooLarge { .. } => "inference.too_large",
            Self::Unreadable { .. } => "inference.unreadable",
            Self::Manifest { .. } => "inference.manifest",
            Self::Cancelled => "inference.cancelled",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Missing { .. } | Self::CutShort { .. } | Self::Altered { .. } | Self::Damaged { .. } => {
                "Get it again with `groundwork model download` and its name. Import a file of your own anew, and install \
                 Groundwork again for a model that came with it."
                    .into()
            }
            Self::NotGguf { .. } | Self::Unsupported { .. } => {
                "Choose another model: `groundwork model list` names those of this machine.".into()
            }
            Self::TooLarge { .. } => {
                "Use a smaller model, or one of fewer bits a weight; GROUNDWORK_MEMORY sets how many megabytes models may take."
                    .into()
            }
            Self::Unreadable { file, .. } => format!("Make {} readable for your user, then try again.", file.display()),
            Self::Manifest { file, .. } => format!("Mend {}, or restore the one that was shipped.", file.display()),
            Self::Cancelled => "Start it again when you are ready.".into(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Manifest { .. } | Self::Unsupported { .. } => Owner::Product,
            _ => Owner::Learner,
        }
    }
}
