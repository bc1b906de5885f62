//! System packages on Linux: the web view and its driver, a virtual display, a session bus; for the tests
//! Chromium.
//! Installs with apt only; elsewhere it says what to install.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Need, python};
use crate::places::Places;
use crate::shell;

/// Debian and Ubuntu names.
const PACKAGES: &[&str] = &[
    "build-essential",
    "dbus-x11",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "pkg-config",
    "webkit2gtk-driver",
    "xauth",
    "xvfb",
];

/// What each of them brings, for Linux systems without apt: a library for pkg-config or a program.
const LIBRARIES: &[&str] = &["ayatana-appindicator3-0.1", "librsvg-2.0", "webkit2gtk-4.1"];
const PROGRAMS: &[&str] = &["cc", "dbus-run-session", "pkg-config", "WebKitWebDriver", "Xvfb"];

pub const PACKAGES_NEED: Need =
    Need { name: "system packages", tests_only: false, missing, mend: Some(install), by_hand };

/// The engine of Windows' web view, for the tests of the page. Debian's names; Ubuntu has it as a snap.
const BROWSER: &[&str] = &["chromium", "chromium-driver"];

pub const BROWSER_NEED: Need = Need {
    name: "Chromium",
    tests_only: true,
    missing: |places| {
        Ok(shell::find(places, "chromedriver").is_none().then(|| "there is no `chromedriver`".to_owned()))
    },
    mend: Some(|places| apt_install(places, BROWSER)),
    by_hand: |_| format!("sudo apt-get install --yes {}, or another Chromium with its driver", BROWSER.join(" ")),
};

fn missing(places: &Places) -> Result<Option<String>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let missing = if has_apt(places) { missing_packages(places)? } else { missing_elsewhere(places) };
    Ok((!missing.is_empty()).then(|| missing.join(" ")))
}

fn has_apt(places: &Places) -> bool {
    shell::find(places, "apt-get").is_some() && shell::find(places, "dpkg-query").is_some()
}

fn missing_packages(places: &Places) -> Result<Vec<String>> {
    let mut query = shell::command(places, "dpkg-query");
    query.args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"]).args(PACKAGES);
    // It fails where a package is unknown; what it printed is true all the same.
    let output = query.output()?;
    let mut missing = not_installed(&String::from_utf8_lossy(&output.stdout));
    let systems_own = shell::find(places, "python3").is_some_and(|python| python.starts_with("/usr/bin"));
    if systems_own && !python::makes_environments(places) {
        missing.push("python3-venv".to_owned());
    }
    Ok(missing)
}

fn not_installed(dpkg: &str) -> Vec<String> {
    let installed = |package: &&&str| dpkg.lines().any(|line| line == format!("{package} installed"));
    PACKAGES.iter().filter(|package| !installed(package)).map(|&package| package.to_owned()).collect()
}

fn missing_elsewhere(places: &Places) -> Vec<String> {
    let no_program = PROGRAMS.iter().filter(|program| shell::find(places, program).is_none());
    let no_library = LIBRARIES
        .iter()
        .filter(|library| shell::read(shell::command(places, "pkg-config").args(["--exists", library])).is_err());
    no_program.chain(no_library).map(|&name| name.to_owned()).collect()
}

fn by_hand(places: &Places) -> String {
    match missing_packages(places) {
        Ok(packages) if has_apt(places) => {
            format!("sudo apt-get update && sudo apt-get install --yes {}", packages.join(" "))
        }
        _ => "install these with your package manager: a C compiler, pkg-config, the development files of \
              WebKitGTK 4.1, librsvg and Ayatana AppIndicator, libxdo, WebKitWebDriver, Xvfb, a D-Bus session"
            .to_owned(),
    }
}

fn install(places: &Places) -> Result<()> {
    let packages = missing_packages(places)?;
    apt_install(places, &packages.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Installs packages of Debian or Ubuntu, where that takes no password.
pub fn apt_install(places: &Places, packages: &[&str]) -> Result<()> {
    if !has_apt(places) {
        bail!("this system has no apt");
    }
    let apt = |arguments: &[&str]| -> Result<Command> {
        let mut command = shell::as_root(places, "env").context("installing system packages needs root")?;
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]).args(arguments);
        Ok(command)
    };
    shell::run(&mut apt(&["update"])?)?;
    shell::run(apt(&["install", "--yes", "--no-install-recommends"])?.args(packages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_package_and_an_unknown_one_are_missing() {
        let mut dpkg: String = PACKAGES.iter().map(|package| format!("{package} installed\n")).collect();
        assert!(not_installed(&dpkg).is_empty());
        dpkg = dpkg.replace("xvfb installed", "xvfb config-files").replace("xauth installed\n", "");
        assert_eq!(not_installed(&dpkg), ["xauth", "xvfb"]);
    }
}
