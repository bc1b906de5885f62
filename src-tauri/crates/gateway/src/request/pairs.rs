//! Sees to it that every call of a tool has its result and every result its call, as OpenAI's interfaces do.

use inference::Message;

use crate::refusal::Refusal;

/// Refuses the first message that is not paired; `place` names a message by its index. Results come right after the
/// message that calls, in any order.
pub(crate) fn check(messages: &[Message], place: impl Fn(usize) -> String) -> Result<(), Refusal> {
    let refuse = |index, why: String| {
        let place = place(index);
        let message = format!("'{place}' {why}");
        Err(Refusal::of(place, "invalid_value", message))
    };
    let unanswered = |caller, open: &[&str]| match open.first() {
        Some(id) => refuse(caller, format!("calls a tool as {id:?}, and no result of it comes right after. Send one.")),
        None => Ok(()),
    };
    let mut open: Vec<&str> = Vec::new();
    let mut caller = 0;
    for (index, message) in messages.iter().enumerate() {
        let Some(id) = &message.tool_call else {
            unanswered(caller, &open)?;
            open = message.tool_calls.iter().map(|call| call.id.as_str()).collect();
            caller = index;
            continue;
        };
        match open.iter().position(|known| known == id) {
            Some(known) => {
                open.remove(known);
            }
            None => return refuse(index, format!("has the result of {id:?}, and no tool is called so right before.")),
        }
    }
    unanswered(caller, &open)
}
