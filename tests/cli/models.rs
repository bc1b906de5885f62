//! A learner's own model from the terminal: imported, chosen, measured, served and removed; and what is refused.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Stdio},
};

use serde_json::{Value, json};

use super::faults::complains;
use crate::support::{Home, apart};

pub fn model(name: &str) -> PathBuf {
    let fixtures = "../src-tauri/crates/inference/tests/fixtures/architectures";
    Path::new(env!("CARGO_MANIFEST_DIR")).join(fixtures).join(name)
}

fn import(home: &Home, name: &str, more: &[&str]) {
    let path = model(name);
    home.must(&[&["model", "import", path.to_str().unwrap()], more].concat());
}

#[test]
fn an_own_model_is_imported_chosen_measured_and_removed() {
    let home = Home::new();
    let list = home.must(&["model", "list"]);
    assert!(list.contains("smollm2-135m-instruct  installed, asked where none is named  98 MB"), "{list}");
    assert!(list.contains("gemma-3-270m  can be fetched  253 MB  32768 tokens  Q4_K_M  LicenseRef-Gemma"), "{list}");
    let out = home.run(&["model", "use", "gemma-3-270m"]);
    complains(&out, &["gemma-3-270m is not installed.", "groundwork model download gemma-3-270m"]);
    complains(&home.run(&["model", "use", "all-minilm-l6-v2"]), &["it is no text model"]);
    complains(&home.run(&["model", "show", "nothing"]), &["no model is called nothing", "groundwork model list"]);

    import(&home, "qwen3.gguf", &["--name", "mine"]);
    let shown = home.must(&["model", "show", "mine"]);
    for line in ["family    qwen3, 103K weights, BF16", "context   256 tokens", "licence   CC0-1.0", "SHA-256"] {
        assert!(shown.contains(line), "{shown}");
    }
    home.must(&["model", "use", "mine"]);
    home.must(&["model", "chat", "Hi.", "--max-tokens", "4"]);
    let measured = home.must(&["model", "measure", "mine"]);
    assert!(measured.contains("answer ") && measured.contains(" tokens/s on "), "{measured}");
    // It stays with the file, whatever it is called.
    import(&home, "qwen3.gguf", &["--name", "again", "--link"]);
    let known = home.json(&["model", "list"]).pop().unwrap();
    let known = |id: &str| known["models"].as_array().unwrap().iter().find(|known| known["id"] == id).unwrap().clone();
    assert!(known("again")["speed"]["decode"].as_f64().unwrap() > 0.0);
    assert_eq!((known("mine")["chosen"].clone(), known("again")["chosen"].clone()), (json!(true), json!(false)));
    assert_eq!(known("again")["file"], model("qwen3.gguf").canonicalize().unwrap().to_str().unwrap());

    complains(&home.run(&["model", "remove", "mine"]), &["mine is the text model", "groundwork model use"]);
    complains(&home.run(&["model", "remove", "smollm2-135m-instruct"]), &["came with Groundwork"]);
    home.must(&["model", "use", "smollm2-135m-instruct"]);
    home.must(&["model", "remove", "mine"]);
    home.must(&["model", "remove", "again"]);
    assert!(!home.must(&["model", "list"]).contains("mine") && model("qwen3.gguf").exists());

    let page = home.folder.path().join("page.gguf");
    fs::write(&page, "<html>").unwrap();
    let refused = home.run(&["model", "import", page.to_str().unwrap()]);
    complains(&refused, &["is not a GGUF model file", "Choose a file that ends in .gguf."]);
    assert!(!home.must(&["model", "list"]).contains("page"));
}

/// `groundwork serve`, ended with the test.
struct Serving {
    program: Child,
    /// It goes on to tell what it serves, and must find somebody who could read it.
    _telling: BufReader<ChildStdout>,
    address: String,
    key: String,
}

impl Serving {
    fn start(home: &Home, memory: &str) -> Self {
        let mut serve = home.command(&["serve", "--json"]);
        let mut program = serve.env("GROUNDWORK_MEMORY", memory).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut telling = BufReader::new(program.stdout.take().unwrap());
        telling.read_line(&mut line).unwrap();
        let serving: Value = serde_json::from_str(&line).unwrap();
        let address = serving["url"].as_str().unwrap().trim_start_matches("http://").trim_end_matches("/v1").to_owned();
        Self { program, _telling: telling, address, key: serving["key"].as_str().unwrap().into() }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (length, address, key) = (body.len(), &self.address, &self.key);
        write!(
            stream,
            "{method} /v1/{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body.trim_matches(|letter| letter != '{' && letter != '}'))
            .unwrap_or_else(|_| panic!("{answer}"))
    }

    fn complete(&self, model: &str) -> Value {
        let body = json!({ "model": model, "prompt": "a", "max_tokens": 2, "temperature": 0 });
        self.ask("POST", "completions", &body.to_string())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[test]
fn every_installed_model_is_served_by_its_name_within_the_memory_there_is() {
    let home = Home::new();
    import(&home, "qwen2.gguf", &["--name", "first"]);
    import(&home, "llama3.gguf", &["--name", "second"]);
    home.must(&["model", "use", "second"]);
    {
        // Room for one of them at a time, and not for the model that came with Groundwork.
        let serving = Serving::start(&home, "2");
        let listed = serving.ask("GET", "models", "");
        let ids: Vec<&str> = listed["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids[0], "second", "the chosen one comes first: {ids:?}");
        assert!(ids.contains(&"first") && ids.contains(&"smollm2-135m-instruct"), "{ids:?}");
        for model in ["first", "second", "first"] {
            let answer = serving.complete(model);
            assert_eq!(answer["model"], model, "{answer}");
            // What is loaded stays on the disk; what made room for it may go.
            let gone = home.run(&["model", "remove", model]);
            complains(
                &gone,
                &[if model == "second" { "asked where none is named" } else { "is loaded by a Groundwork" }],
            );
        }
        let refused = serving.complete("smollm2-135m-instruct").to_string();
        assert!(refused.contains("MB of memory, and models may take 2 MB on this machine"), "{refused}");
    }
    home.must(&["model", "remove", "first"]);
}

#[test]
fn a_disk_without_room_is_named_before_anything_is_written() {
    apart(&["-rm"], "cli::models::on_a_full_disk");
}

#[test]
#[ignore = "started by a_disk_without_room_is_named_before_anything_is_written"]
fn on_a_full_disk() {
    let home = Home::on_a_small_disk(300);
    home.must(&["model", "list"]);
    home.fill();
    let path = model("llama3.gguf");
    let said = home.run(&["model", "import", path.to_str().unwrap()]);
    complains(&said, &[]);
    assert!(["MB are needed", "No space left", "is full"].iter().any(|words| said.err.contains(words)), "{said:#?}");
    home.make_room();
    assert!(!home.must(&["model", "list"]).contains("llama3"));
    home.must(&["model", "import", path.to_str().unwrap()]);
    assert!(home.must(&["model", "list"]).contains("llama3"));
}
