//! Which device runs the model, and why. A device that cannot be used is a reason, never a failure: the CPU always can.

#[cfg(feature = "cuda")]
mod cuda;
#[cfg(any(feature = "cuda", test))]
mod library;
pub(crate) mod pace;

use std::cell::Cell;

use candle_core::Device as Handle;

/// What the learner asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DevicePreference {
    /// The quickest that there is.
    #[default]
    Auto,
    Cpu,
    Cuda,
    Metal,
}

/// What runs the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub kind: DeviceKind,
    /// `AMD EPYC, 2 threads`
    pub name: String,
    /// Why this device and not another.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    Cpu,
    Cuda,
    Metal,
}

impl DeviceKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Metal => "metal",
        }
    }
}

/// What a try to use a kind of device gives: the device and its name, or why not.
type Tried = Result<(Handle, String), String>;
type Try = fn() -> Tried;

#[cfg(feature = "cuda")]
fn cuda() -> Tried {
    cuda::find()
}

/// `threads` is how many will compute if it is the CPU.
pub(crate) fn choose(preference: DevicePreference, threads: usize) -> (Device, Handle) {
    choose_from(preference, threads, cuda, metal)
}

fn choose_from(preference: DevicePreference, threads: usize, cuda: Try, metal: Try) -> (Device, Handle) {
    let tries: &[(DeviceKind, Try)] = match preference {
        DevicePreference::Auto => &[(DeviceKind::Cuda, cuda), (DeviceKind::Metal, metal)],
        DevicePreference::Cuda => &[(DeviceKind::Cuda, cuda)],
        DevicePreference::Metal => &[(DeviceKind::Metal, metal)],
        DevicePreference::Cpu => &[],
    };
    let mut obstacles = Vec::new();
    for (kind, attempt) in tries {
        match attempt() {
            Ok((handle, name)) => {
                let reason = match preference {
                    DevicePreference::Auto => "found, and used where it is quicker than the CPU",
                    _ => "asked for in the settings",
                };
                return (Device { kind: *kind, name, reason: reason.into() }, handle);
            }
            Err(obstacle) => obstacles.push(obstacle),
        }
    }
    let reason = if obstacles.is_empty() { "asked for in the settings".into() } else { obstacles.join("; ") };
    (on_cpu(threads, reason), Handle::Cpu)
}

pub(crate) fn on_cpu(threads: usize, reason: String) -> Device {
    Device { kind: DeviceKind::Cpu, name: cpu_name(threads), reason }
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Tried {
    Err("this build has no CUDA".into())
}

#[cfg(feature = "metal")]
fn metal() -> Tried {
    open("Metal", || Ok((Handle::new_metal(0)?, "Apple GPU 0".into())))
}

#[cfg(not(feature = "metal"))]
fn metal() -> Tried {
    Err("this build has no Metal".into())
}

thread_local! {
    static TRYING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread tries a GPU or a file: a panic then is an answer, and no breakdown.
pub fn trying() -> bool {
    TRYING.get()
}

/// What `work` gives; `None` where it panicked, as libraries do over what they did not expect.
pub(crate) fn attempt<T>(work: impl FnOnce() -> T) -> Option<T> {
    TRYING.set(true);
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    TRYING.set(false);
    done.ok()
}

/// The bindings of GPU libraries panic where a library, or a symbol in it, is missing, also in the words of an error.
#[cfg(any(feature = "cuda", feature = "metal", test))]
fn open(kind: &str, new: fn() -> candle_core::Result<(Handle, String)>) -> Tried {
    let tried =
        attempt(|| new().map_err(|error| format!("{kind} found no usable GPU: {}", in_words(&error.to_string()))));
    tried.unwrap_or_else(|| {
        Err(format!("{kind} could not be started: its library is not the one that this build needs"))
    })
}

/// What went wrong, without the backtrace that candle appends; memory that ran out in plain words.
pub(crate) fn in_words(error: &str) -> String {
    const FULL: [&str; 3] =
        ["CUDA_ERROR_OUT_OF_MEMORY", "CUBLAS_STATUS_ALLOC_FAILED", "CURAND_STATUS_ALLOCATION_FAILED"];
    if FULL.iter().any(|name| error.contains(name)) {
        return "its memory is full".into();
    }
    error.lines().next().unwrap_or_default().into()
}

fn cpu_name(threads: usize) -> String {
    let threads = if threads == 1 { "1 thread".into() } else { format!("{threads} threads") };
    format!("{}, {threads}", cpu_model().unwrap_or_else(|| format!("{} CPU", std::env::consts::ARCH)))
}

fn cpu_model() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present() -> Tried {
        Ok((Handle::Cpu, "GPU".into()))
    }

    fn broken() -> Tried {
        let tried = open("CUDA", || {
            assert!(trying());
            panic!("cannot load symbol")
        });
        assert!(!trying());
        tried
    }

    #[test]
    fn says_why_this_device() {
        use DevicePreference::{Auto, Cpu, Cuda, Metal};
        let table: [(DevicePreference, Try, Try, DeviceKind, &str); 7] = [
            (Cpu, present, present, DeviceKind::Cpu, "asked for in the settings"),
            (Auto, present, present, DeviceKind::Cuda, "found, and used where it is quicker than the CPU"),
            (
                Auto,
                || Err("no driver".into()),
                present,
                DeviceKind::Metal,
                "found, and used where it is quicker than the CPU",
            ),
            (Auto, || Err("no driver".into()), || Err("no Metal".into()), DeviceKind::Cpu, "no driver; no Metal"),
            (Cuda, || Err("no driver".into()), present, DeviceKind::Cpu, "no driver"),
            (Metal, present, present, DeviceKind::Metal, "asked for in the settings"),
            (
                Cuda,
                broken,
                present,
                DeviceKind::Cpu,
                "CUDA could not be started: its library is not the one that this build needs",
            ),
        ];
        for (preference, cuda, metal, kind, reason) in table {
            let (device, _) = choose_from(preference, 2, cuda, metal);
            assert_eq!((device.kind, device.reason.as_str()), (kind, reason), "{preference:?}");
        }
    }

    #[test]
    fn what_a_gpu_says_fits_a_line() {
        let table = [
            ("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")", "its memory is full"),
            ("CublasError(CUBLAS_STATUS_ALLOC_FAILED)\n   0: std::backtrace", "its memory is full"),
            ("DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"\")\n   0: x", "DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"\")"),
            ("", ""),
        ];
        for (said, told) in table {
            assert_eq!(in_words(said), told);
        }
    }
}
