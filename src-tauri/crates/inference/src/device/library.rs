//! A GPU's shared libraries, looked at before candle is asked for the GPU: its bindings load them when they are first
//! called, and panic where one, or a function of it, is missing. Starts the driver; computes nothing.

#![allow(unsafe_code)] // What a shared library holds, no safe type can say.

use std::error::Error;
use std::ffi::{CStr, c_char, c_int, c_uint};

/// A shared library that was found. It stays loaded as long as the process lives.
#[derive(Debug)]
pub struct Library {
    title: &'static str,
    loaded: &'static libloading::Library,
}

impl Library {
    /// The first of `names` that can be loaded. `Err` names `file`, as which it is usually installed, or what is wrong
    /// with the one that is there.
    pub fn find(title: &'static str, file: &str, names: &[String]) -> Result<Self, String> {
        let mut damage = None;
        for name in names {
            // SAFETY: what NVIDIA's libraries run when they are loaded asks nothing of their caller, and candle's
            // bindings load the same ones.
            match unsafe { libloading::Library::new(name.as_str()) } {
                // Never let go of: a driver does not bear to be unloaded.
                Ok(library) => return Ok(Self { title, loaded: Box::leak(Box::new(library)) }),
                Err(error) => damage = damage.or(beyond_absence(name, &error)),
            }
        }
        Err(match damage {
            Some(damage) => format!("{title} could not be loaded: {damage}"),
            None => format!("{title} was not found: {file}"),
        })
    }

    /// `Err` names the first of `functions` that it does not have.
    pub fn has(&self, functions: &[&str]) -> Result<(), String> {
        functions.iter().try_for_each(|function| {
            // SAFETY: the address is not used.
            unsafe { self.function::<*const ()>(function) }.map(drop)
        })
    }

    /// # Safety
    /// The function must be a `T`.
    unsafe fn function<T: Copy>(&self, name: &str) -> Result<T, String> {
        // SAFETY: the caller's promise.
        let function = unsafe { self.loaded.get::<T>(name) };
        function.map(|function| *function).map_err(|_| format!("{} is not a fit one: it has no {name}", self.title))
    }
}

/// What the system says of a library, unless it is just not there.
fn beyond_absence(name: &str, error: &libloading::Error) -> Option<String> {
    let said = error.source()?.to_string();
    let absent = said.starts_with(&format!("{name}: ")) && said.ends_with("No such file or directory");
    (!absent && cfg!(target_os = "linux")).then_some(said)
}

/// Starts the driver; `needed` and what it answers are CUDA's versions, 13000 for 13.0.
pub fn start_driver(driver: &Library, needed: c_int) -> Result<(), String> {
    // SAFETY: the signatures are those of cuda.h, where they have stood since its first version.
    let (start, version) = unsafe {
        let start: unsafe extern "C" fn(c_uint) -> c_int = driver.function("cuInit")?;
        let version: unsafe extern "C" fn(*mut c_int) -> c_int = driver.function("cuDriverGetVersion")?;
        (start, version)
    };
    // SAFETY: no flag is defined but 0.
    let code = unsafe { start(0) };
    if code != 0 {
        return Err(format!("{} could not start: {}", driver.title, explained(driver, code)));
    }
    let mut offered = 0;
    // SAFETY: it writes one number to where it is told.
    let code = unsafe { version(&raw mut offered) };
    if code != 0 {
        return Err(format!("{} does not tell its version: {}", driver.title, explained(driver, code)));
    }
    if offered < needed {
        let [offered, needed] = [offered, needed].map(|version| format!("{}.{}", version / 1000, version % 1000 / 10));
        return Err(format!("{} is too old: it supports CUDA {offered}, and this build needs {needed}", driver.title));
    }
    Ok(())
}

/// `no CUDA-capable device is detected (CUDA error 100)`
fn explained(driver: &Library, code: c_int) -> String {
    let mut text: *const c_char = std::ptr::null();
    // SAFETY: the signature is that of cuda.h; what it points to lives as long as the driver, which is never unloaded.
    let text = unsafe {
        let explain = driver.function::<unsafe extern "C" fn(c_int, *mut *const c_char) -> c_int>("cuGetErrorString");
        let found = explain.is_ok_and(|explain| explain(code, &raw mut text) == 0 && !text.is_null());
        found.then(|| CStr::from_ptr(text).to_string_lossy())
    };
    text.map_or_else(|| format!("CUDA error {code}"), |text| format!("{text} (CUDA error {code})"))
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn driver(names: &[&str]) -> Result<(), String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        start_driver(&Library::find("the driver", "libcuda.so.1", &names)?, 13000)
    }

    /// A driver of our own making, of these functions.
    fn made_of(functions: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let (source, library) = (folder.path().join("driver.c"), folder.path().join("libcuda.so"));
        std::fs::write(&source, functions).unwrap();
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).stdin(Stdio::null());
        assert!(compile.status().unwrap().success());
        driver(&["libno-such-driver.so", library.to_str().unwrap()])
    }

    #[test]
    fn a_driver_that_cannot_be_used_is_told_why() {
        const STARTS: &str = "int cuInit(unsigned f) { return 0; }";
        const EXPLAINS: &str = "int cuGetErrorString(int c, const char **t) { *t = \"no device\"; return c != 100; }";
        let init = |code: i32| format!("int cuInit(unsigned f) {{ return {code}; }}");
        let version = |version: i32| format!("int cuDriverGetVersion(int *v) {{ *v = {version}; return 0; }}");
        let table = [
            (String::new(), "the driver is not a fit one: it has no cuInit"),
            (STARTS.into(), "the driver is not a fit one: it has no cuDriverGetVersion"),
            (init(100) + &version(13000), "the driver could not start: CUDA error 100"),
            (init(100) + &version(13000) + EXPLAINS, "the driver could not start: no device (CUDA error 100)"),
            (init(999) + &version(13000) + EXPLAINS, "the driver could not start: CUDA error 999"),
            (
                STARTS.to_owned() + &version(12040),
                "the driver is too old: it supports CUDA 12.4, and this build needs 13.0",
            ),
            (
                STARTS.to_owned() + "int cuDriverGetVersion(int *v) { return 1; }",
                "the driver does not tell its version: CUDA error 1",
            ),
        ];
        for (functions, reason) in table {
            assert_eq!(made_of(&functions), Err(reason.to_owned()), "{functions}");
        }
        assert_eq!(made_of(&(STARTS.to_owned() + &version(13010))), Ok(()));
    }

    #[test]
    fn a_library_that_is_missing_and_one_that_is_damaged_are_told_apart() {
        assert_eq!(driver(&["libno-such.so", "libno-such.so.9"]), Err("the driver was not found: libcuda.so.1".into()));
        let damaged = tempfile::Builder::new().suffix(".so").tempfile().unwrap();
        let reason = driver(&["libno-such.so", damaged.path().to_str().unwrap()]).unwrap_err();
        assert!(reason.starts_with("the driver could not be loaded: /"), "{reason}");
    }

    #[test]
    fn a_function_that_a_library_lacks_is_named() {
        let library = Library::find("the library", "libm.so.6", &["libm.so.6".to_owned()]).unwrap();
        assert_eq!(library.has(&["cos", "sin"]), Ok(()));
        let reason = "the library is not a fit one: it has no cosinus";
        assert_eq!(library.has(&["cos", "cosinus"]), Err(reason.to_owned()));
    }
}
