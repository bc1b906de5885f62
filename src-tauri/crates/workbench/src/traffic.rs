//! What a workspace's programs did at the gateway, told to whoever serves that workspace.

use std::time::Duration;

use tokio::{
    sync::broadcast::{
        self,
        error::{RecvError, TryRecvError},
    },
    time::sleep,
};
use uuid::Uuid;

/// A burst of calls is told once.
const BURST: Duration = Duration::from_millis(300);
/// Of tidings that nobody has taken yet; the oldest give way.
const WAITING: usize = 256;

/// What was heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    pub calls: bool,
    pub spans: bool,
}

const EVERYTHING: Heard = Heard { calls: true, spans: true };

impl Heard {
    fn and(self, other: Self) -> Self {
        Self { calls: self.calls || other.calls, spans: self.spans || other.spans }
    }
}

#[derive(Debug, Clone)]
pub struct Traffic(broadcast::Sender<(Uuid, Heard)>);

impl Traffic {
    pub fn new() -> Self {
        Self(broadcast::channel(WAITING).0)
    }

    pub fn tell(&self, workspace: Uuid, heard: Heard) {
        let _ = self.0.send((workspace, heard));
    }

    /// What one workspace's programs do from now on.
    pub fn of(&self, workspace: Uuid) -> Ear {
        Ear { workspace, tidings: self.0.subscribe() }
    }
}

pub struct Ear {
    workspace: Uuid,
    tidings: broadcast::Receiver<(Uuid, Heard)>,
}

impl Ear {
    /// Waits for the next burst to be over; `None` once nobody can tell of any.
    pub async fn next(&mut self) -> Option<Heard> {
        let mut heard = None;
        while heard.is_none() {
            match self.tidings.recv().await {
                Ok(tiding) => heard = self.ours(tiding),
                Err(RecvError::Lagged(_)) => heard = Some(EVERYTHING),
                Err(RecvError::Closed) => return None,
            }
        }
        sleep(BURST).await;
        loop {
            let more = match self.tidings.try_recv() {
                Ok(tiding) => self.ours(tiding),
                Err(TryRecvError::Lagged(_)) => Some(EVERYTHING),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return heard,
            };
            heard = heard.zip(more).map(|(heard, more)| heard.and(more)).or(heard);
        }
    }

    fn ours(&self, (whose, heard): (Uuid, Heard)) -> Option<Heard> {
        (whose == self.workspace).then_some(heard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_is_told_once_and_only_to_its_workspace() {
        const CALL: Heard = Heard { calls: true, spans: false };
        let (ours, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let traffic = Traffic::new();
        let (mut ear, mut elsewhere) = (traffic.of(ours), traffic.of(other));
        for _ in 0..3 {
            traffic.tell(ours, CALL);
        }
        traffic.tell(other, Heard { calls: false, spans: true });
        assert_eq!(ear.next().await, Some(CALL));
        assert_eq!(elsewhere.next().await, Some(Heard { calls: false, spans: true }));
        for _ in 0..WAITING * 2 {
            traffic.tell(other, CALL);
        }
        assert_eq!(ear.next().await, Some(EVERYTHING), "what was missed may have been ours");
        drop(traffic);
        assert_eq!(ear.next().await, None);
    }
}
