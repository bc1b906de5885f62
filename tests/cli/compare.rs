//! Engines compared on a learner's own vectors: the gateway's Qdrant and Pinecone and a PostgreSQL with pgvector stand in
//! for servers elsewhere, and die, refuse and are cancelled like them. The same PostgreSQL is what runs in a container.

mod postgres;

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command, Stdio},
};

use reqwest::Method;
use serde_json::{Value, json};

use super::containers::docker;
use crate::support::{Home, http, said};
use postgres::Postgres;

const POINTS: usize = 1200;
const DIMENSION: usize = 16;

/// A program whose JSON lines are read as they come; killed with the test.
pub(super) struct Talking {
    program: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Talking {
    pub(super) fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut command = home.command(&[arguments, &["--json"]].concat());
        let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        Self { program, lines }
    }

    fn next(&mut self) -> Option<Value> {
        self.lines.next().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
    }

    /// Reads on until it does what it is to be caught at.
    pub(super) fn until(&mut self, what: &str) {
        let doing = |line: &Value| line["step"]["what"].as_str().is_some_and(|doing| doing.starts_with(what));
        while !doing(&self.next().unwrap_or_else(|| panic!("it ended before: {what}"))) {}
    }

    /// Every line that is left.
    pub(super) fn rest(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.next()).collect()
    }

    pub(super) fn interrupt(&self) {
        self.signal("-INT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.program.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// `groundwork serve` of a home.
pub(super) struct Serving {
    program: Talking,
    root: String,
    key: String,
}

impl Serving {
    pub(super) fn start(home: &Home) -> Self {
        let mut program = Talking::start(home, &["serve"]);
        let serving = program.next().unwrap();
        let word = |key: &str| serving[key].as_str().unwrap().to_owned();
        let root = word("url").trim_end_matches("/v1").to_owned();
        Self { root, key: word("key"), program }
    }

    fn pinecone(&self) -> String {
        format!("{}/pinecone", self.root)
    }

    pub(super) fn ask(&self, method: Method, path: &str, body: &Value) -> Value {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let asked = http().request(method, format!("{}{path}", self.root)).bearer_auth(&self.key);
            let asked = asked.header("api-key", &self.key).json(body);
            let answer = asked.send().await.unwrap();
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            answer.json().await.unwrap()
        })
    }

    /// The collection `own` in clusters, with fields that are oddly called.
    fn fill(&self, distance: &str) {
        let vectors = json!({"vectors": {"size": DIMENSION, "distance": distance}});
        self.ask(Method::PUT, "/collections/own", &vectors);
        let points: Vec<Value> = (0..POINTS).map(point).collect();
        self.ask(Method::PUT, "/collections/own/points?wait=true", &json!({"points": points}));
    }

    /// Vectors of zeros and one number.
    fn fill_with_zeros(&self, name: &str, dimension: usize, points: usize) {
        let path = format!("/collections/{name}");
        self.ask(Method::PUT, &path, &json!({"vectors": {"size": dimension, "distance": "Euclid"}}));
        let point = |number| {
            let mut vector = vec![0; dimension];
            vector[number % dimension] = number + 1;
            json!({"id": number, "vector": vector})
        };
        let points: Vec<Value> = (0..points).map(point).collect();
        self.ask(Method::PUT, &format!("{path}/points?wait=true"), &json!({"points": points}));
    }

    fn collections(&self) -> Vec<String> {
        let told = self.ask(Method::GET, "/collections", &Value::Null);
        let names = told["result"]["collections"].as_array().unwrap().iter();
        names.map(|collection| collection["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn point(number: usize) -> Value {
    let wave = |place: usize| ((number * 31 + place * 17 + number * place) as f64 * 0.7).sin();
    let vector: Vec<f64> =
        (0..DIMENSION).map(|place| wave(place) + f64::from(u8::from(place == number % 8)) * 3.0).collect();
    let payload = json!({
        "a.b": if number.is_multiple_of(10) { "x" } else { "y" },
        "Gr\u{f6}\u{df}e; it's $1 --": number % 4,
        "tags": [if number.is_multiple_of(2) { "even" } else { "odd" }, "all"],
        "text": "a".repeat(300),
    });
    json!({"id": number, "vector": vector, "payload": payload})
}

/// The row of one contender.
fn row<'a>(lines: &'a [Value], name: &str) -> &'a Value {
    let found = lines.iter().find(|line| line["type"] == "contender" && line["name"] == name);
    found.unwrap_or_else(|| panic!("no row of {name}: {lines:#?}"))
}

fn recommendation(lines: &[Value]) -> &Value {
    lines.iter().find(|line| line["type"] == "recommendation").unwrap()
}

fn key_file(home: &Home, text: &str) -> String {
    let file = home.folder.path().join("keys");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// Nothing of a comparison lies in the home.
fn is_tidy(home: &Home) {
    let left: Vec<_> =
        fs::read_dir(home.folder.path().join("data")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("selection-")), "{left:?}");
}

#[test]
fn engines_are_compared_by_every_metric_and_nothing_of_it_stays() {
    let home = Home::new();
    let serving = Serving::start(&home);
    let keys = key_file(&home, &serving.key);
    for distance in ["Cosine", "Dot", "Euclid"] {
        serving.fill(distance);
        let compare = [
            "collection",
            "compare",
            "own",
            "--qdrant",
            &serving.root,
            "--pinecone",
            &serving.pinecone(),
            "--key-file",
            &keys,
        ];
        let lines = home.json(&compare);
        for name in ["index", "exact", "qdrant", "pinecone"] {
            let row = row(&lines, name);
            let figures = &row["figures"];
            let figure = |key: &str| figures[key].as_f64().unwrap_or_else(|| panic!("{distance} {row:#}"));
            let least = if name == "exact" { 1.0 } else { 0.95 };
            assert!(figure("recall") >= least, "{distance} {row:#}");
            assert!(figure("p50Millis") > 0.0 && figure("p50Millis") <= figure("p95Millis"), "{row:#}");
            assert!(figure("loadSeconds") > 0.0 && row["leftBehind"].is_null(), "{row:#}");
        }
        let bytes = (POINTS * DIMENSION * 4) as f64;
        assert!(row(&lines, "exact")["figures"]["diskBytes"].as_f64().unwrap() > bytes);
        assert!(row(&lines, "index")["figures"]["memoryBytes"].as_f64().unwrap() > 0.0);
        let recommended = recommendation(&lines);
        let names = ["index", "exact", "qdrant", "pinecone"];
        assert!(names.contains(&recommended["best"].as_str().unwrap()), "{recommended:#}");
        assert_eq!(recommended["standings"].as_array().unwrap().len(), 4);
        assert_eq!(serving.collections(), ["own"]);
        serving.ask(Method::DELETE, "/collections/own", &Value::Null);
    }
    is_tidy(&home);
}

#[test]
fn filters_by_odd_names_hold_everywhere_and_one_that_nothing_passes_says_so() {
    let home = Home::new();
    let serving = Serving::start(&home);
    serving.fill("Cosine");
    let keys = key_file(&home, &format!("qdrant={}\npinecone={}\n", serving.key, serving.key));
    let servers = ["--qdrant", &serving.root, "--pinecone", &serving.pinecone(), "--key-file", &keys];
    let compare = |conditions: &[&str]| {
        let conditions: Vec<&str> = conditions.iter().flat_map(|condition| ["--where", *condition]).collect();
        home.json(&[&["collection", "compare", "own"], &servers[..], &conditions].concat())
    };
    let odd = "Gr\u{f6}\u{df}e; it's $1 --=3.0";
    for (conditions, matching) in [(&["\"a.b\"=x"][..], 120), (&[odd], 300), (&["tags=odd", odd], 300)] {
        let lines = compare(conditions);
        let compared = lines.iter().find(|line| line["type"] == "compared").unwrap();
        assert_eq!(compared["comparison"]["matching"], matching, "{conditions:?}");
        for name in ["index", "exact", "qdrant", "pinecone"] {
            let recall = row(&lines, name)["figures"]["recall"].as_f64();
            assert!(recall.is_some_and(|recall| recall >= 0.95), "{conditions:?} {:#}", row(&lines, name));
        }
    }
    let none = compare(&["tags=neither"]);
    let problem = none.iter().find(|line| line["type"] == "problem").unwrap();
    assert_eq!(problem["code"], "selection.nothing_passes");
    assert_eq!(serving.collections(), ["own"]);
}

#[test]
fn a_server_that_cannot_be_measured_is_a_row_with_its_reason() {
    let home = Home::new();
    let serving = Serving::start(&home);
    serving.fill("Cosine");
    let keys = key_file(&home, "sk-wrong-and-secret");
    let closed = "http://127.0.0.1:9";
    let out = home.must(&[
        "collection",
        "compare",
        "own",
        "--qdrant",
        &serving.root,
        "--pinecone",
        closed,
        "--key-file",
        &keys,
        "--vectors",
        "700",
    ]);
    assert!(out.contains("700 of 1200 points") && out.contains("lets nobody in with this key"), "{out}");
    assert!(out.contains("cannot be reached: Connection refused") && out.contains("Start that server"), "{out}");
    assert!(
        out.contains("Take ")
            && out.contains("qdrant could not be measured")
            && out.contains("700 of 1200 were compared"),
        "{out}"
    );
    assert!(!out.contains("sk-wrong") && !out.contains("left behind"), "{out}");

    let table: [(&[&str], &str); 5] = [
        (&["--qdrant", "localhost:6333"], "selection.address"),
        (&["--qdrant", "http://name:password@localhost:6333"], "selection.address"),
        (&["--qdrant", &serving.root], "selection.key"),
        (&["--pgvector", "postgres://me:password@localhost/db"], "selection.address"),
        (&["--pgvector", "postgres://me@127.0.0.1:9/db"], "selection.unreachable"),
    ];
    for (arguments, code) in table {
        let lines = home.json(&[&["collection", "compare", "own", "--vectors", "100"], arguments].concat());
        let row = row(&lines, arguments[0].trim_start_matches("--"));
        assert_eq!(row["problem"]["code"], code, "{arguments:?} {row:#}");
        assert!(!row["problem"]["message"].as_str().unwrap().contains("password@"), "{row:#}");
        assert!(row["leftBehind"].is_null(), "nothing was made: {row:#}");
        assert!(lines.iter().any(|line| line["name"] == "exact" && line["figures"].is_object()));
    }
    for (arguments, code) in [
        (["--weight", "beauty=1"], "selection.criterion"),
        (["--weight", "recall=-1"], "selection.weight"),
        (["--key-file", "nowhere"], "collections.keys"),
        (["--namespace", "none"], "selection.empty"),
    ] {
        let lines = home.json(&[&["collection", "compare", "own"], &arguments[..]].concat());
        assert_eq!(lines.last().unwrap()["code"], code, "{arguments:?}");
    }
}

#[test]
fn a_server_that_dies_half_way_costs_its_own_row_alone() {
    let (home, elsewhere) = (Home::new(), Home::new());
    let own = Serving::start(&home);
    own.fill("Cosine");
    let mut serving = Serving::start(&elsewhere);
    let keys = key_file(&home, &serving.key);
    let (qdrant, pinecone) = (serving.root.clone(), serving.pinecone());
    let mut compare = Talking::start(
        &home,
        &["collection", "compare", "own", "--qdrant", &qdrant, "--pinecone", &pinecone, "--key-file", &keys],
    );
    compare.until("qdrant: taking points");
    serving.program.program.kill().unwrap();
    serving.program.program.wait().unwrap();
    let lines = compare.rest();
    let died = row(&lines, "qdrant");
    assert!(died["figures"].is_null(), "{died:#}");
    assert!(
        ["selection.broke", "selection.unreachable"].contains(&died["problem"]["code"].as_str().unwrap()),
        "{died:#}"
    );
    let left = died["leftBehind"]["message"].as_str().unwrap();
    assert!(left.contains("groundwork-selection-") && left.contains("was left behind"), "{left}");
    assert_eq!(row(&lines, "pinecone")["problem"]["code"], "selection.unreachable");
    assert!(row(&lines, "index")["figures"].is_object() && recommendation(&lines)["best"].is_string());
    is_tidy(&home);
}

#[test]
fn a_comparison_that_is_cancelled_leaves_nothing_anywhere() {
    let home = Home::new();
    let serving = Serving::start(&home);
    serving.fill("Euclid");
    let keys = key_file(&home, &serving.key);
    // It takes what it is sent and never answers, so no comparison comes to its end.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let servers = ["--qdrant", &serving.root, "--pinecone", &silent, "--key-file", &keys];
    for moment in ["index: taking points", "qdrant: taking points", "qdrant: answering", "pinecone: beginning"] {
        let mut compare = Talking::start(&home, &[&["collection", "compare", "own"], &servers[..]].concat());
        compare.until(moment);
        compare.interrupt();
        let lines = compare.rest();
        assert_eq!(lines.last().unwrap()["code"], "task.cancelled", "{moment}: {lines:#?}");
        // Where the signal comes a little late, it is already at the one that is silent.
        let told = lines.iter().filter_map(|line| line["step"]["text"].as_str());
        let left: Vec<_> = told.filter(|line| line.contains("left behind")).collect();
        let begun =
            lines.iter().any(|line| line["step"]["what"].as_str().is_some_and(|what| what.starts_with("pinecone")));
        assert_eq!(left.len(), usize::from(begun || moment.starts_with("pinecone")), "{moment}: {lines:#?}");
        assert!(left.iter().all(|left| left.contains("The index groundwork-selection-")), "{left:?}");
        assert_eq!(serving.collections(), ["own"], "{moment}");
        is_tidy(&home);
    }
}

#[test]
fn pgvector_is_measured_and_its_database_is_as_it_was() {
    let home = Home::new();
    let serving = Serving::start(&home);
    let server = Postgres::start();
    let keys = key_file(&home, &format!("pgvector={}", Postgres::PASSWORD));
    let before = server.state();
    let compare = |more: &[&str]| {
        let pgvector = ["collection", "compare", "own", "--pgvector", &server.url, "--key-file", &keys];
        home.json(&[&pgvector[..], more].concat())
    };
    let recall = |lines: &[Value]| {
        let row = row(lines, "pgvector");
        assert!(row["leftBehind"].is_null(), "{row:#}");
        row["figures"]["recall"].as_f64().unwrap_or_else(|| panic!("{row:#}"))
    };
    for distance in ["Cosine", "Dot", "Euclid"] {
        serving.fill(distance);
        let lines = compare(&[]);
        assert!(recall(&lines) >= 0.9, "{:#}", row(&lines, "pgvector"));
        let bytes = row(&lines, "pgvector")["figures"]["diskBytes"].as_f64().unwrap();
        assert!(bytes > (POINTS * DIMENSION * 4) as f64, "{bytes}");
        // One point in ten passes: without going on in the index, most would be missed.
        assert!(recall(&compare(&["--where", "\"a.b\"=x"])) >= 0.9);
        assert_eq!(server.state(), before, "{distance}");
        serving.ask(Method::DELETE, "/collections/own", &Value::Null);
    }
    serving.fill("Cosine");

    let mut cancelled =
        Talking::start(&home, &["collection", "compare", "own", "--pgvector", &server.url, "--key-file", &keys]);
    cancelled.until("pgvector: indexing");
    cancelled.interrupt();
    assert!(cancelled.rest().iter().any(|line| line["code"] == "task.cancelled"));
    assert_eq!(server.state(), before, "after it was cancelled");

    // What others switched on, and work with, stays.
    server.run("CREATE EXTENSION vector; CREATE TABLE theirs (v vector(2))");
    let before = server.state();
    recall(&compare(&[]));
    assert_eq!(server.state(), before);

    let wrong = key_file(&home, "pgvector=not-the-password");
    let lines = home.json(&["collection", "compare", "own", "--pgvector", &server.url, "--key-file", &wrong]);
    assert_eq!(row(&lines, "pgvector")["problem"]["code"], "selection.key");
    assert!(!lines.iter().any(|line| line.to_string().contains("not-the-password")));
    let lines = home.json(&["collection", "compare", "own", "--pgvector", &server.url]);
    assert_eq!(row(&lines, "pgvector")["problem"]["code"], "selection.key");

    let keys = key_file(&home, &format!("pgvector={}", Postgres::PASSWORD));
    let compare = |name| home.json(&["collection", "compare", name, "--pgvector", &server.url, "--key-file", &keys]);
    serving.fill_with_zeros("wider", 2001, 1);
    assert_eq!(row(&compare("wider"), "pgvector")["problem"]["code"], "selection.dimension");
    assert_eq!(server.state(), before);
    server.run("DROP TABLE theirs; DROP EXTENSION vector");
    let before = server.state();
    server.lose_pgvector();
    let lines = compare("own");
    let lacking = row(&lines, "pgvector");
    assert!(lacking["problem"]["code"] == "selection.no_extension" && lacking["leftBehind"].is_null(), "{lacking:#}");
    assert_eq!(server.state(), before);
    server.find_pgvector();

    // Large enough to be caught at it.
    serving.fill_with_zeros("wide", 2000, 400);
    let mut dying =
        Talking::start(&home, &["collection", "compare", "wide", "--pgvector", &server.url, "--key-file", &keys]);
    dying.until("pgvector: taking points");
    drop(server);
    let lines = dying.rest();
    let died = row(&lines, "pgvector");
    assert!(died["figures"].is_null() && died["leftBehind"].is_object(), "{died:#}");
    assert!(row(&lines, "exact")["figures"].is_object());
}

#[test]
fn a_server_in_a_container_is_measured_with_all_that_it_takes_and_is_gone_however_that_ends() {
    let home = Home::new();
    let serving = Serving::start(&home);
    serving.fill("Cosine");
    let image = "groundwork-compare-test:1";
    let folder = home.folder.path().join("image");
    postgres::image_folder(&folder);
    home.must(&["image", "build", "image", "--name", image]);
    let pgvector = format!("docker:{image}");
    let compare = ["collection", "compare", "own", "--pgvector", &pgvector];
    let containers =
        |shown: &str| docker(&["ps", "--all", "--filter", &format!("ancestor={image}"), "--format", shown]);
    let measured = |lines: &[Value]| {
        let row = row(lines, "pgvector");
        let figure = |key: &str| row["figures"][key].as_f64().unwrap_or_else(|| panic!("{row:#}"));
        assert!(figure("recall") >= 0.9 && row["leftBehind"].is_null(), "{row:#}");
        // A server that has just begun has as much, in memory and in the volume of its data.
        assert!(figure("memoryBytes") > 5e6 && figure("diskBytes") > 20e6, "{row:#}");
        assert!(row["what"].as_str().unwrap().contains(image), "{row:#}");
        assert_eq!(containers("{{.Names}}"), "");
    };
    measured(&home.json(&compare));

    for moment in ["pgvector: starting", "pgvector: taking points"] {
        let mut cancelled = Talking::start(&home, &compare);
        cancelled.until(moment);
        if moment.ends_with("points") {
            cancelled.signal("-STOP");
            let ports = containers("{{.Ports}}");
            assert!(ports.starts_with("127.0.0.1:") && ports.ends_with("->5432/tcp"), "{ports}");
            // A second one does not take the first one's container for one that was left behind.
            let busy = home.json(&compare);
            assert_eq!(row(&busy, "pgvector")["problem"]["code"], "collections.busy");
            cancelled.signal("-CONT");
        }
        cancelled.interrupt();
        assert_eq!(cancelled.rest().last().unwrap()["code"], "task.cancelled", "{moment}");
        assert_eq!(containers("{{.Names}}"), "", "{moment}");
    }

    // What a kill leaves behind makes way.
    let mut killed = Talking::start(&home, &compare);
    killed.until("pgvector: taking points");
    drop(killed);
    assert!(containers("{{.Names}}").starts_with("groundwork-compare-pgvector-"));
    measured(&home.json(&compare));
    home.must(&["image", "remove", image]);
}

#[test]
fn a_server_that_cannot_be_started_in_a_container_is_a_row_with_its_reason() {
    let home = Home::new();
    let serving = Serving::start(&home);
    serving.fill("Cosine");
    let compare = ["collection", "compare", "own", "--qdrant", "docker:127.0.0.1:9/qdrant:1"];
    let lines = home.json(&[&compare[..], &["--pgvector", "docker:groundwork/python"]].concat());
    let (lacking, ended) = (&row(&lines, "qdrant")["problem"], &row(&lines, "pgvector")["problem"]);
    assert_eq!((&lacking["code"], &ended["code"]), (&json!("containers.pull"), &json!("containers.ended")));
    let next = lacking["nextStep"].as_str().unwrap();
    assert!(next.contains("docker pull 127.0.0.1:9/qdrant:1") && next.contains("groundwork image load"), "{next}");
    assert!(row(&lines, "exact")["figures"].is_object() && recommendation(&lines)["best"].is_string());
    assert_eq!(docker(&["ps", "--all", "--quiet", "--filter", "name=groundwork-compare-qdrant"]), "");

    let nowhere = format!("unix://{}/none.sock", home.folder.path().display());
    let without = home.command(&[&compare[..], &["--json"]].concat()).env("DOCKER_HOST", nowhere).output().unwrap();
    let lines: Vec<Value> = said(without).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(row(&lines, "qdrant")["problem"]["code"], "containers.chosen");
    assert!(row(&lines, "index")["figures"].is_object());
}

#[test]
fn a_table_and_sentences_say_what_to_take() {
    let home = Home::new();
    let serving = Serving::start(&home);
    serving.fill("Cosine");
    let keys = key_file(&home, &serving.key);
    let said = said(
        home.command(&[
            "collection",
            "compare",
            "own",
            "--qdrant",
            &serving.root,
            "--key-file",
            &keys,
            "--weight",
            "operations=0",
        ])
        .output()
        .unwrap(),
    );
    println!("{}", said.out);
    for words in [
        "recall@10",
        "1200 of 1200 points; 100 questions",
        "Take ",
        "comes first with",
        "What would change the answer:",
        "weights",
    ] {
        assert!(said.out.contains(words), "{words}: {said:#?}");
    }
    assert!(!said.out.contains(&serving.key));
}
