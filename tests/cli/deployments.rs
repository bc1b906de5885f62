//! Deployments, prices and usage from the terminal, beside a gateway that runs.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Stdio},
};

use serde_json::{Value, json};

use crate::support::{self, Home};

/// `groundwork serve`, ended with the test.
pub(super) struct Serving {
    program: Child,
    /// Held open: a program whose output nobody takes ends.
    _said: BufReader<ChildStdout>,
    url: String,
    key: String,
}

impl Serving {
    pub fn start(home: &Home) -> Self {
        let mut program = home.command(&["serve", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(program.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let serving: Value = serde_json::from_str(&line).unwrap();
        let word = |key: &str| serving[key].as_str().unwrap().to_owned();
        Self { url: word("url"), key: word("key"), program, _said: said }
    }

    /// The status of an answer of one token, and its body.
    async fn ask(&self, model: &str) -> (u16, Value) {
        self.ask_with(&self.key, model).await
    }

    pub async fn ask_with(&self, key: &str, model: &str) -> (u16, Value) {
        let body = json!({"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]});
        let client = support::http();
        let asked = client.post(format!("{}/chat/completions", self.url)).bearer_auth(key).json(&body);
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[tokio::test]
async fn a_running_gateway_serves_what_another_process_deploys() {
    let home = Home::new();
    let models = home.json(&["deployment", "list"]);
    let model = models[0]["model"].as_str().unwrap().to_owned();
    let serving = Serving::start(&home);
    assert_eq!(serving.ask("my-gpt").await.0, 404);
    home.must(&["deployment", "add", "my-gpt", "--model", &model, "--requests-per-minute", "6"]);
    assert_eq!(serving.ask("my-gpt").await.0, 200);
    assert_eq!(serving.ask("my-gpt").await.0, 429);
    // A quota that is raised counts at once.
    home.must(&["deployment", "add", "my-gpt", "--model", &model, "--requests-per-minute", "600"]);
    assert_eq!(serving.ask("my-gpt").await.0, 200);
    let listed = home.must(&["deployment", "list"]);
    assert!(listed.contains("yours  my-gpt") && listed.contains("600 requests/min"), "{listed}");

    let file = home.folder.path().join("data/deployments.toml");
    let right = fs::read_to_string(&file).unwrap();
    fs::write(&file, right.replace("model =", "modle =")).unwrap();
    let (status, body) = serving.ask("my-gpt").await;
    let message = body["error"]["message"].as_str().unwrap();
    assert!(status == 404 && message.contains("deployments.toml, line ") && message.contains("modle"), "{body}");
    assert_eq!(serving.ask(&model).await.0, 200, "the model's own name is served all the same");
    let said = home.run(&["deployment", "list"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("line ") && said.out.contains(&model), "{said:?}");

    fs::write(&file, right).unwrap();
    home.must(&["deployment", "remove", "my-gpt"]);
    assert_eq!(serving.ask("my-gpt").await.0, 404);
}

#[tokio::test]
async fn a_model_on_another_server_is_asked_recorded_and_looked_after() {
    let (far, near) = (Home::new(), Home::new());
    let server = Serving::start(&far);
    let key = near.folder.path().join("team.key");
    fs::write(&key, format!("{}\n", server.key)).unwrap();
    let key = key.to_str().unwrap();
    let model = "smollm2-135m-instruct";
    let url = server.url.clone();
    let at = ["--url", url.as_str(), "--key-file", key];
    near.must(&[&["deployment", "add", "team", "--model", model, "--requests-per-minute", "6"], &at[..]].concat());
    let vectors = ["deployment", "add", "team-vectors", "--model", "all-minilm-l6-v2", "--dimension", "384"];
    near.must(&[&vectors, &at[..]].concat());
    let listed = near.must(&["deployment", "list"]);
    assert!(listed.contains(&format!("at {}", server.url)) && !listed.contains(&server.key), "{listed}");
    assert!(near.must(&["doctor"]).contains("2 of your own"));

    let serving = Serving::start(&near);
    let (status, body) = serving.ask("team").await;
    assert_eq!((status, body["model"].as_str(), &body["usage"]["completion_tokens"]), (200, Some(model), &json!(1)));
    assert_eq!(serving.ask("team").await.0, 429, "the quota is this gateway's");
    let client = support::http();
    let embed = async |url: &str, key: &str, model: &str| -> Value {
        let asked = client.post(format!("{url}/embeddings")).bearer_auth(key);
        let body = json!({"model": model, "input": ["Hello", "there"], "encoding_format": "base64"});
        asked.json(&body).send().await.unwrap().json::<Value>().await.unwrap()["data"].take()
    };
    let direct = embed(&server.url, &server.key, "all-minilm-l6-v2").await;
    assert_eq!(direct.as_array().unwrap().len(), 2);
    assert_eq!(embed(&serving.url, &serving.key, "team-vectors").await, direct);

    drop(server);
    near.must(&[&["deployment", "add", "team", "--model", model], &at[..]].concat());
    let (status, body) = serving.ask("team").await;
    let message = body["error"]["message"].as_str().unwrap();
    assert!(status == 502 && message.contains("cannot be reached"), "{body}");
    let doctor = near.run(&["doctor"]);
    assert!(doctor.out.contains("The deployment \"team\" does not answer"), "{doctor:?}");
    assert_eq!(serving.ask(model).await.0, 200, "the models of this machine are served all the same");
}

#[test]
fn mistakes_say_what_to_do() {
    let home = Home::new();
    let table: [(&[&str], &str); 6] = [
        (&["deployment", "add", "a", "--model", "b", "--url", "gpu-1"], "http://HOST:PORT/v1"),
        (
            &["deployment", "add", "a", "--model", "b", "--url", "http://gpu-1/v1", "--key-file", "/no"],
            "a file that holds",
        ),
        (&["deployment", "add", "a", "--model", "gpt-9"], "Name one of "),
        (&["deployment", "add", "a/b", "--model", "smollm2-135m-instruct"], "letters, digits"),
        (&["deployment", "remove", "a"], "groundwork deployment list"),
        (&["usage", "orientation"], "groundwork lab start orientation"),
    ];
    for (arguments, expected) in table {
        let said = home.run(arguments);
        assert_eq!(said.code, Some(1), "{arguments:?}: {said:?}");
        assert!(said.err.contains(expected), "{arguments:?}: {said:?}");
    }
}
