//! Sees to it that every call of a tool has its result and every result its call, as OpenAI's interfaces do.

use inference::Message;

/// The first message that is not paired, by its index, and what to say of it. Results come right after the message that
/// calls, in any order.
pub(crate) fn unpaired(messages: &[Message]) -> Option<(usize, String)> {
    let mut open: Vec<&str> = Vec::new();
    let mut caller = 0;
    let unanswered = |caller, open: &[&str]| {
        let id = open.first()?;
        Some((caller, format!("The tool call {id:?} has no result. Send one for each call, right after it.")))
    };
    for (index, message) in messages.iter().enumerate() {
        let Some(id) = &message.tool_call else {
            if !open.is_empty() {
                return unanswered(caller, &open);
            }
            open = message.tool_calls.iter().map(|call| call.id.as_str()).collect();
            caller = index;
            continue;
        };
        match open.iter().position(|known| known == id) {
            Some(known) => {
                open.remove(known);
            }
            None => return Some((index, format!("No tool call {id:?} right before it waits for this result."))),
        }
    }
    unanswered(caller, &open)
}
