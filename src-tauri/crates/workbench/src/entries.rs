//! Journal entries: what a learner did among people, asked, answered, decided. Written down, or taken back; never changed.

use jiff::Timestamp;

use crate::{Problem, Workbench, pack, session::Session, view};

impl Workbench {
    /// Records an entry for a started lab and runs the checks that it concerns.
    pub async fn add_entry(&self, slug: &str, entry: view::NewEntry) -> Result<view::JudgedEntry, Problem> {
        let session = self.started(slug).await?;
        session.touch();
        let entry = self.record(&session, entry)?;
        judged(&session, entry).await
    }

    /// Takes back the entry of this moment, which was written by mistake, and runs the checks that read entries.
    pub async fn remove_entry(&self, slug: &str, at: &str) -> Result<view::JudgedEntry, Problem> {
        let session = self.started(slug).await?;
        session.touch();
        let gone = || unknown(slug, "There is no such entry any more.".into());
        let moment: Timestamp = at.parse().map_err(|_| gone())?;
        let entry = self.journal.remove_entry(session.workspace.id, moment)?.ok_or_else(gone)?;
        judged(&session, entry).await
    }

    /// A lab's newest entry of this title.
    pub fn entry_titled(&self, slug: &str, title: &str) -> Result<view::Entry, Problem> {
        let found = self.entries(Some(slug))?.into_iter().rev().find(|entry| entry.title == title);
        found.ok_or_else(|| unknown(slug, format!("No entry of {slug} is called {title:?}.")))
    }

    /// Records an entry that is fit to be kept.
    pub(crate) fn record(&self, session: &Session, entry: view::NewEntry) -> Result<journal::Entry, Problem> {
        let entry = fit(entry)?;
        self.journal.record_entry(session.workspace.id, &entry)?;
        Ok(entry)
    }

    /// The entries of one lab, or of all, oldest first.
    pub fn entries(&self, slug: Option<&str>) -> Result<Vec<view::Entry>, Problem> {
        let only = slug.map(|slug| pack::lab(&*self.pack()?, slug)).transpose()?;
        let mut found = Vec::new();
        for workspace in self.journal.workspaces()? {
            if only.as_ref().is_none_or(|lab| lab.id == workspace.lab) {
                let entries = self.journal.entries(workspace.id)?;
                found.extend(entries.into_iter().map(|entry| (workspace.slug.clone(), entry)));
            }
        }
        found.sort_by_key(|(_, entry)| entry.at);
        Ok(found.into_iter().map(|(slug, entry)| shown(&slug, entry)).collect())
    }
}

/// An entry that came or went, with what the checks find that read entries.
async fn judged(session: &Session, entry: journal::Entry) -> Result<view::JudgedEntry, Problem> {
    let outcomes = session.check_entries().await?;
    let outcomes = outcomes.iter().map(|outcome| session.show(outcome)).collect();
    Ok(view::JudgedEntry { entry: shown(&session.lab.slug, entry), outcomes })
}

fn unknown(slug: &str, message: String) -> Problem {
    let next_step = format!("Run `groundwork entry list {slug}` to see what is written down.");
    Problem::new("entry.unknown", message, next_step)
}

pub fn shown(lab: &str, entry: journal::Entry) -> view::Entry {
    let journal::Entry { at, sort, title, text, url } = entry;
    view::Entry { lab: lab.to_owned(), at: at.to_string(), sort, title, text, url }
}

/// The entry as it is kept, or what is wrong with it.
fn fit(entry: view::NewEntry) -> Result<journal::Entry, Problem> {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !entry.sort.split('-').all(word) {
        let message = format!("The sort {:?} is not a name of lower-case words joined by hyphens.", entry.sort);
        return Err(Problem::new("entry.sort", message, "Write it like \"community\"."));
    }
    let title = entry.title.trim().to_owned();
    if title.is_empty() {
        return Err(Problem::new("entry.title", "The entry has no title.", "Say in a few words what it is about."));
    }
    let url = entry.url.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
    if let Some(url) = url.as_ref().filter(|url| !is_address(url)) {
        let message = format!("{url:?} is not an address of the web.");
        return Err(Problem::new("entry.url", message, "Write it whole, like https://discuss.python.org/t/1."));
    }
    Ok(journal::Entry { at: Timestamp::now(), sort: entry.sort, title, text: entry.text.trim().to_owned(), url })
}

/// `http` or `https`, a host, no blanks.
fn is_address(url: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| host.contains(char::is_alphanumeric)) && !url.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_trimmed_or_refused() {
        let fit = |sort: &str, title: &str, url: Option<&str>| {
            let (sort, title, url) = (sort.to_owned(), title.to_owned(), url.map(str::to_owned));
            fit(view::NewEntry { sort, title, text: " Because.\n".into(), url })
                .map(|entry| (entry.title, entry.text, entry.url))
                .map_err(|problem| problem.code)
        };
        let kept = |url: Option<&str>| Ok(("A".to_owned(), "Because.".to_owned(), url.map(str::to_owned)));
        for (sort, title, url, expected) in [
            ("decision", " A ", None, kept(None)),
            ("first-answer", "A", Some(" https://a.org/x "), kept(Some("https://a.org/x"))),
            ("decision", "A", Some("  "), kept(None)),
            ("Decision", "A", None, Err("entry.sort".to_owned())),
            ("", "A", None, Err("entry.sort".to_owned())),
            ("decision", " ", None, Err("entry.title".to_owned())),
            ("decision", "A", Some("a.org"), Err("entry.url".to_owned())),
            ("decision", "A", Some("ftp://a.org"), Err("entry.url".to_owned())),
            ("decision", "A", Some("https://"), Err("entry.url".to_owned())),
            ("decision", "A", Some("https://a b"), Err("entry.url".to_owned())),
        ] {
            assert_eq!(fit(sort, title, url), expected, "{sort:?} {title:?} {url:?}");
        }
    }
}
