//! A workspace's key to the gateway: made once, kept beside the learner's work where only they can read it, and in the
//! journal as a hash.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use workspaces::Workspace;

use crate::Problem;

/// The key of a workspace; a fresh one where there is none.
pub fn of(workspace: &Workspace) -> Result<String, Problem> {
    let file = workspace.private().join("key");
    match fs::read_to_string(&file) {
        Ok(key) if key.trim().starts_with("gw-") => Ok(key.trim().into()),
        Ok(_) => make(&file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(&file),
        Err(error) => Err(unwritable(&file, &error)),
    }
}

fn make(file: &Path) -> Result<String, Problem> {
    let key = gateway::new_key();
    write(file, &key).map_err(|error| unwritable(file, &error))?;
    Ok(key)
}

fn write(file: &Path, key: &str) -> io::Result<()> {
    let draft = file.with_extension("new");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&draft)?;
    writeln!(open, "{key}")?;
    open.sync_all()?;
    fs::rename(draft, file)
}

fn unwritable(file: &Path, error: &io::Error) -> Problem {
    let message = format!("The workspace's key {} cannot be kept: {error}.", file.display());
    Problem::new("workspace.key", message, "Make that file readable and writable for your user, then try again.")
}
