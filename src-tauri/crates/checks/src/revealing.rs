//! What a file gives away that is handed on with an image: keys, credentials, the history of a shell. Knows names and forms
//! alone; a password that looks like a word is not found.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexSet};

/// Forms of credentials, and what each is.
const FORMS: &[(&str, &str)] = &[
    (r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----", "a private key"),
    (r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", "an AWS access key"),
    (r"\bgh[pousr]_[A-Za-z0-9]{36,}\b", "a GitHub token"),
    (r"\bgithub_pat_[A-Za-z0-9_]{60,}\b", "a GitHub token"),
    (r"\bglpat-[A-Za-z0-9_-]{20,}", "a GitLab token"),
    (r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}", "a key for a model provider"),
    (r"\bpcsk_[A-Za-z0-9_]{40,}", "a Pinecone key"),
    (r"\bgw-[A-Za-z0-9_-]{32,}", "a key of a Groundwork workspace"),
    (r"\bxox[abprs]-[A-Za-z0-9-]{20,}", "a Slack token"),
    (r"\bAccountKey=[A-Za-z0-9+/]{80,}={0,2}", "a storage account's key"),
    (r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}", "a signed token"),
    (
        r"(?i)(?:^|[^a-z0-9])(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?token|auth[_-]?token|password|passwd)[\x22']?\s*[=:]\s*[\x22']?[A-Za-z0-9+/_.~-]{20,}",
        "what looks like a credential",
    ),
];

/// Names of files that hold secrets or what somebody typed, whatever is in them.
const NAMES: &[(&str, &str)] = &[
    (
        r"(?:^|/)\.(?:bash|ash|sh|zsh|python|node_repl|psql|mysql|sqlite|lesshst)_?history$",
        "what somebody typed into a shell",
    ),
    (r"(?:^|/)\.lesshst$", "what somebody typed into a pager"),
    (r"(?:^|/)\.env(?:\.[A-Za-z0-9_-]+)?$", "a file of environment variables"),
    (r"(?:^|/)(?:id_rsa|id_dsa|id_ecdsa|id_ed25519)$", "a private key"),
    (r"(?:^|/)\.(?:netrc|pgpass|git-credentials|npmrc|pypirc)$", "a file of credentials"),
    (
        r"(?:^|/)\.(?:aws/credentials|docker/config\.json|kube/config|azure/accessTokens\.json)$",
        "a file of credentials",
    ),
    (r"(?:^|/)\.groundwork/", "a workspace's private folder, with its key"),
    (r"(?:^|/)\.git/(?:config|index|HEAD)$", "a git repository, with all that it ever held"),
];

/// Example files are there to be read, and say nothing.
const HARMLESS: &str = r"(?:^|/)\.env\.(?:example|sample|template|dist)$";

/// Bytes of a file that are looked at; credentials do not stand at the end of a film.
pub const LOOKED_AT: usize = 1 << 20;

static FORM: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(FORMS.iter().map(|(form, _)| form)).ok());
static NAME: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(NAMES.iter().map(|(name, _)| name)).ok());
static PASSES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(HARMLESS).ok());

/// What the file at `path` gives away, judged by its name and the first [`LOOKED_AT`] of its bytes.
pub fn revealing(path: &str, content: &[u8]) -> Option<&'static str> {
    if PASSES.as_ref().is_some_and(|passes| passes.is_match(path.as_bytes())) {
        return None;
    }
    let by_name = NAME.as_ref().and_then(|names| names.matches(path.as_bytes()).iter().next());
    if let Some(index) = by_name {
        return Some(NAMES[index].1);
    }
    revealing_text(content)
}

/// What a text gives away: a command of a Dockerfile, a variable.
pub fn revealing_text(content: &[u8]) -> Option<&'static str> {
    let content = &content[..content.len().min(LOOKED_AT)];
    let index = FORM.as_ref()?.matches(content).iter().next()?;
    Some(FORMS[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles_and_finds_its_example() {
        assert!(FORM.is_some() && NAME.is_some() && PASSES.is_some());
        // Put together here, so that this file holds nothing that looks like a key.
        let many = |letter: &str, count: usize| letter.repeat(count);
        for (text, what) in [
            (format!("x\n-----BEGIN RSA {}-----\nMII", "PRIVATE KEY"), "a private key"),
            (format!("-----BEGIN {}-----", "PRIVATE KEY"), "a private key"),
            (format!("id = {}{}", "AKIA", many("A7", 8)), "an AWS access key"),
            (format!("{}_{}", "ghp", many("a1", 18)), "a GitHub token"),
            (format!("OPENAI={}-{}", "sk", many("a1B", 16)), "a key for a model provider"),
            (format!("{}-{}", "gw", many("a1", 20)), "a key of a Groundwork workspace"),
            (format!("DB_{}={}", "PASSWORD", many("x9", 12)), "what looks like a credential"),
            (format!("\"api_key\": \"{}\"", many("x9", 12)), "what looks like a credential"),
        ] {
            assert_eq!(revealing("app/settings.py", text.as_bytes()), Some(what), "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_is_left_alone() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nMIIB",
            "api_key = os.environ['API_KEY']",
            "password: ${DB_PASSWORD}",
            "PASSWORD=changeme",
            "the secret key of good tea",
            "sk-learn is a library, sk-1",
        ] {
            assert_eq!(revealing("app/settings.py", text.as_bytes()), None, "{text}");
        }
        assert_eq!(revealing(".env.example", b"KEY="), None);
        assert_eq!(revealing("src/environment.py", b""), None);
    }

    #[test]
    fn names_tell_where_content_does_not() {
        for (path, what) in [
            ("root/.bash_history", "what somebody typed into a shell"),
            ("home/app/.python_history", "what somebody typed into a shell"),
            ("srv/.env", "a file of environment variables"),
            ("srv/.env.production", "a file of environment variables"),
            ("root/.ssh/id_ed25519", "a private key"),
            ("root/.aws/credentials", "a file of credentials"),
            ("app/.git/config", "a git repository, with all that it ever held"),
            ("app/.groundwork/activate", "a workspace's private folder, with its key"),
        ] {
            assert_eq!(revealing(path, b""), Some(what), "{path}");
        }
    }
}
