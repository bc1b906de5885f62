use std::collections::BTreeMap;
use std::time::Duration;

use task::{Cancellation, Fault};

use super::*;
use crate::{Error, Limits, Ready, Run};

fn run(name: &str, program: &str) -> Run {
    Run {
        name: name.into(),
        image: PYTHON.into(),
        command: vec!["python3".into(), "-u".into(), "-c".into(), program.into()],
        environment: BTreeMap::from([("GREETING".into(), "hello".into())]),
        limits: Limits { memory: 96 << 20, cpus: 1.0, processes: 32 },
        read_only: false,
        port: 8000,
        ready: Ready::Http("/".into()),
        within: Duration::from_secs(60),
    }
}

const SERVES: &str = "
import http.server, os, time
time.sleep(1)
open('/written', 'wb').write(b'x' * 3_000_000)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ['GREETING'].encode())
http.server.HTTPServer(('', 8000), Answer).serve_forever()
";

#[tokio::test]
async fn one_container_runs_until_it_answers_is_measured_and_is_gone() {
    let engine = engine().await;
    let name = "test-alone";
    // What a crash left under its name makes way.
    drop(engine.run(&run(name, SERVES), &Cancellation::new()).await.unwrap());
    for ready in [Ready::Http("/".into()), Ready::Port] {
        let running = engine.run(&Run { ready, ..run(name, SERVES) }, &Cancellation::new()).await.unwrap();
        let body = answer(running.address).await;
        assert!(running.address.ip().is_loopback() && body.ends_with("hello"), "{body}");
        let shown = docker(&["ps", "--filter", "name=groundwork-test-alone", "--format", "{{.Ports}}"]);
        assert_eq!(shown, format!("127.0.0.1:{}->8000/tcp", running.address.port()));
        let walls = "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} \
                     {{.HostConfig.SecurityOpt}} {{.HostConfig.Privileged}} {{len .Mounts}}";
        assert_eq!(
            docker(&["inspect", "--format", walls, "groundwork-test-alone"]),
            "100663296 100663296 1000000000 32 [no-new-privileges] false 0"
        );
        let usage = running.usage().await.unwrap();
        assert_eq!(usage.memory_limit, 96 << 20);
        assert!(usage.memory > 1_000_000 && usage.memory < 96 << 20 && usage.processes >= 1, "{usage:?}");
        assert!((3_000_000..4_000_000).contains(&running.disk().await.unwrap()));
        running.remove().await.unwrap();
    }
    assert_eq!(docker(&["ps", "--all", "--quiet", "--filter", "name=groundwork-test-alone"]), "");
}

async fn answer(address: std::net::SocketAddr) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut text = String::new();
    connection.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn one_that_ends_or_is_late_or_is_cancelled_is_told_and_removed() {
    let engine = engine().await;
    let ends = run("test-ends", "print('no such table'); raise SystemExit(4)");
    let Err(Error::Ended { code, last, .. }) = engine.run(&ends, &Cancellation::new()).await else { panic!() };
    assert_eq!((code, last), (4, vec!["no such table".to_owned()]));
    let late = Run { within: Duration::from_secs(1), ..run("test-late", "import time; time.sleep(600)") };
    assert_eq!(engine.run(&late, &Cancellation::new()).await.unwrap_err().code(), "containers.late");
    let greedy = run("test-greedy", "x = bytearray(300_000_000)");
    let error = engine.run(&greedy, &Cancellation::new()).await.unwrap_err().to_string();
    assert!(error.contains("more memory than its limit"), "{error}");
    let cancellation = Cancellation::new();
    let cancel = cancellation.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(800)).await;
        cancel.cancel();
    });
    let stuck = run("test-stuck", "import time; time.sleep(600)");
    assert!(matches!(engine.run(&stuck, &cancellation).await, Err(Error::Cancelled)));
    for name in ["ends", "late", "greedy", "stuck"] {
        assert_eq!(docker(&["ps", "--all", "--quiet", "--filter", &format!("name=groundwork-test-{name}")]), "");
    }
    let none = Run { image: "groundwork/none".into(), ..run("test-none", "") };
    assert_eq!(engine.run(&none, &Cancellation::new()).await.unwrap_err().code(), "containers.no_image");
}
