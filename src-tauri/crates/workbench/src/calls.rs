//! What a workspace's programs asked of the gateway: the calls as recorded, and what the latest of them sent and got.

use gateway::{Body, End, Exchange};
use jiff::Timestamp;

use crate::{Problem, Workbench, pack, record, view};

/// Calls that a screen shows at most, the newest.
const SHOWN: u32 = 200;

impl Workbench {
    /// What this workspace's key called, oldest first.
    pub fn gateway_calls(&self, slug: &str) -> Result<Vec<view::Call>, Problem> {
        let lab = pack::lab(&*self.pack()?, slug)?;
        let Some(workspace) = self.journal.workspace_of_lab(lab.id)? else { return Ok(Vec::new()) };
        let calls = self.journal.calls(workspace.id, Timestamp::MIN..=Timestamp::MAX, SHOWN)?;
        Ok(calls.into_iter().map(record::view_of).collect())
    }

    /// What the call of this moment sent and got; `None` where it is kept no longer, or another process answered it.
    pub fn gateway_exchange(&self, slug: &str, at: &str) -> Result<Option<view::Exchange>, Problem> {
        let lab = pack::lab(&*self.pack()?, slug)?;
        let Some(workspace) = self.journal.workspace_of_lab(lab.id)? else { return Ok(None) };
        let kept = at.parse::<Timestamp>().ok().and_then(|at| self.door.exchange(workspace.id, at));
        Ok(kept.map(shown))
    }
}

fn shown(Exchange { request, response }: Exchange) -> view::Exchange {
    view::Exchange { request: body(request), response: body(response) }
}

fn body(Body { bytes, size, end }: Body) -> view::ExchangeBody {
    let cut = size > bytes.len() as u64;
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => Some(text),
        // It ends within a character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    };
    view::ExchangeBody {
        text: text.map(str::to_owned),
        size: size as f64,
        cut,
        end: match end {
            End::Open => view::BodyEnd::Open,
            End::Whole => view::BodyEnd::Whole,
            End::Broken => view::BodyEnd::Broken,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_as_far_as_it_goes_or_told_by_its_size() {
        for (what, bytes, size, text, cut) in [
            ("whole", b"{}".as_slice(), 2, Some("{}"), false),
            ("empty", b"".as_slice(), 0, Some(""), false),
            ("cut", b"abc".as_slice(), 900, Some("abc"), true),
            ("cut within a letter", "aß".as_bytes().split_last().unwrap().1, 900, Some("a"), true),
            ("not text", b"a\xff\x00b".as_slice(), 4, None, false),
        ] {
            let shown = body(Body { bytes: bytes.to_vec(), size, end: End::Whole });
            assert_eq!((shown.text.as_deref(), shown.size, shown.cut), (text, size as f64, cut), "{what}");
        }
    }
}
