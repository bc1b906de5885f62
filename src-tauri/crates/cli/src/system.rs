//! `groundwork doctor`.

use console::style;
use workbench::{Problem, view::FindingState};

use crate::{Ended, Run};

pub async fn doctor(run: &Run) -> Result<Ended, Problem> {
    let findings = run.workbench.doctor().await;
    let mut ended = Ended::Well;
    for finding in &findings {
        run.draw.json("finding", finding);
        let mark = match finding.state {
            FindingState::Good => style("good   ").green(),
            FindingState::Warning => style("warning").yellow(),
            FindingState::Bad => style("bad    ").red().bold(),
        };
        run.draw.say(format!("{mark}  {:<12} {}", finding.name, finding.detail));
        if let Some(next) = &finding.next_step {
            run.draw.say(format!("         {} {next}", style("next").cyan()));
        }
        if finding.state == FindingState::Bad {
            ended = Ended::YourMove;
        }
    }
    Ok(ended)
}
