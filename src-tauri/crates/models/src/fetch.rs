//! One file over HTTP, a piece at a time (RFC 9110): what has come stays on the disk, and the next try goes on from there if
//! the server still has the very same file. Otherwise it begins anew.
//!
//! Never gives a file its final name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::StreamExt;
use reqwest::header::{CONTENT_RANGE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE};
use reqwest::{Client, Response, StatusCode};
use serde::{Deserialize, Serialize};
use task::{Cancellation, Reporter};
use tokio::io::AsyncWriteExt;

use crate::Error;
use crate::files::{self, Work};

/// What is to come, and how it is told.
#[derive(Clone)]
pub(crate) struct Wanted<'a> {
    pub title: &'a str,
    pub url: &'a str,
    /// Where known; a file that turns out otherwise is refused.
    pub bytes: Option<u64>,
    pub sha256: Option<&'a str>,
    /// Bytes of other files that came before, and of all together.
    pub before: u64,
    pub whole: Option<u64>,
}

/// Tries that bring nothing before it is given up, and the pause after the first; each next one is twice as long.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(400);
/// A server that says nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(30);

/// What is known of the file of which a part lies on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    url: String,
    /// What the server calls this version of the file.
    version: Option<String>,
    total: Option<u64>,
}

pub(crate) fn client(version: &str) -> Result<Client, Error> {
    // Of several in one program, the first is kept.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().user_agent(format!("groundwork/{version}"));
    let builder = builder.connect_timeout(Duration::from_secs(15)).read_timeout(SILENCE);
    builder.build().map_err(|error| Error::Unreachable { url: String::new(), detail: error.to_string() })
}

/// Brings the file to `part`; returns when it is whole and, where its hash is known, right. Goes on where an earlier try was
/// cut off.
pub(crate) async fn fetch(
    client: &Client,
    wanted: &Wanted<'_>,
    part: &Path,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Result<(), Error> {
    let mut fetching = Fetching { client, wanted, part, reporter, cancellation, joined: false };
    loop {
        fetching.bring().await?;
        let Some(sha256) = wanted.sha256 else { return Ok(()) };
        let actual = fetching.hash().await?;
        if actual == sha256 {
            return Ok(());
        }
        fetching.forget()?;
        // The parts may have been of different files: once more, in one piece.
        if !std::mem::take(&mut fetching.joined) {
            return Err(fetching.wrong(format!("its SHA-256 begins {actual:.12}, not {sha256:.12}")));
        }
    }
}

struct Fetching<'a> {
    client: &'a Client,
    wanted: &'a Wanted<'a>,
    part: &'a Path,
    reporter: &'a dyn Reporter,
    cancellation: &'a Cancellation,
    /// Whether what lies there came in several answers.
    joined: bool,
}

impl Fetching<'_> {
    async fn bring(&mut self) -> Result<(), Error> {
        let mut failed = 0;
        loop {
            let before = self.have();
            match self.attempt().await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if !worth_another(&error) => return Err(error),
                Err(error) => {
                    failed = if self.have() > before { 0 } else { failed + 1 };
                    if failed >= TRIES {
                        return Err(error);
                    }
                    let pause = tokio::time::sleep(PAUSE * 2_u32.pow(failed.saturating_sub(1)));
                    tokio::select! {
                        () = pause => {}
                        () = self.cancellation.cancelled() => return Err(Error::Cancelled),
                    }
                }
            }
        }
    }

    /// Asks once; false where it must be asked anew, from the beginning.
    async fn attempt(&mut self) -> Result<bool, Error> {
        let url = self.wanted.url;
        let known = self.known().filter(|known| known.url == url);
        let have = if known.is_some() { self.have() } else { 0 };
        if known.as_ref().is_some_and(|known| known.total == Some(have) && have > 0) {
            return Ok(true);
        }
        // Without a name for this version, only the hash would tell that another file has taken its place.
        let version = known.as_ref().and_then(|known| known.version.clone());
        let goes_on = have > 0 && (version.is_some() || self.wanted.sha256.is_some());
        let mut asked = self.client.get(url);
        if goes_on {
            asked = asked.header(RANGE, format!("bytes={have}-"));
            if let Some(version) = version {
                asked = asked.header(IF_RANGE, version);
            }
        }
        let answer = tokio::select! {
            answer = asked.send() => answer.map_err(unreachable(url))?,
            () = self.cancellation.cancelled() => return Err(Error::Cancelled),
        };
        match answer.status() {
            StatusCode::PARTIAL_CONTENT if goes_on => {
                let Some((first, total)) = range(&answer) else { return self.begin_anew() };
                let changed = known.and_then(|known| known.total).is_some_and(|known| total != Some(known));
                if first != have || changed {
                    return self.begin_anew();
                }
                self.joined = true;
                self.read(answer, have, total).await
            }
            StatusCode::RANGE_NOT_SATISFIABLE if goes_on => self.begin_anew(),
            StatusCode::OK => {
                self.forget()?;
                let total = answer.content_length();
                if let (Some(expected), Some(total)) = (self.wanted.bytes, total)
                    && expected != total
                {
                    return Err(self.wrong(format!("it has {total} bytes, not {expected}")));
                }
                let left = total.or(self.wanted.bytes).unwrap_or_default();
                files::room(self.part.parent().unwrap_or(self.part), left)?;
                self.note(&Known { url: url.into(), version: version_of(&answer), total })?;
                self.read(answer, 0, total).await
            }
            _ => Err(refused(url, &answer)),
        }
    }

    async fn read(&self, answer: Response, from: u64, total: Option<u64>) -> Result<bool, Error> {
        let failed = Error::disk(self.part);
        let mut file = tokio::fs::File::options().create(true).append(true).open(self.part).await.map_err(&failed)?;
        let (mut have, mut pieces) = (from, answer.bytes_stream());
        let work = Work {
            what: &format!("Downloading {}", self.wanted.title),
            total: self.wanted.whole.or(total.map(|total| self.wanted.before + total)),
            reporter: self.reporter,
            cancellation: self.cancellation,
        };
        let ended = loop {
            let piece = tokio::select! {
                piece = pieces.next() => piece,
                () = self.cancellation.cancelled() => break Err(Error::Cancelled),
            };
            match piece {
                None => break Ok(()),
                Some(Err(error)) => break Err(unreachable(self.wanted.url)(error)),
                Some(Ok(piece)) => {
                    if let Err(error) = file.write_all(&piece).await {
                        break Err(failed(error));
                    }
                    have += piece.len() as u64;
                    work.tell(self.wanted.before + have)?;
                }
            }
        };
        file.flush().await.map_err(&failed)?;
        file.sync_all().await.map_err(&failed)?;
        ended?;
        match total {
            Some(total) if have < total => {
                let detail = format!("it ended after {have} of {total} bytes");
                Err(Error::Unreachable { url: self.wanted.url.into(), detail })
            }
            Some(total) if have > total => Err(self.wrong(format!("it has more than {total} bytes"))),
            _ => Ok(true),
        }
    }

    fn begin_anew(&mut self) -> Result<bool, Error> {
        self.joined = false;
        self.forget()?;
        Ok(false)
    }

    fn forget(&self) -> Result<(), Error> {
        for path in [self.part, &self.notes()] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::disk(path)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    fn have(&self) -> u64 {
        self.part.metadata().map_or(0, |metadata| metadata.len())
    }

    fn notes(&self) -> PathBuf {
        let mut name = self.part.file_name().unwrap_or_default().to_owned();
        name.push(".json");
        self.part.with_file_name(name)
    }

    fn known(&self) -> Option<Known> {
        serde_json::from_slice(&std::fs::read(self.notes()).ok()?).ok()
    }

    fn note(&self, known: &Known) -> Result<(), Error> {
        let path = self.notes();
        let text = serde_json::to_vec(known).unwrap_or_default();
        std::fs::write(&path, text).map_err(Error::disk(&path))
    }

    async fn hash(&self) -> Result<String, Error> {
        let (part, cancellation) = (self.part.to_path_buf(), self.cancellation.clone());
        let hashed = tokio::task::spawn_blocking(move || {
            let work = Work { what: "", total: None, reporter: &task::Silent, cancellation: &cancellation };
            files::hash(&part, work)
        });
        let failed = |error: tokio::task::JoinError| Error::Disk { path: self.part.into(), detail: error.to_string() };
        Ok(hashed.await.map_err(failed)??.1)
    }

    fn wrong(&self, difference: String) -> Error {
        Error::Wrong { url: self.wanted.url.into(), difference }
    }
}

fn worth_another(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } => true,
        Error::Refused { status, .. } => *status >= 500 || [408, 425, 429].contains(status),
        _ => false,
    }
}

/// A strong tag, or the time of the last change: a weak tag says too little (RFC 9110, 13.1.5).
fn version_of(answer: &Response) -> Option<String> {
    let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    text(ETAG).filter(|tag| !tag.starts_with("W/")).or_else(|| text(LAST_MODIFIED))
}

/// The first byte and the length of the whole, of `bytes 5-9/10`.
fn range(answer: &Response) -> Option<(u64, Option<u64>)> {
    let text = answer.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    let (bytes, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((bytes.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

pub(crate) fn unreachable(url: &str) -> impl Fn(reqwest::Error) -> Error {
    let url = url.to_owned();
    move |error| {
        // The outermost error only says that there was one.
        let mut innermost: &dyn std::error::Error = &error;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        Error::Unreachable { url: url.clone(), detail: innermost.to_string() }
    }
}

pub(crate) fn refused(url: &str, answer: &Response) -> Error {
    Error::Refused { url: url.into(), status: answer.status().as_u16() }
}
