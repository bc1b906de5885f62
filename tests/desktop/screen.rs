//! A display of its own, the window on it, and what a person could see or do there.

use std::{
    ffi::OsStr,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element, key::Key};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use super::reviewed;
use crate::support::{Home, program};

/// Long enough for a model's answer on a slow machine; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(120);
/// In which what moves has come to rest.
const SETTLES: Duration = Duration::from_secs(10);

/// The open window. Dropping it ends the window, its driver and its display.
pub struct Screen {
    pub client: Client,
    driver: Child,
    /// What the window remembers: each starts as on a new machine.
    _storage: tempfile::TempDir,
}

impl Screen {
    pub async fn open(home: &Home) -> Self {
        Self::open_program(home, program("desktop")).await
    }

    /// The window of a user whose environment has these variables too.
    pub async fn open_with(home: &Home, variables: &[(&str, &str)]) -> Self {
        let program = program("desktop");
        let wrapper = home.folder.path().join("desktop.sh");
        let set: String = variables.iter().map(|(name, value)| format!("export {name}={value}\n")).collect();
        std::fs::write(&wrapper, format!("#!/bin/sh\n{set}exec {} \"$@\"\n", program.display())).unwrap();
        std::fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        Self::open_program(home, wrapper).await
    }

    async fn open_program(home: &Home, program: PathBuf) -> Self {
        let port = free_port();
        let storage = tempfile::tempdir().unwrap();
        let driver = Command::new("xvfb-run")
            .args([
                "-a",
                "-s",
                "-screen 0 1280x800x24",
                "dbus-run-session",
                "--",
                "WebKitWebDriver",
                "--host=127.0.0.1",
            ])
            .arg(format!("--port={port}"))
            .envs(home.variables())
            .env("XDG_DATA_HOME", storage.path())
            // The terminal's shell reads no start-up file of this machine.
            .env("HOME", storage.path())
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // An editor that opens and says nothing, as a learner's does.
            .env("VISUAL", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("xvfb-run does not start: `cargo xtask setup` installs it");
        let client = connect(port, json!({ "webkitgtk:browserOptions": { "binary": program, "args": [] } })).await;
        let screen = Self { client, driver, _storage: storage };
        // A place that is asked for before the page is there would be forgotten with the empty page.
        screen.find("nav").await;
        screen
    }

    /// The page in Chromium, over the scripted backend in one of its scenes, under the window's own policy.
    pub async fn in_chromium(scene: &str) -> Self {
        let (port, page) = (free_port(), free_port());
        let storage = tempfile::tempdir().unwrap();
        let start = format!(
            "node node_modules/vite/bin/vite.js preview --outDir dist-demo --host 127.0.0.1 --strictPort --port {page} & \
             exec chromedriver --port={port}"
        );
        let driver = Command::new("sh")
            .args(["-c", &start])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../ui"))
            .env("HOME", storage.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        // Containers and superusers cannot have its sandbox, and the page is our own.
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,800"];
        let timeouts = json!({ "script": PATIENCE.as_secs() * 1000 });
        let client = connect(port, json!({ "goog:chromeOptions": { "args": arguments }, "timeouts": timeouts })).await;
        let screen = Self { client, driver, _storage: storage };
        let address = format!("http://127.0.0.1:{page}/?scene={scene}&pace=0.1");
        let began = std::time::Instant::now();
        while let Err(error) = screen.client.goto(&address).await {
            assert!(began.elapsed() < SETTLES, "`npm run demo:build` makes the page that vite serves: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        screen.find("nav").await;
        screen
    }

    /// A program on this screen's display and session bus, with the learner's variables.
    pub fn beside(&self, home: &Home, program: impl AsRef<OsStr>) -> Command {
        let environment = std::fs::read_to_string(format!("/proc/{}/environ", self.pid(home))).unwrap();
        let mut command = Command::new(program);
        command.env_clear().envs(environment.split('\0').filter_map(|variable| variable.split_once('=')));
        command
    }

    /// The window's process.
    pub fn pid(&self, home: &Home) -> u32 {
        let own = format!("GROUNDWORK_HOME={}", home.folder.path().join("data").display());
        let runs = |process: &std::fs::DirEntry| {
            let is_window = std::fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe.ends_with("desktop"));
            let environment = std::fs::read_to_string(process.path().join("environ")).unwrap_or_default();
            is_window && environment.split('\0').any(|variable| variable == own)
        };
        let window = std::fs::read_dir("/proc").unwrap().flatten().find(runs).expect("the window runs");
        window.file_name().to_string_lossy().parse().unwrap()
    }

    /// Waits until there is such an element.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => {
                self.picture("missing").await;
                panic!("{css} did not appear: {error}\n{}", self.text().await)
            }
        }
    }

    /// Chooses the option of a list that begins so.
    pub async fn choose(&self, css: &str, begins: &str) {
        let list = self.find(css).await;
        let path = format!("option[starts-with(normalize-space(.), '{begins}')]");
        let option = list.find(Locator::XPath(&path)).await.unwrap();
        list.select_by_label(&option.text().await.unwrap()).await.unwrap();
    }

    /// Clicks what may still be on its way to where it stays: a list that scrolls, a panel that opens.
    pub async fn click(&self, css: &str) {
        let began = std::time::Instant::now();
        // The driver takes for seen what shows a fraction of a pixel.
        let shown = format!("document.querySelector(\"{css}\")?.scrollIntoView({{ block: 'nearest' }})");
        self.find(css).await;
        self.run(&shown).await;
        while let Err(error) = self.find(css).await.click().await {
            if began.elapsed() > SETTLES {
                self.picture("missing").await;
                panic!("{css} cannot be clicked: {error}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Presses the button with this text.
    pub async fn press(&self, text: &str) {
        let path = format!("//*[self::button or self::a][contains(normalize-space(.), '{text}')]");
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await;
        match found {
            Ok(element) => element.click().await.unwrap_or_else(|error| panic!("{text:?} was not pressed: {error}")),
            Err(error) => {
                self.picture("missing").await;
                panic!("there is no button {text:?}: {error}\n{}", self.text().await)
            }
        }
    }

    /// Presses the button with this text in an element, once it is there.
    pub async fn press_in(&self, css: &str, text: &str) {
        let path = format!(".//button[contains(normalize-space(.), '{text}')]");
        let began = std::time::Instant::now();
        loop {
            // The element may be drawn anew between the two looks.
            if let Ok(button) = self.find(css).await.find(Locator::XPath(&path)).await
                && button.click().await.is_ok()
            {
                return;
            }
            if began.elapsed() > PATIENCE {
                self.picture("missing").await;
                panic!("there is no button {text:?} in {css}\n{}", self.text().await);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Presses a key together with Ctrl.
    pub async fn keys(&self, key: &str) {
        let chord = format!("{}{key}{}", char::from(Key::Control), char::from(Key::Null));
        self.find("body").await.send_keys(&chord).await.unwrap();
    }

    /// Waits until a script answers so.
    pub async fn until(&self, script: &str, so: impl Fn(&serde_json::Value) -> bool) {
        let began = std::time::Instant::now();
        loop {
            let answer = self.run(script).await;
            if so(&answer) {
                return;
            }
            assert!(began.elapsed() < SETTLES, "{script} is still {answer}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until there is no such element.
    pub async fn gone(&self, css: &str) {
        let began = std::time::Instant::now();
        while self.client.find(Locator::Css(css)).await.is_ok() {
            assert!(began.elapsed() < PATIENCE, "{css} is still there\n{}", self.text().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the page says this.
    pub async fn read(&self, text: &str) {
        let path = format!("//body//*[contains(., \"{text}\")]");
        if let Err(error) = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await {
            self.picture("missing").await;
            panic!("the page does not say {text:?}: {error}\n{}", self.text().await);
        }
    }

    /// Goes to another screen, once the window shows one: before that its page may not have come.
    pub async fn go(&self, place: &str) {
        self.find("main").await;
        self.client.execute(&format!("location.hash = '#/{place}'"), Vec::new()).await.unwrap();
    }

    /// What a script in the page answers with.
    pub async fn run(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// The same, where the answer is given to a function, the last argument.
    pub async fn wait_for(&self, script: &str) -> serde_json::Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    pub async fn text(&self) -> String {
        self.client.find(Locator::Css("body")).await.unwrap().text().await.unwrap_or_default()
    }

    /// Makes the page in Chromium so large, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        let frame = self.run("return outerHeight - innerHeight").await.as_u64().unwrap();
        self.client.set_window_size(width, height + u32::try_from(frame).unwrap()).await.unwrap();
    }

    /// Takes a picture: compared with the reviewed one of this name, if there is one, or kept where
    /// GROUNDWORK_SCREENSHOTS says.
    pub async fn picture(&self, name: &str) {
        let folder = std::env::var_os("GROUNDWORK_SCREENSHOTS");
        if folder.is_none() && !reviewed::exists(name) {
            return;
        }
        let png = self.client.screenshot().await.unwrap();
        let Some(folder) = folder else { return reviewed::compare(name, &png) };
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(PathBuf::from(folder).join(name).with_extension("png"), png).unwrap();
    }

    pub async fn wear(&self, theme: &str) {
        self.run(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
        // Colours fade for a moment; out of sight they never come to an end.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let fading = "return document.getAnimations().filter((each) => each instanceof CSSTransition
            && each.effect.target.checkVisibility({ contentVisibilityAuto: true })).length";
        self.until(fading, |fading| *fading == 0).await;
    }

    /// Pictures of the dark and then the light theme.
    pub async fn in_both_themes(&self, name: &str) {
        for theme in ["dark", "light"] {
            self.wear(theme).await;
            self.picture(&format!("{name}-{theme}")).await;
        }
    }

    pub async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A session with the driver, once it listens.
async fn connect(port: u16, capabilities: serde_json::Value) -> Client {
    let mut tries = 0;
    loop {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let capabilities = capabilities.as_object().unwrap().clone();
        match builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")).await {
            Ok(client) => return client,
            Err(error) if tries > 100 => {
                panic!("the page did not open; `cargo xtask setup` installs what it needs: {error}")
            }
            Err(_) => tries += 1,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", "--", &format!("-{}", self.driver.id())]).status();
        let _ = self.driver.wait();
    }
}
