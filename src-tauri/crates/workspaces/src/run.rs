//! Running a program to its end under caps on time, memory and output.
//!
//! Never judges the result: an exit code other than 0 is a result like any other.

use std::{
    process::ExitStatus,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use checks::{Exit, Ran};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    task::JoinSet,
    time::timeout,
};

use crate::process::{Launch, spawn};

/// The longest line kept of a log; the rest of the line is dropped.
const LINE: usize = 4096;

/// Runs `launch` and everything that it starts; nothing of it lives on when this returns or is dropped.
pub(crate) async fn run(
    launch: &Launch,
    input: Option<String>,
    limit: Duration,
    output_cap: usize,
) -> std::io::Result<Ran> {
    let started = Instant::now();
    let (mut child, tree) = spawn(launch, input.is_some())?;
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        // A program that does not read its input closes the pipe, and that is its right.
        tokio::spawn(async move { stdin.write_all(input.as_bytes()).await });
    }
    let mut reading = JoinSet::new();
    let stdout = capture(&mut reading, child.stdout.take(), output_cap);
    let stderr = capture(&mut reading, child.stderr.take(), output_cap);

    let status = timeout(limit, child.wait()).await;
    let elapsed = started.elapsed();
    // What it left behind ends with it, also so that the pipes close.
    tree.kill();
    let status = match status {
        Ok(status) => Some(status?),
        Err(_) => {
            child.wait().await?;
            None
        }
    };
    let _ = timeout(Duration::from_secs(1), async { while reading.join_next().await.is_some() {} }).await;

    let (stdout, out_cut) = text(&stdout);
    let (stderr, err_cut) = text(&stderr);
    Ok(Ran { exit: exit(status, &stderr), stdout, stderr, cut: out_cut || err_cut, elapsed })
}

#[derive(Default)]
struct Captured {
    bytes: Vec<u8>,
    cut: bool,
}

type Shared = Arc<Mutex<Captured>>;

/// Reads a stream to its end, keeping the first `cap` bytes.
fn capture(reading: &mut JoinSet<()>, stream: Option<impl AsyncRead + Unpin + Send + 'static>, cap: usize) -> Shared {
    let shared = Shared::default();
    let kept = Arc::clone(&shared);
    reading.spawn(async move {
        let Some(mut stream) = stream else { return };
        let mut chunk = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut chunk).await {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let room = cap.saturating_sub(kept.bytes.len()).min(count);
            kept.bytes.extend_from_slice(&chunk[..room]);
            kept.cut |= room < count;
        }
    });
    shared
}

/// What was kept, without the half of a character that a cut may leave.
fn text(shared: &Shared) -> (String, bool) {
    let kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let whole = match std::str::from_utf8(&kept.bytes) {
        Err(error) if kept.cut && error.error_len().is_none() => &kept.bytes[..error.valid_up_to()],
        _ => &kept.bytes[..],
    };
    (String::from_utf8_lossy(whole).into_owned(), kept.cut)
}

fn exit(status: Option<ExitStatus>, stderr: &str) -> Exit {
    let Some(status) = status else { return Exit::TimedOut };
    if !status.success() && out_of_memory(stderr) {
        return Exit::OutOfMemory;
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Exit::Signal(signal);
    }
    Exit::Code(status.code().unwrap_or(-1))
}

/// A refused allocation shows only in the last words of the program: Python's, C++'s, Rust's, Node's, Go's, the C library's.
fn out_of_memory(stderr: &str) -> bool {
    stderr.lines().rev().take(8).any(|line| {
        line.starts_with("MemoryError")
            || [
                "std::bad_alloc",
                "memory allocation of ",
                "heap out of memory",
                "runtime: out of memory",
                "Cannot allocate memory",
            ]
            .iter()
            .any(|words| line.contains(words))
    })
}

/// Calls `each` for every line of a stream, to its end. A line longer than a page is cut.
pub(crate) async fn lines(stream: impl AsyncRead + Unpin, mut each: impl FnMut(&str)) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while let Ok(buffer @ [_, ..]) = stream.fill_buf().await {
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        line.extend_from_slice(&part[..part.len().min(LINE.saturating_sub(line.len()))]);
        let used = part.len() + usize::from(end.is_some());
        if end.is_some() {
            each(String::from_utf8_lossy(&line).trim_end_matches('\r'));
            line.clear();
        }
        stream.consume(used);
    }
    if !line.is_empty() {
        each(&String::from_utf8_lossy(&line));
    }
}
