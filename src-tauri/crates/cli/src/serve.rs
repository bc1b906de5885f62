//! `groundwork serve`: the gateway without a window.

use console::style;
use serde_json::json;
use workbench::{Event, Problem};

use crate::{Ended, Run};

pub async fn serve(run: &mut Run) -> Result<Ended, Problem> {
    run.workbench.open_gateway().await;
    let state = run.workbench.gateway();
    let Some(url) = state.url else {
        return Err(state.problem.unwrap_or_else(|| Problem::broken("The gateway did not start.")));
    };
    let key = run.workbench.run_key()?;
    run.draw.json("serving", &json!({ "url": url, "key": key }));
    run.draw.say(format!("Serving at {}", style(&url).bold()));
    run.draw.say("Each workspace has its own key in .groundwork/activate. For anything else, until Ctrl-C:\n");
    run.draw.say(format!("  export OPENAI_BASE_URL={url}\n  export OPENAI_API_KEY={key}\n"));
    // Asked for once: a signal that came between two waits would be lost.
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut terminated = std::pin::pin!(terminated());
    loop {
        tokio::select! {
            _ = &mut interrupted => return Ok(Ended::Well),
            () = &mut terminated => return Ok(Ended::Well),
            event = run.events.recv() => {
                let Some(event) = event else { return Ok(Ended::Well) };
                run.draw.event(&event);
                if let Event::GatewayCall { call, .. } = event {
                    let tokens = format!("{} + {} tokens", call.prompt_tokens, call.completion_tokens);
                    run.draw.say(format!(
                        "{}  {} {}  {}  {tokens}  {:.0} ms",
                        call.at, call.method, call.path, call.status, call.millis
                    ));
                }
            }
        }
    }
}

/// Ends when the process is asked to end.
pub async fn terminated() {
    #[cfg(unix)]
    if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        signal.recv().await;
        return;
    }
    std::future::pending::<()>().await;
}
