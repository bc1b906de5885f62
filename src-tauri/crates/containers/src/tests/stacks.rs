use std::collections::BTreeMap;
use std::time::Duration;

use task::{Cancellation, Fault, Silent};

use super::*;
use crate::{Compose, Error, Line, Listed, Wanted};

/// Answers with its greeting, says each request, and ends at once when it is told to.
const SERVER: &str = "
import http.server, os, signal, sys, urllib.request
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        said = os.environ.get('GREETING', '')
        if self.path == '/store':
            said = urllib.request.urlopen('http://store:8000/').read().decode()
        self.send_response(200); self.end_headers(); self.wfile.write(said.encode())
    def log_message(self, *_):
        print('asked', self.path, flush=True)
server = http.server.HTTPServer(('', 8000), Answer)
print('serves', flush=True)
server.serve_forever()
";

const SHOP: &str = "
services:
  web:
    build: web
    environment: {GREETING: '${GREETING:-web}'}
    ports: ['8000']
    depends_on: {store: {condition: service_healthy}, first: {condition: service_completed_successfully}}
    mem_limit: 64m
    pids_limit: 50
    cpus: 0.5
    restart: always
  store:
    image: groundwork/python
    command: [python3, -u, /src/server.py]
    volumes: ['./web:/src:ro', 'data:/data']
    environment: {GREETING: from the store}
    healthcheck:
      test: [CMD, python3, -c, \"import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/')\"]
      interval: 300ms
      retries: 50
  first:
    image: groundwork/python
    command: touch /data/made
    volumes: ['data:/data']
volumes: {data: }
";

/// A stack of its own folder, and so of its own name. Takes itself away, also when a test fails.
pub(super) struct Stack {
    folder: Folder,
    engine: Engine,
}

impl Stack {
    pub(super) async fn new(compose: &str) -> Self {
        let dockerfile = "FROM groundwork/python\nCOPY server.py /\nCMD [\"python3\", \"-u\", \"/server.py\"]\n";
        let folder = Folder::new(&[("compose.yaml", compose), ("web/Dockerfile", dockerfile)]);
        // An image of its own, too: the engine lets go of one that another test removes by another name.
        folder.write("web/server.py", &format!("# {}\n{SERVER}", folder.path().display()));
        Self { folder, engine: engine().await }
    }

    fn compose(&self) -> Compose {
        Compose::read(&self.folder.at("compose.yaml"), &BTreeMap::new()).unwrap()
    }

    pub(super) async fn up(&self) -> Result<Listed, Error> {
        self.engine.up(&self.compose(), &Silent, &Cancellation::new()).await
    }

    pub(super) async fn down(&self) {
        let project = self.compose().project;
        self.engine.down(&project, true, &Silent, &Cancellation::new()).await.unwrap();
        assert_eq!(self.left(), Vec::<String>::new());
    }

    /// What Docker's own client finds of the stack.
    fn left(&self) -> Vec<String> {
        let filter = format!("label=dev.groundwork.stack={}", self.compose().project);
        let of = |what: &[&str]| docker(&[what, &["--quiet", "--filter", &filter]].concat());
        let all = [of(&["ps", "--all"]), of(&["network", "ls"]), of(&["volume", "ls"])];
        all.iter().flat_map(|found| found.lines()).map(str::to_owned).collect()
    }

    /// The ids of its containers, by service.
    pub(super) fn ids(&self) -> BTreeMap<String, String> {
        let filter = format!("label=dev.groundwork.stack={}", self.compose().project);
        let format = "{{.Label \"dev.groundwork.service\"}} {{.ID}}";
        let listed = docker(&["ps", "--all", "--filter", &filter, "--format", format]);
        listed.lines().filter_map(|line| line.split_once(' ')).map(|(a, b)| (a.into(), b.into())).collect()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let left: Vec<String> = self.ids().into_values().collect();
        for id in left {
            docker(&["rm", "--force", "--volumes", &id]);
        }
    }
}

fn port(listed: &Listed, service: &str) -> u16 {
    listed.services.iter().find(|one| one.service == service).unwrap().ports[0].0
}

fn ask(port: u16, path: &str) -> Option<String> {
    use std::io::{Read, Write};
    let mut connection = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    connection.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    connection.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
    let mut text = String::new();
    connection.read_to_string(&mut text).ok()?;
    Some(text.split_once("\r\n\r\n")?.1.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_comes_up_in_order_a_second_time_changes_nothing_and_down_leaves_nothing() {
    let stack = Stack::new(SHOP).await;
    let listed = stack.up().await.unwrap();
    let states: Vec<(&str, &str)> =
        listed.services.iter().map(|one| (one.service.as_str(), one.state.as_str())).collect();
    assert_eq!(states, [("first", "exited"), ("store", "running"), ("web", "running")]);
    assert_eq!(ask(port(&listed, "web"), "/").as_deref(), Some("web"));
    assert_eq!(ask(port(&listed, "web"), "/store").as_deref(), Some("from the store"));

    // Compose's own client lists the same, by the same names.
    let mut compose = Command::new("docker-compose");
    compose.env("DOCKER_HOST", address()).arg("--file").arg(stack.folder.at("compose.yaml"));
    let listing = compose.args(["--project-name", &stack.compose().project, "ps", "--all"]).output().unwrap();
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    for (service, state) in &states {
        let line = listing.lines().find(|line| line.contains(&format!("-{service}-1"))).unwrap_or_default();
        let expected = if *state == "running" { "Up" } else { "Exit 0" };
        assert!(line.contains(expected), "{service}: {listing}");
    }

    let before = stack.ids();
    let started = |id: &str| docker(&["inspect", "--format", "{{.State.StartedAt}}", id]);
    let at = started(&before["web"]);
    stack.up().await.unwrap();
    assert_eq!((stack.ids(), started(&before["web"])), (before.clone(), at));

    // One service changed: it alone is made anew.
    stack.folder.write(".env", "GREETING=changed");
    let listed = stack.up().await.unwrap();
    let after = stack.ids();
    assert_eq!(ask(port(&listed, "web"), "/").as_deref(), Some("changed"));
    assert!(after["store"] == before["store"] && after["web"] != before["web"]);

    // A service that is gone from the file goes.
    let shorter = SHOP.replace(
        "depends_on: {store: {condition: service_healthy}, first: {condition: service_completed_successfully}}",
        "",
    );
    let (head, _) = shorter.split_once("  first:").unwrap();
    stack.folder.write("compose.yaml", &format!("{head}volumes: {{data: }}\n"));
    stack.up().await.unwrap();
    assert_eq!(stack.ids().keys().collect::<Vec<_>>(), ["store", "web"]);

    let project = stack.compose().project;
    stack.engine.stop(&project, &Silent, &Cancellation::new()).await.unwrap();
    let stopped = stack.engine.stack(&project).await.unwrap().unwrap();
    assert!(stopped.services.iter().all(|one| one.state == "exited"), "{stopped:?}");
    let ids = stack.ids();
    stack.up().await.unwrap();
    assert_eq!(stack.ids(), ids);

    stack.engine.down(&project, false, &Silent, &Cancellation::new()).await.unwrap();
    assert_eq!(stack.left().len(), 1, "the volume is data and stays");
    stack.down().await;
    assert_eq!(stack.engine.stack(&project).await.unwrap(), None);
    stack.engine.remove_image(&format!("{project}-web")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_container_has_limits_walls_and_labels() {
    let stack = Stack::new(SHOP).await;
    stack.up().await.unwrap();
    let (ids, compose) = (stack.ids(), stack.compose());
    let about = |id: &str, what: &str| docker(&["inspect", "--format", what, id]);
    let limits = "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}";
    assert_eq!(about(&ids["web"], limits), "67108864 67108864 500000000 50");
    assert_eq!(about(&ids["store"], "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}"), "1073741824 512");
    assert_eq!(
        about(&ids["web"], "{{.HostConfig.SecurityOpt}} {{.HostConfig.Privileged}}"),
        "[no-new-privileges] false"
    );
    let labels = "{{index .Config.Labels \"dev.groundwork.workspace\"}}";
    assert_eq!(about(&ids["web"], labels), compose.workspace.display().to_string());

    let heard = Heard::default();
    let command = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let exec = |words: Vec<String>| {
        let (engine, project, heard) = (&stack.engine, &compose.project, &heard);
        async move { engine.exec(project, "web", &words, heard, &Cancellation::new()).await }
    };
    assert_eq!(exec(command(&["getent", "hosts", "host.docker.internal"])).await.unwrap(), 0);
    assert!(heard.has("host.docker.internal"));
    assert_eq!(exec(command(&["sh", "-c", "grep NoNewPrivs /proc/self/status; exit 7"])).await.unwrap(), 7);
    assert!(heard.has("NoNewPrivs:\t1"));
    let usage = stack.engine.stack_usage(&compose.project).await.unwrap();
    let found: Vec<(&str, u64)> = usage.iter().map(|one| (one.service.as_str(), one.usage.memory_limit)).collect();
    assert_eq!(found, [("store", 1 << 30), ("web", 64 << 20)]);
    assert!(usage.iter().all(|one| one.usage.memory > 1_000_000));
    stack.down().await;
    stack.engine.remove_image(&format!("{}-web", compose.project)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_followed_past_the_death_of_a_service_which_comes_back() {
    let stack = Stack::new(
        "services:\n  a: &a\n    image: groundwork/python\n    command: [python3, -u, /src/server.py]\n    volumes: ['./web:/src']\n    \
         ports: ['8000']\n    restart: always\n  b: *a\n",
    )
    .await;
    let listed = stack.up().await.unwrap();
    let project = stack.compose().project;
    let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel::<Line>();
    let cancellation = Cancellation::new();
    let (engine, cancel, name) = (stack.engine.clone(), cancellation.clone(), project.clone());
    let following = tokio::spawn(async move {
        let wanted = Wanted { service: None, tail: 50, follow: true };
        let show = move |line| drop(sender.send(line));
        engine.logs(&name, &wanted, &cancel, show).await
    });
    let mut heard = Vec::new();
    let mut until = async |service: &str, text: &str| {
        let wanted = async {
            while let Some(line) = lines.recv().await {
                let found = line.service == service && line.text.contains(text);
                heard.push((line.service, line.text));
                if found {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), wanted).await.expect("the line comes");
    };
    until("a", "serves").await;
    until("b", "serves").await;
    ask(port(&listed, "a"), "/before").unwrap();
    until("a", "asked /before").await;
    // Longer than what an engine takes for one message.
    ask(port(&listed, "a"), &format!("/{}", "Q".repeat(40_000))).unwrap();
    ask(port(&listed, "a"), "/next").unwrap();
    until("a", "asked /next").await;
    stack
        .engine
        .exec(
            &project,
            "a",
            &["sh".into(), "-c".into(), "kill -9 -1; kill -TERM 1".into()],
            &Silent,
            &Cancellation::new(),
        )
        .await
        .unwrap();
    until("a", "serves").await;
    let back = stack.engine.stack(&project).await.unwrap().unwrap();
    assert!(back.services.iter().all(|one| one.state == "running"), "{back:?}");
    ask(port(&back, "a"), "/after").unwrap();
    until("a", "asked /after").await;
    cancellation.cancel();
    following.await.unwrap().unwrap();
    let twice = heard.iter().filter(|(_, text)| text.contains("asked /before")).count();
    assert_eq!(twice, 1, "{heard:?}");
    assert_eq!(heard.iter().flat_map(|(_, text)| text.matches('Q')).count(), 40_000, "{heard:?}");

    let mut newest = Vec::new();
    let wanted = Wanted { service: Some("a".into()), tail: 1, follow: false };
    stack.engine.logs(&project, &wanted, &Cancellation::new(), |line| newest.push(line.text)).await.unwrap();
    assert_eq!(newest, ["asked /after"]);
    stack.down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_from_outside_comes_back_where_its_restart_policy_says_so() {
    let service = "image: groundwork/python, command: sleep 600, stop_grace_period: 0s, user: '1000'";
    let text = format!("services:\n  back: {{{service}, restart: always}}\n  gone: {{{service}}}\n");
    let (stack, go_on, within) = (Stack::new(&text).await, Cancellation::new(), Duration::from_secs(60));
    stack.up().await.unwrap();
    let (project, ids) = (stack.compose().project, stack.ids());
    let crash = stack.engine.crash(&project, "back").await.unwrap();
    stack.engine.recovered(&crash, "back", within, &go_on).await.unwrap();
    let crash = stack.engine.crash(&project, "gone").await.unwrap();
    let error = stack.engine.recovered(&crash, "gone", within, &go_on).await.unwrap_err();
    assert!(matches!(&error, Error::Ended { code: 137, .. }), "{error:?}");
    // What killed them is gone.
    for id in ids.values() {
        assert_eq!(docker(&["ps", "--all", "--quiet", "--filter", &format!("name=groundwork-crash-{id}")]), "");
    }
    stack.down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_and_a_service_that_ends_are_told_and_leave_nothing_half() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let stack = Stack::new(&format!(
        "services:\n  a: {{image: groundwork/python, command: sleep 60, stop_grace_period: 0s, ports: ['{port}:80']}}\n"
    ))
    .await;
    let error = stack.up().await.unwrap_err();
    assert!(
        matches!(&error, Error::PortTaken { what, port: told } if what == "a" && *told == port.to_string()),
        "{error:?}"
    );
    assert!(stack.ids().is_empty());
    drop(taken);
    stack.up().await.unwrap();
    stack.folder.write(
        "compose.yaml",
        "services:\n  a: {image: groundwork/python, command: \"sh -c 'echo no such table; exit 9'\"}\n",
    );
    let error = stack.up().await.unwrap_err();
    assert!(matches!(&error, Error::Ended { code: 9, last, .. } if last == &["no such table"]), "{error:?}");
    stack.folder.write(
        "compose.yaml",
        "services:\n  a: {image: groundwork/python, command: sleep 60, stop_grace_period: 0s, healthcheck: {test: 'echo not yet; false', interval: 100ms, retries: 2}}\n",
    );
    let error = stack.up().await.unwrap_err();
    assert!(error.code() == "containers.unhealthy" && error.to_string().contains("not yet"), "{error}");
    stack.down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_made_stays_untouched() {
    let stack =
        Stack::new("services:\n  a: {image: groundwork/python, command: sleep 60, stop_grace_period: 0s}\n").await;
    let project = stack.compose().project;
    let foreign = format!("{project}-a-1");
    docker(&["run", "--detach", "--name", &foreign, PYTHON, "sleep", "600"]);
    let error = stack.up().await.unwrap_err();
    assert!(error.code() == "containers.not_ours" && error.to_string().contains(&foreign), "{error}");
    stack.down().await;
    assert_eq!(docker(&["inspect", "--format", "{{.State.Running}}", &foreign]), "true");
    docker(&["rm", "--force", &foreign]);

    let network = format!("{project}_default");
    docker(&["network", "create", &network]);
    assert_eq!(stack.up().await.unwrap_err().code(), "containers.not_ours");
    stack.down().await;
    docker(&["network", "rm", &network]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_made_whole_or_removed() {
    let text = "services:\n  a: &a {image: groundwork/python, command: sleep 600, stop_grace_period: 0s}\n  b: *a\n";
    let stack = Stack::new(text).await;
    stack.up().await.unwrap();
    let ids = stack.ids();
    // Killed together with the engine's record of what should run; and one that never got as far as its start.
    docker(&["kill", &ids["a"]]);
    docker(&["rm", "--force", &ids["b"]]);
    let project = stack.compose().project;
    let labels = ["made=groundwork-test-half", &format!("stack={project}"), "service=b", "config=half"]
        .map(|label| format!("dev.groundwork.{label}"));
    let labels: Vec<&str> = labels.iter().flat_map(|label| ["--label", label.as_str()]).collect();
    docker(&[&["create", "--name", "groundwork-test-half"], labels.as_slice(), &[PYTHON]].concat());
    stack.up().await.unwrap();
    let after = stack.ids();
    assert!(after.len() == 2 && after["a"] == ids["a"], "{after:?}");
    assert!(stack.engine.stack(&project).await.unwrap().unwrap().services.iter().all(|one| one.state == "running"));
    stack.down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_containers_come_and_go_and_nothing_is_left() {
    let services: String = (0..50)
        .map(|n| {
            format!("  s{n}: {{image: groundwork/python, command: sleep 600, stop_grace_period: 0s, mem_limit: 32m}}\n")
        })
        .collect();
    let stack = Stack::new(&format!("services:\n{services}")).await;
    let listed = stack.up().await.unwrap();
    assert_eq!(listed.services.iter().filter(|one| one.state == "running").count(), 50);
    stack.down().await;
}
