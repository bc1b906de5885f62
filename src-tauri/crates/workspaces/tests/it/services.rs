use std::{path::Path, sync::Arc};

use checks::{Probe, ServiceState};
use task::Fault;
use tokio::time::timeout;
use workspaces::{LiveProbe, Service, Services, State};

use crate::support::{FAMILY, HANG, Nothing, all_end, ground, processes, put, service, services, surroundings};

/// Serves on `{port}` and answers every path with `{status}`.
fn server(port: &str, status: u16) -> String {
    format!(
        r#"
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({status})
        self.end_headers()
    def log_message(self, *_):
        pass
print("serving", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"#
    )
}

const PORT: &str = r#"int(os.environ["PORT"])"#;

async fn started(service: &Service) -> State {
    timeout(HANG, async {
        service.start().await;
        service.settled().await
    })
    .await
    .expect("it hangs")
}

fn summary(state: State) -> String {
    match state {
        State::Failed { summary } => summary,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_service_gets_a_free_port_and_is_ready_when_it_answers() {
    let ground = ground(&[("app.py", &server(PORT, 404))]);
    let folder = ground.start().folder;
    let all = services(&folder, service("app.py"));
    let web = all.get("web").unwrap();
    assert_eq!(web.state(), State::Stopped);
    let State::Ready { url } = started(web).await else { panic!("{:?} {:?}", web.state(), web.log()) };
    let port = url.strip_prefix("http://127.0.0.1:").unwrap();
    assert_eq!(web.log(), [format!("$ PORT={port} python app.py"), "serving".into()]);
    web.start().await;
    assert_eq!(web.state(), State::Ready { url }, "starting what runs changes nothing");

    timeout(HANG, web.restart()).await.expect("it hangs");
    assert!(matches!(timeout(HANG, web.settled()).await.unwrap(), State::Ready { .. }));
    assert_eq!(web.log().iter().filter(|line| *line == "serving").count(), 2);
    timeout(HANG, all.stop()).await.expect("it hangs");
    assert_eq!(web.state(), State::Stopped);
    assert_eq!(all.get("db").unwrap_err().code(), "service.unknown");
}

#[tokio::test]
async fn a_service_that_does_not_come_up_says_why() {
    for (app, expected) in [
        ("print('importing')\nimport no_such_module", "It ended before it was ready (exit status: 1)."),
        (&*server(PORT, 503), "GET /health answered 503 and did not get better within 2 s."),
        ("import time\ntime.sleep(1000)", "It runs, but listened on no port within 2 s. PORT was PORT."),
        #[cfg(target_os = "linux")]
        (&*server("0", 200), "It listens on port NUMBER instead of PORT, which the variable PORT names."),
        #[cfg(target_os = "linux")]
        (
            "import os, socket, time\ns = socket.socket(); s.bind(('127.0.0.1', int(os.environ['PORT']))); s.listen()\ntime.sleep(1000)",
            "GET /health on port PORT got no answer within 2 s.",
        ),
    ] {
        let ground = ground(&[("app.py", app)]);
        let folder = ground.start().folder;
        let mut described = service("app.py");
        if app.contains("sleep") || app.contains("serve_forever") {
            described.ready.within_s = 2;
        }
        let all = services(&folder, described);
        let web = all.get("web").unwrap();
        let summary = summary(started(web).await);
        let log = web.log();
        let port = log[0].split_once("PORT=").unwrap().1.split(' ').next().unwrap();
        let seen = summary.replace(port, "PORT");
        let seen: Vec<_> = seen
            .split(' ')
            .map(|word| if word.parse::<u16>().is_ok_and(|port| port > 1000) { "NUMBER" } else { word })
            .collect();
        assert_eq!(seen.join(" "), expected, "{log:?}");
    }
}

#[tokio::test]
async fn a_crash_is_noticed_and_its_last_words_are_kept() {
    let app = server(PORT, 200).replace(
        "do_GET(self):",
        "do_GET(self):\n        if self.path == '/crash': print('my last words', flush=True); os._exit(9)",
    );
    let ground = ground(&[("app.py", &app)]);
    let folder = ground.start().folder;
    let all = services(&folder, service("app.py"));
    let web = all.get("web").unwrap();
    let State::Ready { url } = started(web).await else { panic!("{:?}", web.log()) };
    let _ = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{url}/crash")).send().await;
    let mut states = web.states();
    let failed =
        timeout(HANG, states.wait_for(|state| matches!(state, State::Failed { .. }))).await.unwrap().unwrap().clone();
    assert_eq!(summary(failed), "It ended (exit status: 9).");
    assert_eq!(web.last_words().last().unwrap(), "my last words");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let ground = ground(&[("a", "")]);
    let folder = ground.start().folder;
    let mut described = service("a");
    described.command = vec!["uvicorm".into(), "app:app".into()];
    let all = services(&folder, described);
    assert_eq!(summary(started(all.get("web").unwrap()).await), "The program uvicorm was not found.");
}

/// A service with children, one of which left its process group, and which is deaf to SIGTERM.
async fn family(folder: &Path) -> (Arc<Services>, Vec<u32>) {
    let deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n";
    put(folder, "app.py", &format!("{deaf}{FAMILY}{}", server(PORT, 200)));
    let all = services(folder, service("app.py"));
    let state = started(all.get("web").unwrap()).await;
    assert!(matches!(state, State::Ready { .. }), "{state:?}");
    let pids = processes(&folder.join("pids"), 3);
    assert!(pids.iter().all(|pid| crate::support::lives(*pid)));
    (all, pids)
}

#[tokio::test]
async fn stopping_ends_the_whole_tree() {
    let ground = ground(&[("a", "")]);
    let (all, pids) = family(&ground.start().folder).await;
    timeout(HANG, all.stop()).await.expect("it hangs");
    assert!(pids.iter().all(|pid| !crate::support::lives(*pid)), "{pids:?}");
}

#[tokio::test]
async fn dropping_ends_the_whole_tree() {
    let ground = ground(&[("a", "")]);
    let (all, pids) = family(&ground.start().folder).await;
    drop(all);
    all_end(&pids);
}

#[tokio::test]
async fn a_service_may_end_in_its_own_time() {
    let graceful = "import signal, sys\ndef end(*_):\n    print('goodbye', flush=True); os._exit(0)\nsignal.signal(signal.SIGTERM, end)\n";
    let ground = ground(&[("app.py", &format!("{graceful}{}", server(PORT, 200)))]);
    let folder = ground.start().folder;
    let all = services(&folder, service("app.py"));
    let web = all.get("web").unwrap();
    assert!(matches!(started(web).await, State::Ready { .. }));
    timeout(HANG, web.stop()).await.expect("it hangs");
    assert_eq!((web.state(), &**web.log().last().unwrap()), (State::Stopped, "goodbye"));
}

#[tokio::test]
async fn the_log_is_bounded_and_can_be_followed() {
    let talk = "for n in range(5000): print('line', n)\nprint('x' * 1_000_000, flush=True)\n";
    let ground = ground(&[("app.py", &format!("{talk}{}", server(PORT, 200)))]);
    let folder = ground.start().folder;
    let all = services(&folder, service("app.py"));
    let web = all.get("web").unwrap();
    let (before, mut feed) = web.follow_log();
    assert!(before.is_empty());
    assert!(matches!(started(web).await, State::Ready { .. }));
    let mut states = web.states();
    web.stop().await;
    states.wait_for(|state| *state == State::Stopped).await.unwrap();
    let log = web.log();
    assert_eq!(log.len(), 2000);
    assert_eq!(log[1998].len(), 4096, "a long line is cut");
    assert_eq!(log[1999], "serving");
    assert_eq!(log[1997], "line 4999");
    let mut heard = 0;
    loop {
        match feed.try_recv() {
            Ok(line) => {
                heard += 1;
                if line == "serving" {
                    break;
                }
            }
            Err(tokio::sync::broadcast::error::TryRecvError::Lagged(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(heard > 1000, "{heard}");
}

#[tokio::test]
async fn a_save_restarts_the_services_whose_files_it_touches() {
    let ground = ground(&[("app.py", &server(PORT, 200))]);
    let folder = ground.start().folder;
    let all = services(&folder, service("app.py"));
    let names = |path: &str| all.concerned(path).iter().map(|service| service.name().to_owned()).collect::<Vec<_>>();
    assert!(names("app.py").is_empty(), "it was never started");
    started(all.get("web").unwrap()).await;
    assert_eq!(names("app.py"), ["web"]);
    assert!(names("notes.md").is_empty());
}

#[tokio::test]
async fn a_check_starts_the_service_and_tries_a_failed_one_once_a_report() {
    let ground = ground(&[("app.py", "import sys\nprint('broken')\nsys.exit(1)")]);
    let folder = ground.start().folder;
    let all = services(&folder, service("app.py"));
    let report = || LiveProbe::new(surroundings(&folder), Arc::clone(&all), Arc::new(Nothing)).unwrap();
    let starts = || all.get("web").unwrap().log().iter().filter(|line| line.starts_with('$')).count();

    let first = report();
    for _ in 0..3 {
        let state = timeout(HANG, first.service("web")).await.unwrap().unwrap();
        let ServiceState::Failed { summary, log } = state else { panic!("{state:?}") };
        assert_eq!(summary, "It ended before it was ready (exit status: 1).");
        assert_eq!(log[1], "broken");
    }
    assert_eq!(starts(), 1);

    put(&folder, "app.py", &server(PORT, 200));
    let state = timeout(HANG, report().service("web")).await.unwrap().unwrap();
    assert!(matches!(state, ServiceState::Ready { .. }), "{state:?}");
    assert_eq!(starts(), 2);
    assert!(first.service("db").await.is_err());
}
