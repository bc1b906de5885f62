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
    (r"(?i)\.(?:p12|pfx|jks|keystore)$", "a store of keys"),
    (r"(?:^|/)\.(?:netrc|pgpass|git-credentials|npmrc|pypirc)$", "a file of credentials"),
    (
        r"(?:^|/)\.(?:aws/credentials|docker/config\.json|kube/config|azure/accessTokens\.json)$",
        "a file of credentials",
    ),
    (r"(?:^|/)\.groundwork/", "a workspace's private folder, with its key"),
    (r"(?:^|/)\.git/(?:config|index|HEAD)$", "a git repository, with all that it ever held"),
];

/// How a private key begins in DER, where it has no words to be known by: a sequence of its version and more (PKCS #1, PKCS #8,
/// SEC 1), or an encrypted one (PKCS #8 with PKCS #5). Other files may begin so, too: only those named `*.key` are asked.
const DER: &str =
    r"(?s-u)^\x30(?:[\x00-\x7f]|\x81.|\x82..)(?:\x02\x01[\x00\x01]|\x30.\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05)";

/// Example files are there to be read, and say nothing.
const HARMLESS: &str = r"(?:^|/)\.env\.(?:example|sample|template|dist)$";

/// Bytes of a file that are looked at; credentials do not stand at the end of a film.
pub const LOOKED_AT: usize = 1 << 20;

static FORM: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(FORMS.iter().map(|(form, _)| form)).ok());
static NAME: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(NAMES.iter().map(|(name, _)| name)).ok());
static IN_DER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(DER).ok());
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
    if path.ends_with(".key") && IN_DER.as_ref().is_some_and(|der| der.is_match(content)) {
        return Some("a private key");
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
        assert!(FORM.is_some() && NAME.is_some() && IN_DER.is_some() && PASSES.is_some());
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
            ("app/tls/server.p12", "a store of keys"),
            ("app/tls/Server.PFX", "a store of keys"),
            ("opt/service/identity.jks", "a store of keys"),
            ("app/release.keystore", "a store of keys"),
            ("root/.aws/credentials", "a file of credentials"),
            ("app/.git/config", "a git repository, with all that it ever held"),
            ("app/.groundwork/activate", "a workspace's private folder, with its key"),
        ] {
            assert_eq!(revealing(path, b""), Some(what), "{path}");
        }
    }

    #[test]
    fn a_private_key_in_der_is_known_by_how_it_begins_in_a_file_that_is_named_so() {
        let long = |rest: &[u8]| [b"\x30\x82\x04\xa3".as_slice(), rest, [7; 40].as_slice()].concat();
        for (begins, content) in [
            ("PKCS #1", long(b"\x02\x01\x00\x02\x82\x01\x01")),
            ("PKCS #8", long(b"\x02\x01\x00\x30\x0d\x06\x09")),
            ("SEC 1", b"\x30\x77\x02\x01\x01\x04\x20\x0a\xff".to_vec()),
            ("encrypted", long(b"\x30\x40\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d")),
        ] {
            assert_eq!(revealing("app/tls/server.key", &content), Some("a private key"), "{begins}");
            assert_eq!(revealing("app/model.bin", &content), None, "{begins}");
        }
        for (what, content) in [
            ("a public key", long(b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00")),
            ("a certificate", long(b"\x30\x82\x03\x8b\xa0\x03\x02\x01\x02")),
            ("a list of words", b"up down left right".to_vec()),
        ] {
            assert_eq!(revealing("app/public.key", &content), None, "{what}");
        }
    }
}
