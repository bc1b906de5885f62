//! The last minute of one deployment: what was admitted when, and what there is room for. Knows no clock: whoever asks
//! tells the time.

use std::{collections::VecDeque, time::Duration};

use super::{Measure, Quota};

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Default)]
pub struct Window {
    /// Oldest first.
    admitted: VecDeque<Admitted>,
    next: u64,
}

struct Admitted {
    id: u64,
    at: Duration,
    /// An estimate, until it is settled.
    tokens: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There will be room after this time, in whole milliseconds, if nobody else takes it.
    Later { measure: Measure, after: Duration },
    /// More than a minute's tokens.
    Never,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    /// What there is room for now.
    pub remaining: u64,
    /// Until there is room for all of it.
    pub reset: Duration,
}

impl Window {
    /// Admits a request that may take so many tokens, and gives the number to settle it by.
    pub fn admit(&mut self, quota: Quota, tokens: u64, now: Duration) -> Result<u64, Refused> {
        if quota.tokens_per_minute.is_some_and(|most| tokens > most.into()) {
            return Err(Refused::Never);
        }
        while self.admitted.front().is_some_and(|oldest| oldest.at + MINUTE <= now) {
            self.admitted.pop_front();
        }
        let waits = [
            (Measure::Requests, self.until_a_request_fits(quota, now)),
            (Measure::Tokens, self.until_tokens_fit(quota, tokens, now)),
        ];
        let longest =
            waits.into_iter().filter_map(|(measure, wait)| Some((measure, wait?))).max_by_key(|(_, wait)| *wait);
        if let Some((measure, wait)) = longest {
            return Err(Refused::Later { measure, after: whole_millis(wait) });
        }
        let id = self.next;
        self.next += 1;
        self.admitted.push_back(Admitted { id, at: now, tokens });
        Ok(id)
    }

    /// Puts what a request really took in the place of its estimate. One of more than a minute ago counts no more.
    pub fn settle(&mut self, id: u64, tokens: u64) {
        if let Ok(place) = self.place(id) {
            self.admitted[place].tokens = tokens;
        }
    }

    /// As if the request had never come.
    pub fn forget(&mut self, id: u64) {
        if let Ok(place) = self.place(id) {
            self.admitted.remove(place);
        }
    }

    pub fn requests_left(&self, quota: Quota, now: Duration) -> Left {
        let mut left = Left { remaining: u64::MAX, reset: Duration::ZERO };
        for (most, within) in quota.paces() {
            let recent = self.since(within, now);
            left.remaining = left.remaining.min(u64::from(most).saturating_sub(recent.len() as u64));
            let reset = recent.last().map_or(Duration::ZERO, |last| whole_millis(last.at + within - now));
            left.reset = left.reset.max(reset);
        }
        left
    }

    pub fn tokens_left(&self, quota: Quota, now: Duration) -> Left {
        let recent = self.since(MINUTE, now);
        let used: u64 = recent.iter().map(|admitted| admitted.tokens).sum();
        let last = recent.iter().rfind(|admitted| admitted.tokens > 0);
        Left {
            remaining: quota.tokens_per_minute.map_or(u64::MAX, u64::from).saturating_sub(used),
            reset: last.map_or(Duration::ZERO, |last| whole_millis(last.at + MINUTE - now)),
        }
    }

    fn until_a_request_fits(&self, quota: Quota, now: Duration) -> Option<Duration> {
        let wait = |(most, within): (u32, Duration)| {
            let recent = self.since(within, now);
            let oldest_of_all = recent.len().checked_sub(most as usize)?;
            Some(recent[oldest_of_all].at + within - now)
        };
        quota.paces().into_iter().filter_map(wait).max()
    }

    fn until_tokens_fit(&self, quota: Quota, tokens: u64, now: Duration) -> Option<Duration> {
        let most = u64::from(quota.tokens_per_minute?);
        let recent = self.since(MINUTE, now);
        let mut used: u64 = recent.iter().map(|admitted| admitted.tokens).sum();
        let mut wait = None;
        for admitted in recent {
            if used + tokens <= most {
                break;
            }
            used -= admitted.tokens;
            wait = Some(admitted.at + MINUTE - now);
        }
        wait
    }

    fn since(&self, time: Duration, now: Duration) -> Vec<&Admitted> {
        let before = self.admitted.partition_point(|admitted| admitted.at + time <= now);
        self.admitted.range(before..).collect()
    }

    fn place(&self, id: u64) -> Result<usize, usize> {
        self.admitted.binary_search_by_key(&id, |admitted| admitted.id)
    }
}

/// Rounded up: sooner would be too soon.
fn whole_millis(time: Duration) -> Duration {
    Duration::from_millis(time.as_nanos().div_ceil(1_000_000) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn later(measure: Measure, millis: u64) -> Result<(), Refused> {
        Err(Refused::Later { measure, after: at(millis) })
    }

    fn quota(tokens: impl Into<Option<u32>>, requests: impl Into<Option<u32>>) -> Quota {
        Quota { tokens_per_minute: tokens.into(), requests_per_minute: requests.into() }
    }

    /// Requests at their times in milliseconds, each with its tokens and what becomes of it.
    fn check(quota: Quota, table: &[(u64, u64, Result<(), Refused>)]) {
        let mut window = Window::default();
        for (index, (time, tokens, expected)) in table.iter().enumerate() {
            let found = window.admit(quota, *tokens, at(*time)).map(|_| ());
            assert_eq!(found, *expected, "request {index} at {time} ms");
        }
    }

    #[test]
    fn requests_come_evenly() {
        // Twelve a minute: two within ten seconds.
        check(
            quota(None, 12),
            &[
                (0, 1, Ok(())),
                (400, 1, Ok(())),
                (500, 1, later(Measure::Requests, 9_500)),
                (9_999, 1, later(Measure::Requests, 1)),
                (10_000, 1, Ok(())),
                (10_000, 1, later(Measure::Requests, 400)),
                (10_400, 1, Ok(())),
            ],
        );
        // Seven a minute come one by one, in sevenths of it.
        check(quota(None, 7), &[(0, 1, Ok(())), (1, 1, later(Measure::Requests, 8_571)), (8_572, 1, Ok(()))]);
    }

    #[test]
    fn a_minute_never_sees_more_than_its_quota() {
        for requests in [1, 5, 6, 7, 59, 60, 61, 600, 1_000] {
            let (mut window, mut admitted) = (Window::default(), Vec::new());
            for time in (0..180_000).step_by(10) {
                if window.admit(quota(None, requests), 1, at(time)).is_ok() {
                    admitted.push(time);
                }
            }
            for first in &admitted {
                let within = admitted.iter().filter(|time| (*first..first + 60_000).contains(time)).count();
                assert!(within <= requests as usize, "{within} of {requests} from {first} ms on");
            }
            // In three minutes, nearly all that three minutes allow.
            assert!(admitted.len() * 10 >= requests as usize * 29, "{} of {requests}", admitted.len());
        }
    }

    #[test]
    fn tokens_count_for_a_minute() {
        check(
            quota(100, None),
            &[
                (0, 60, Ok(())),
                (10_000, 40, Ok(())),
                (20_000, 1, later(Measure::Tokens, 40_000)),
                (20_000, 70, later(Measure::Tokens, 50_000)),
                (20_000, 101, Err(Refused::Never)),
                (59_999, 60, later(Measure::Tokens, 1)),
                (60_000, 60, Ok(())),
                (60_000, 1, later(Measure::Tokens, 10_000)),
            ],
        );
    }

    #[test]
    fn the_longer_wait_is_told() {
        let both = quota(100, 60);
        check(both, &[(0, 100, Ok(())), (1_000, 1, later(Measure::Tokens, 59_000))]);
        let requests: Vec<_> = (0..10).map(|_| (0, 1, Ok(()))).collect();
        check(both, &[&requests[..], &[(0, 1, later(Measure::Requests, 10_000))]].concat());
    }

    #[test]
    fn what_was_really_taken_counts_in_the_end_and_what_was_refused_does_not() {
        let (mut window, quota) = (Window::default(), quota(100, 6));
        let first = window.admit(quota, 90, at(0)).unwrap();
        window.settle(first, 30);
        assert_eq!(window.tokens_left(quota, at(1_000)), Left { remaining: 70, reset: at(59_000) });
        assert_eq!(window.requests_left(quota, at(1_000)), Left { remaining: 0, reset: at(59_000) });
        window.forget(first);
        assert_eq!(window.tokens_left(quota, at(1_000)), Left { remaining: 100, reset: at(0) });
        let second = window.admit(quota, 100, at(1_000)).unwrap();
        // An answer may be longer than it was taken to be.
        window.settle(second, 130);
        assert_eq!(window.tokens_left(quota, at(2_000)).remaining, 0);
        assert_eq!(
            window.admit(quota, 1, at(11_000)),
            Err(Refused::Later { measure: Measure::Tokens, after: at(50_000) })
        );
        assert!(window.admit(quota, 100, at(61_000)).is_ok());
        // One that ends after its minute changes nothing.
        window.settle(second, 7);
        assert_eq!(window.tokens_left(quota, at(61_000)).remaining, 0);
    }

    #[test]
    fn a_quota_that_changes_counts_at_once() {
        let mut window = Window::default();
        window.admit(quota(100, None), 100, at(0)).unwrap();
        assert!(window.admit(quota(100, None), 50, at(1_000)).is_err());
        assert!(window.admit(quota(150, None), 50, at(1_000)).is_ok());
        assert!(window.admit(quota(120, None), 1, at(1_000)).is_err());
    }
}
