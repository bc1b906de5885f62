use tokio::sync::mpsc;

use super::*;

async fn steps_of(work: impl Future<Output = Result<(), Problem>> + Send + 'static, cancel: bool) -> Vec<TaskStep> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let tasks = Tasks::new(Events::new(sender));
    let mut started = None;
    let id = tasks.start("Work", |handle| {
        started = Some(handle.cancellation.clone());
        async move {
            tokio::select! {
                () = handle.cancellation.cancelled() => Err(Problem::cancelled()),
                ended = work => ended,
            }
        }
    });
    if cancel {
        tasks.cancel(id);
    }
    let mut steps = Vec::new();
    while let Some(Event::Task { step, .. }) = receiver.recv().await {
        let last = matches!(step, TaskStep::Finished | TaskStep::Failed { .. } | TaskStep::Cancelled);
        steps.push(step);
        if last {
            break;
        }
    }
    tokio::task::yield_now().await;
    assert!(receiver.try_recv().is_err(), "a task says nothing after its last word");
    steps
}

#[tokio::test]
async fn a_task_ends_exactly_once() {
    let started = TaskStep::Started { title: "Work".into() };
    assert_eq!(steps_of(async { Ok(()) }, false).await, [started.clone(), TaskStep::Finished]);
    assert_eq!(steps_of(std::future::pending(), true).await, [started.clone(), TaskStep::Cancelled]);
    let problem = Problem::new("lab.unknown", "No such lab.", "Run `groundwork plan`.");
    let failed = TaskStep::Failed { problem: problem.clone() };
    assert_eq!(steps_of(async { Err(problem) }, false).await, [started.clone(), failed]);
    let steps = steps_of(async { panic!("a broken piece of work") }, false).await;
    assert!(matches!(&steps[1], TaskStep::Failed { problem } if problem.owner == crate::Owner::Product), "{steps:?}");
}

#[tokio::test]
async fn the_end_of_all_tasks_waits_for_what_they_take_away() {
    let (sender, _receiver) = mpsc::unbounded_channel();
    let tasks = Tasks::new(Events::new(sender));
    let taken_away = Arc::new(AtomicU32::new(0));
    for _ in 0..2 {
        let taken_away = taken_away.clone();
        tasks.start("Work", |handle| async move {
            handle.cancellation.cancelled().await;
            sleep(Duration::from_millis(100)).await;
            taken_away.fetch_add(1, Ordering::Relaxed);
            Err(Problem::cancelled())
        });
    }
    tasks.end_all().await;
    assert_eq!(taken_away.load(Ordering::Relaxed), 2);
}
