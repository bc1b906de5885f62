//! What the desktop tells while the window is not looked at: that long work is done, or that it failed.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use workbench::{Event, TaskId, TaskStep};

/// Shorter work is awaited, not left alone.
const LONG: Duration = Duration::from_secs(5);

/// The work that goes on: its title and when it began.
#[derive(Default)]
pub struct Notifications(HashMap<TaskId, (String, Instant)>);

impl Notifications {
    /// Hears every event. Asks whether the window is looked at only when there is something to tell.
    pub fn hear(&mut self, event: &Event, is_looked_at: impl FnOnce() -> bool) {
        if let Some((summary, body)) = self.told(event, Instant::now())
            && !is_looked_at()
        {
            // The desktop may take its time, or not be there at all.
            std::thread::spawn(move || show(&summary, &body));
        }
    }

    /// What there is to tell of an event, if anything.
    fn told(&mut self, event: &Event, now: Instant) -> Option<(String, String)> {
        let Event::Task { task, step } = event else { return None };
        if let TaskStep::Started { title } = step {
            self.0.insert(*task, (title.clone(), now));
            return None;
        }
        let (done, body) = match step {
            TaskStep::Finished => ("Done", String::new()),
            TaskStep::Failed { problem } => ("Failed", format!("{} {}", problem.message, problem.next_step)),
            TaskStep::Cancelled => {
                self.0.remove(task);
                return None;
            }
            _ => return None,
        };
        let (title, began) = self.0.remove(task)?;
        (now.duration_since(began) >= LONG).then(|| (format!("{done}: {title}"), body))
    }
}

fn show(summary: &str, body: &str) {
    let mut notification = notify_rust::Notification::new();
    notification.appname("Groundwork").summary(summary).body(body).icon("groundwork-window");
    #[cfg(target_os = "linux")]
    notification.hint(notify_rust::Hint::DesktopEntry("Groundwork".into()));
    if let Err(error) = notification.show() {
        tracing::debug!(%error, "the desktop shows no notifications");
    }
}

#[cfg(test)]
mod tests {
    use workbench::{Owner, Problem};

    use super::*;

    #[test]
    fn long_work_is_told_of_once_and_what_was_cancelled_is_not() {
        let mut notifications = Notifications::default();
        let began = Instant::now();
        let mut at =
            |task, seconds, step| notifications.told(&Event::Task { task, step }, began + Duration::from_secs(seconds));
        let started = |title: &str| TaskStep::Started { title: title.into() };
        let problem = Problem {
            code: "a.b".into(),
            message: "The disk is full.".into(),
            next_step: "Make room.".into(),
            owner: Owner::Learner,
        };
        for task in 1..=4 {
            assert_eq!(at(task, 0, started("Building an image")), None);
        }
        assert_eq!(at(1, 4, TaskStep::Finished), None, "it was short");
        assert_eq!(at(2, 60, TaskStep::Output { text: "a line".into() }), None);
        assert_eq!(at(2, 60, TaskStep::Finished), Some(("Done: Building an image".into(), String::new())));
        assert_eq!(at(2, 60, TaskStep::Finished), None, "it was told of");
        let failed = ("Failed: Building an image".into(), "The disk is full. Make room.".into());
        assert_eq!(at(3, 60, TaskStep::Failed { problem }), Some(failed));
        assert_eq!(at(4, 60, TaskStep::Cancelled), None);
        assert!(notifications.0.is_empty());
    }
}
