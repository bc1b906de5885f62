//! A virtual display and a session bus of the bench's own: what else is on the machine's screen does not
//! matter, and nothing shows up there.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::places::Places;
use crate::shell;

pub struct Display {
    processes: Vec<Child>,
    variables: Vec<(&'static str, String)>,
}

impl Display {
    pub fn open(places: &Places) -> Result<Self> {
        let mut display = Self { processes: Vec::new(), variables: Vec::new() };
        let mut screen = shell::command(places, "Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
        let number = display.start(&mut screen)?;
        display.variables.push(("DISPLAY", format!(":{number}")));
        let mut bus = shell::command(places, "dbus-daemon");
        let address = display.start(bus.args(["--session", "--nofork", "--nopidfile", "--print-address"]))?;
        display.variables.push(("DBUS_SESSION_BUS_ADDRESS", address));
        Ok(display)
    }

    /// Starts a program that says on its first line where it can be reached.
    fn start(&mut self, command: &mut Command) -> Result<String> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start `{}`", shell::shown(command)))?;
        let pipe = child.stdout.take();
        self.processes.push(child);
        let mut line = String::new();
        BufReader::new(pipe.context("no pipe")?).read_line(&mut line)?;
        match line.trim() {
            "" => bail!("`{}` did not start", shell::shown(command)),
            place => Ok(place.to_owned()),
        }
    }

    /// Puts a program on this display.
    pub fn on<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11").envs(self.variables.clone())
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
