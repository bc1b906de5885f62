//! `deployments.toml`: read, and changed without touching what the learner wrote around it.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File},
    io,
    num::NonZeroU32,
    path::Path,
};

use gateway::Quota;
use serde::Deserialize;
use toml::Spanned;
use toml_edit::{DocumentMut, Item, Table, value};

use super::{line_of, unreadable};
use crate::{Problem, replace::replace};

pub const NAME: &str = "deployments.toml";

const HEAD: &str = "\
# Names for models, as your programs ask for them: model=\"NAME\", or Azure's deployment. A change counts at once.
#
# [deployments.my-gpt]
# model = \"smollm2-135m-instruct\"
# tokens_per_minute = 10000
# requests_per_minute = 60
#
# A model on another server that speaks OpenAI's interface (vLLM, for one), and an embedding model there:
#
# [deployments.team]
# model = \"Qwen/Qwen3-8B\"
# url = \"http://gpu-1:8000/v1\"
# key = \"sk-...\"
#
# [deployments.team-embeddings]
# model = \"BAAI/bge-m3\"
# url = \"http://gpu-1:8001/v1\"
# dimension = 1024
";

/// Readable by the learner alone: it may hold keys.
const MODE: u32 = 0o600;

/// A name that the learner gave, and where it stands, if it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub deploy: Deploy,
    pub line: Option<usize>,
}

/// A name for a model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deploy {
    pub name: String,
    /// The model's own name, here or on the other server.
    pub model: String,
    pub quota: Quota,
    /// `None` for a model of this machine.
    pub elsewhere: Option<Elsewhere>,
}

/// Another server's model.
#[derive(Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// What clients take as their base URL.
    pub url: String,
    pub key: Option<String>,
    /// Values of a vector, of an embedding model.
    pub dimension: Option<u32>,
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elsewhere").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Entry {
    pub fn wrong(&self, what: &str, next_step: impl Into<String>) -> Problem {
        let place = self.line.map_or_else(String::new, |line| format!("{NAME}, line {line}: "));
        let message = format!("{place}The deployment {:?} is not served: {what}.", self.deploy.name);
        Problem::new("deployments.wrong", message, next_step)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    deployments: BTreeMap<String, WrittenEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    model: Spanned<String>,
    tokens_per_minute: Option<NonZeroU32>,
    requests_per_minute: Option<NonZeroU32>,
    url: Option<String>,
    key: Option<String>,
    dimension: Option<NonZeroU32>,
}

pub fn parse(text: &str) -> Result<Vec<Entry>, Problem> {
    let written: Written = toml::from_str(text).map_err(|error| unreadable(NAME, text, &error))?;
    let entry = |(name, entry): (String, WrittenEntry)| {
        let line = line_of(text, entry.model.span().start);
        let dimension = entry.dimension.map(NonZeroU32::get);
        let elsewhere = match entry.url {
            Some(url) => Some(Elsewhere { url, key: entry.key, dimension }),
            None if entry.key.is_some() || dimension.is_some() => {
                let message = format!("{NAME}, line {line}: {name:?} has a 'key' or a 'dimension', and no 'url'.");
                return Err(Problem::new("deployments.wrong", message, "Say where that model is, or take both out."));
            }
            None => None,
        };
        let quota = Quota {
            tokens_per_minute: entry.tokens_per_minute.map(NonZeroU32::get),
            requests_per_minute: entry.requests_per_minute.map(NonZeroU32::get),
        };
        Ok(Entry { deploy: Deploy { name, model: entry.model.into_inner(), quota, elsewhere }, line: Some(line) })
    };
    written.deployments.into_iter().map(entry).collect()
}

/// The file with one more deployment, or another one of that name.
pub fn with(text: &str, deploy: &Deploy) -> Result<String, Problem> {
    let Deploy { name, model, quota, elsewhere } = deploy;
    check(name)?;
    let mut document = document(text)?;
    let mut table = Table::new();
    table["model"] = value(model);
    if let Some(Elsewhere { url, key, .. }) = elsewhere {
        table["url"] = value(url);
        if let Some(key) = key {
            table["key"] = value(key);
        }
    }
    for (key, number) in [
        ("dimension", elsewhere.as_ref().and_then(|elsewhere| elsewhere.dimension)),
        ("tokens_per_minute", quota.tokens_per_minute),
        ("requests_per_minute", quota.requests_per_minute),
    ] {
        if let Some(number) = number {
            table[key] = value(i64::from(number));
        }
    }
    let deployments = document.entry("deployments").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    deployments[name.as_str()] = Item::Table(table);
    let text = document.to_string();
    parse(&text)?;
    Ok(text)
}

pub fn without(text: &str, name: &str) -> Result<String, Problem> {
    let mut document = document(text)?;
    let removed = document.get_mut("deployments").and_then(Item::as_table_like_mut).and_then(|all| all.remove(name));
    match removed {
        Some(_) => Ok(document.to_string()),
        None => {
            let next_step = "Run `groundwork deployment list`: those marked yours can be removed.";
            Err(Problem::new("deployments.unknown", format!("{NAME} holds no deployment {name:?}."), next_step))
        }
    }
}

/// Reads, changes and writes the file; another process that changes it waits.
pub fn change(folder: &Path, change: impl FnOnce(&str) -> Result<String, Problem>) -> Result<(), Problem> {
    let file = folder.join(NAME);
    let failed = |error: io::Error| {
        let message = format!("{} cannot be read or written: {error}.", file.display());
        let next_step = "Make it a file that your user may read and write, with room on its disk, then try again.";
        Problem::new("deployments.file", message, next_step)
    };
    // Where the file system has no locks, the last one to write wins.
    let turn = File::create(file.with_extension("lock")).map_err(failed)?;
    let _ = turn.lock();
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => HEAD.into(),
        Err(error) => return Err(failed(error)),
    };
    replace(&file, &change(&text)?, MODE).map_err(failed)
}

fn document(text: &str) -> Result<DocumentMut, Problem> {
    parse(text)?;
    text.parse().map_err(|error: toml_edit::TomlError| {
        let message = format!("{NAME}: {}.", error.message());
        Problem::new("deployments.unreadable", message, format!("Mend {NAME}, or move it away."))
    })
}

/// A name must stand in a path, and in Azure's as one part of it.
fn check(name: &str) -> Result<(), Problem> {
    const MOST: usize = 64;
    let good = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    if (1..=MOST).contains(&name.len()) && name.chars().all(good) && !name.chars().all(|letter| letter == '.') {
        return Ok(());
    }
    let message = format!("{name:?} cannot be the name of a deployment.");
    Err(Problem::new("deployments.name", message, format!("Use 1 to {MOST} letters, digits, '-', '_' and '.'.")))
}
