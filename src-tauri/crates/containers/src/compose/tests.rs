//! Compose files as people write them, and what is said of those that cannot be taken.

use std::fs;

use proptest::prelude::*;

use super::*;

/// A folder with files, `compose.yaml` among them.
fn folder(compose: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::Builder::new().prefix("shop").tempdir().unwrap();
    fs::create_dir_all(folder.path().join("web")).unwrap();
    fs::write(folder.path().join("web/Dockerfile"), "FROM scratch\n").unwrap();
    fs::write(folder.path().join("web/vars"), "LEVEL=info\nQUOTED=\"a b\"\n# a comment\nexport SHARED=file\n").unwrap();
    let file = folder.path().join("compose.yaml");
    fs::write(&file, compose).unwrap();
    (folder, file)
}

fn read(compose: &str) -> Result<Compose, Error> {
    Compose::read(&folder(compose).1, &BTreeMap::new())
}

fn one(service: &str) -> Result<Service, Error> {
    let indented: String = service.lines().map(|line| format!("    {line}\n")).collect();
    let extra = "volumes:\n  data:\nnetworks:\n  back:\n    internal: true\n";
    let (_folder, file) = folder(&format!("services:\n  web:\n{indented}{extra}"));
    Compose::read(&file, &BTreeMap::new()).map(|compose| compose.service("web").clone())
}

#[test]
fn a_whole_file_is_understood() {
    let (_folder, file) = folder(
        r#"
x-common: &common
  restart: unless-stopped
  mem_limit: 256m
services:
  web:
    <<: *common
    build: {context: web, args: {VERSION: "1"}}
    command: python -m http.server "8 0"
    environment: {SHARED: own, WORKERS: 2, DEBUG: true, URL: "${URL:-http://x}"}
    env_file: web/vars
    ports: ["${PORT}:80", "127.0.0.1:9000:90/udp", 70]
    networks: {back: {aliases: [api]}, default: }
    volumes: ["data:/data", "./web:/src:ro", {type: tmpfs, target: /scratch}]
    healthcheck: {test: curl -f http://localhost/, interval: 2s, timeout: 1s, retries: 3, start_period: 1m}
    depends_on: {store: {condition: service_healthy}}
    deploy: {resources: {limits: {cpus: "0.5", pids: 64}}}
    stop_grace_period: 1m30s
    user: 1000
    read_only: true
    tmpfs: /tmp:size=64m
    labels: [team=search]
    x-note: for people
  store:
    image: qdrant/qdrant:v1.15
volumes: {data: }
networks: {back: {internal: true}}
"#,
    );
    let variables = BTreeMap::from([("PORT".to_owned(), "8080".to_owned())]);
    let compose = Compose::read(&file, &variables).unwrap();
    assert_eq!(compose.order, ["store", "web"]);
    assert!(compose.networks["back"].internal && !compose.networks["default"].internal);
    let web = compose.service("web");
    assert_eq!(web.command.as_deref().unwrap(), ["python", "-m", "http.server", "8 0"]);
    let environment: Vec<String> = web.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected = ["DEBUG=true", "LEVEL=info", "QUOTED=a b", "SHARED=own", "URL=http://x", "WORKERS=2"];
    assert_eq!(environment, expected);
    let port = |container, host, udp| Port { container, host, udp };
    assert_eq!(web.ports, [port(80, Some(8080), false), port(90, Some(9000), true), port(70, None, false)]);
    assert_eq!(web.networks["back"], ["api"]);
    let sources: Vec<(&Source, bool)> = web.mounts.iter().map(|mount| (&mount.source, mount.read_only)).collect();
    let src = Source::Folder(compose.workspace.join("web"));
    assert_eq!(sources, [(&Source::Volume("data".into()), false), (&src, true), (&Source::Memory, false)]);
    let health = web.health.as_ref().unwrap();
    assert_eq!(health.test.as_deref().unwrap(), ["CMD-SHELL", "curl -f http://localhost/"]);
    assert_eq!(
        (health.interval, health.start_period, health.retries),
        (Some(2_000_000_000), Some(60_000_000_000), Some(3))
    );
    assert_eq!(web.depends_on["store"], Condition::Healthy);
    assert_eq!(web.limits, Limits { memory: 256 << 20, cpus: 0.5, processes: 64 });
    assert_eq!((web.restart, web.grace, web.user.as_deref()), (Restart::UnlessStopped, 90, Some("1000")));
    assert_eq!(web.tmpfs["/tmp"], "size=64m");
    // Who says nothing is limited all the same.
    assert_eq!(compose.service("store").limits, Limits::default());
}

#[test]
fn what_cannot_be_taken_is_named_by_its_place() {
    for (service, place, said) in [
        ("image: a\nprivileged: true", "services.web.privileged", "takes away every wall"),
        ("image: a\nnetwork_mode: host", "services.web.network_mode", "networks of its own"),
        ("image: a\nprot: 1", "services.web.prot", "is no key that Groundwork knows"),
        ("command: a", "services.web", "has neither an image nor a build"),
        ("image: a\nports: ['0.0.0.0:80:80']", "services.web.ports[0]", "opens 0.0.0.0"),
        ("image: a\nports: ['80', '8000-8010:80']", "services.web.ports[1]", "\"8000-8010\" is no port"),
        ("image: a\nvolumes: ['/var/run/docker.sock:/s']", "services.web.volumes[0]", "/var/run/docker.sock"),
        ("image: a\nvolumes: ['/etc:/etc:ro']", "services.web.volumes[0]", "lies outside"),
        ("image: a\nvolumes: ['../:/up']", "services.web.volumes[0]", "lies outside"),
        ("image: a\nvolumes: ['cache:/c']", "services.web.volumes[0]", "there is no volume cache"),
        ("image: a\nvolumes: ['./nowhere:/c']", "services.web.volumes[0]", "nowhere"),
        (
            "image: a\nsecurity_opt: ['seccomp:unconfined']",
            "services.web.security_opt",
            "seccomp:unconfined is refused",
        ),
        ("image: a\nmem_limit: lots", "services.web.mem_limit", "lots is no size"),
        ("image: a\ncpus: 0", "services.web.cpus", "0 is no number of cores"),
        ("image: a\npids_limit: -1", "services.web.pids_limit", "-1 is no number of processes"),
        ("image: a\nrestart: sometimes", "services.web.restart", "\"sometimes\" is no way to restart"),
        ("image: a\ndepends_on: [db]", "services.web.depends_on", "there is no service db"),
        ("image: a\ndepends_on: [web]", "services.web.depends_on", "goes in a circle: web → web"),
        ("image: a\nnetworks: [front]", "services.web.networks", "there is no network front"),
        ("image: a\nenvironment: [TOKEN]", "services.web.environment.TOKEN", "TOKEN has no value"),
        ("image: a\nenvironment: {A: '${SECRET}'}", "services.web.environment.A", "SECRET has no value"),
        ("image: a\nhealthcheck: {test: [curl, x]}", "services.web.healthcheck.test", "neither CMD nor CMD-SHELL"),
        ("image: a\nhealthcheck: {test: x, every: 1s}", "services.web.healthcheck.every", "unknown field"),
        ("image: a\nports: {a: b}", "services.web.ports", "expected a sequence"),
        ("image: a\ncommand: echo 'x", "services.web.command", "a quote that does not end"),
        ("build: {context: ., dockerfile: ../x}", "services.web.build.dockerfile", "outside"),
        ("build: ..", "services.web.build.context", "lies outside"),
    ] {
        let error = one(service).unwrap_err();
        let Error::Compose { place: found, detail, next, .. } = &error else { panic!("{error}") };
        assert!(found.starts_with(place) && detail.contains(said) && !next.is_empty(), "{service}: {found}: {detail}");
    }
    for (file, said) in [
        ("services:\n  web: [\n", "is no YAML"),
        ("- a", "is no mapping"),
        ("services: {}", "there are none"),
        ("service:\n  web: {image: a}", "service: is no key"),
        ("services: {Web Site: {image: a}}", "is no name for a service"),
        ("name: My Shop\nservices: {a: {image: a}}", "is no name"),
        ("services: {a: {image: a}}\nvolumes: {d: {driver_opts: {o: bind}}}", "volumes.d.driver_opts: is refused"),
        ("services: {a: {image: a}}\nnetworks: {d: {external: true}}", "networks.d.external: is refused"),
    ] {
        let error = read(file).unwrap_err().to_string();
        assert!(error.contains(said), "{file}: {error}");
    }
}

#[test]
fn a_link_out_of_the_workspace_is_followed_before_it_is_judged_and_a_socket_is_refused() {
    let (folder, file) = folder("services:\n  web: {image: a, volumes: ['./etc:/etc']}\n");
    #[cfg(unix)]
    {
        let socket = folder.path().join("engine.sock");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let text = "services:\n  web: {image: a, volumes: ['./engine.sock:/s']}\n";
        let error = parse(text, &file, &folder.path().canonicalize().unwrap(), &BTreeMap::new()).unwrap_err();
        assert!(error.detail.contains("is a socket"), "{error:?}");
        std::os::unix::fs::symlink("/etc", folder.path().join("etc")).unwrap();
        let error = Compose::read(&file, &BTreeMap::new()).unwrap_err().to_string();
        assert!(error.contains("lies outside"), "{error}");
    }
    drop((folder, file));
}

#[test]
fn values_come_from_the_env_file_and_two_folders_never_share_a_stack() {
    let text = "name: shop\nservices:\n  web: {image: 'a:${TAG}', env_file: web/vars}\n";
    let (folder, file) = folder(text);
    fs::write(folder.path().join(".env"), "MAJOR=3\nTAG=\"$MAJOR\" # the newest\n").unwrap();
    fs::write(folder.path().join("web/vars"), "URL=http://store-${TAG}\nPLAIN='${TAG}'\n").unwrap();
    let one = Compose::read(&file, &BTreeMap::new()).unwrap();
    assert_eq!(one.service("web").image.as_deref(), Some("a:3"));
    let environment = &one.service("web").environment;
    assert_eq!((environment["URL"].as_str(), environment["PLAIN"].as_str()), ("http://store-3", "${TAG}"));
    let other = Compose::read(&file, &BTreeMap::from([("TAG".into(), "4".into())])).unwrap();
    assert_eq!((other.service("web").image.as_deref(), other.project == one.project), (Some("a:4"), true));
    let (_elsewhere, file) = self::folder(&text.replace("${TAG}", "1"));
    let elsewhere = Compose::read(&file, &BTreeMap::new()).unwrap();
    assert!(elsewhere.name == one.name && elsewhere.project != one.project);
    // What runs is found again without its variables.
    fs::remove_file(folder.path().join(".env")).unwrap();
    assert!(Compose::read(&folder.path().join(file.file_name().unwrap()), &BTreeMap::new()).is_err());
    assert_eq!(Compose::project_of(&one.file).unwrap(), one.project);
}

#[test]
fn the_page_about_compose_files_tells_of_every_key() {
    let page = include_str!("../../../../../docs/compose.md");
    for key in keys::SERVICE {
        assert!(page.contains(&format!("`{key}`")), "docs/compose.md does not tell of {key}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_file_breaks_it(text in any::<String>(), value in "[ \\-\\[\\]{}:,$a-z0-9'\"./]{0,40}") {
        let folder = Path::new("/nowhere");
        let known = BTreeMap::new();
        let _ = parse(&text, &folder.join("c.yaml"), folder, &known);
        for key in keys::SERVICE {
            let text = format!("services:\n  web:\n    image: a\n    {key}: {value}\n");
            let _ = parse(&text, &folder.join("c.yaml"), folder, &known);
        }
    }
}

#[test]
fn what_a_service_is_told_stands_in_its_variables_and_its_command() {
    for (service, expected) in [
        ("image: a\nenvironment: {URL: 'http://host.docker.internal:1/v1'}", true),
        ("image: a\ncommand: [ask, 'http://host.docker.internal:1']", true),
        ("image: a\nlabels: [at=host.docker.internal]", false),
    ] {
        let indented: String = service.lines().map(|line| format!("    {line}\n")).collect();
        let compose = read(&format!("services:\n  web:\n{indented}")).unwrap();
        assert_eq!(compose.tells("host.docker.internal"), expected, "{service}");
    }
}
