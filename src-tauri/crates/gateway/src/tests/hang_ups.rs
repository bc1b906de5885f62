//! Clients that are gone.

use super::*;

const CLIENTS: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_that_hang_up_in_mid_stream_leave_nothing_behind() {
    let words = "one two three ".repeat(10_000);
    let model = ScriptedModel::saying(&words).with_context(u32::MAX).slowly(Duration::from_millis(5));
    let limits = Limits { answers: 64, ..Limits::default() };
    let world = World::within(limits, model).await;
    let asks = [
        chat_with(r#""stream": true"#),
        chat_with(r#""stream": true, "n": 2"#),
        with(COMPLETIONS, r#"{"model": "scripted", "prompt": "a"}"#, r#""stream": true, "max_tokens": 30000"#),
        with(RESPONSES, r#"{"model": "scripted", "input": "a"}"#, r#""stream": true"#),
    ];
    let mut before = None;
    for round in 0..CLIENTS / 50 {
        let clients = (0..50).map(|number| hang_up(&world, &asks[number % asks.len()]));
        futures::future::join_all(clients).await;
        let expected = (round + 1) * 50;
        for _ in 0..1000 {
            if world.calls().len() == expected && world.model.active() == 0 {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!((world.calls().len(), world.model.active()), (expected, 0), "after {round} rounds");
        // The first rounds fill pools that stay.
        if round == 4 {
            before = resident();
        }
    }
    let calls = world.calls();
    assert!(calls.iter().all(|call| call.status == 499 && call.stream && call.completion_tokens > 0));
    if let (Some(before), Some(after)) = (before, resident()) {
        assert!(after < before + (24 << 20), "memory grew from {before} to {after} bytes");
    }
    // Every place is free again.
    for _ in 0..64 {
        let status = world.send(&chat_with(r#""max_tokens": 1"#)).await.status;
        assert_eq!(status, 200);
    }
}

/// Reads until the first token, and drops the socket.
async fn hang_up(world: &World, ask: &Ask) {
    let mut stream = world.open(ask).await;
    let mut seen = String::new();
    while !seen.contains("one") {
        let mut bytes = [0; 4096];
        let count = timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.expect("no token came").unwrap();
        assert!(count > 0, "the gateway hung up first: {seen}");
        seen += &String::from_utf8_lossy(&bytes[..count]);
    }
}

/// Bytes of memory that this process holds, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(status.split(' ').nth(1)?.parse::<u64>().ok()? * 4096)
}
