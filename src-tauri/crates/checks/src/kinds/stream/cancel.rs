//! What a service does once its client has hung up: it must not keep the model at work for nobody.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Stream;
use crate::{
    Context, Request, Streamed,
    excerpt::count,
    finding::{Failure, Halt},
};

/// How long a call may take to be recorded after its client hung up.
const RECORDED_WITHIN: Duration = Duration::from_secs(5);

/// After which a service without a call on record counts as one that calls no model.
const NONE_WITHIN: Duration = Duration::from_secs(2);

/// How the model's calls ended since `began`, where one did not end with its client. A call is recorded once it has ended, and
/// there were two requests: where one call alone is on record, the other is still under way. A service that called no model
/// has none.
async fn worked_on(began: Timestamp, context: &Context<'_>) -> Result<Option<String>, Halt> {
    let waited = Instant::now();
    loop {
        let calls = context.probe.calls(began, Timestamp::MAX).await?;
        let mut ended = calls.iter().filter(|call| !call.injected && call.started);
        match (ended.next(), ended.next()) {
            (Some(first), _) if first.status != 499 => {
                let tokens = count(first.completion_tokens as usize, "token");
                return Ok(Some(format!("status {}, {tokens}", first.status)));
            }
            (Some(_), Some(_)) => return Ok(None),
            (Some(_), None) if waited.elapsed() > RECORDED_WITHIN => {
                let seconds = RECORDED_WITHIN.as_secs();
                return Ok(Some(format!("{seconds} s later, a call of the model is still under way")));
            }
            (None, _) if waited.elapsed() > NONE_WITHIN => return Ok(None),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Stream {
    /// Asks once more, which a service that is still busy with the client that left cannot answer, and reads in the
    /// gateway's record how the first call of the model ended.
    pub(super) async fn after_cancelling(
        &self,
        request: &Request,
        began: Timestamp,
        context: &Context<'_>,
    ) -> Result<Option<Failure>, Halt> {
        let mut first = None;
        let mut any = |piece: &crate::Piece| {
            first.get_or_insert(piece.at);
            true
        };
        let again = context.probe.stream(request, &mut any).await?;
        if let Some(actual) = worked_on(began, context).await? {
            let failure = Failure::new("The service let the model work on after its client had hung up.");
            return Ok(Some(
                failure.expected("the call of the model ends early, with status 499").actual(actual).next(
                    "End the call of the model when the client is gone: stream it inside `with`, and let the \
                     handler's generator be closed.",
                ),
            ));
        }
        let most = self.first_within_ms.map(Duration::from_millis);
        let in_time = first.is_some_and(|first| most.is_none_or(|most| first <= most));
        if in_time {
            return Ok(None);
        }
        let actual = match (first, again) {
            (Some(first), _) => format!("the first piece after {} ms", first.as_millis()),
            (None, Streamed::Begun { .. }) => "an answer without content".to_owned(),
            (None, Streamed::Nothing(_)) => "no answer".to_owned(),
        };
        let wish = most.map_or("the next request is answered".to_owned(), |most| {
            format!("the next request is answered within {} ms", most.as_millis())
        });
        Ok(Some(
            Failure::new("After a client had hung up, the service did not answer the next one as it should.")
                .expected(wish)
                .actual(actual)
                .next("Look for what still works for the client that left: the handler must end with the connection."),
        ))
    }
}
