//! `groundwork collection compare`.

use console::style;
use workbench::{
    Event, Problem,
    view::{Compare, Comparison, ContenderResult, Criteria, Recommendation},
};

use crate::{Ended, Run, arguments::CompareArguments};

pub async fn run(run: &mut Run, arguments: CompareArguments) -> Result<Ended, Problem> {
    let CompareArguments { collection, namespace, conditions, qdrant, pinecone, pgvector, key_file, vectors, weights } =
        arguments;
    let key_file = key_file.map(|file| file.display().to_string());
    let task = run.workbench.compare_collection(Compare {
        collection,
        namespace,
        conditions,
        qdrant,
        pinecone,
        pgvector,
        key_file,
        vectors,
        weights,
    });
    let draw = run.draw;
    let events = run.follow(task, |line| draw.say(line)).await?;
    let compared = events.into_iter().find_map(|event| match event {
        Event::Compared { comparison, .. } => Some(comparison),
        _ => None,
    });
    if let Some(compared) = compared {
        for contender in &compared.contenders {
            draw.json("contender", contender);
        }
        draw.json("recommendation", &compared.recommendation);
        draw.say(table(&compared));
        draw.say(recommended(&compared.recommendation));
    }
    Ok(Ended::Well)
}

fn table(compared: &Comparison) -> String {
    let Comparison { points, compared: taken, matching, questions, conditions, .. } = compared;
    let filter: Vec<String> = conditions.iter().map(|(field, value)| format!("{field}={value}")).collect();
    let filter = match filter.as_slice() {
        [] => String::new(),
        conditions => format!(", {matching} of them with {}", conditions.join(" and ")),
    };
    let head = format!("{taken} of {points} points{filter}; {questions} questions, one after another");
    let names = ["recall@10", "p50", "p95", "load", "build", "memory", "disk"];
    let names: String = names.iter().map(|name| format!("{name:>11}")).collect();
    let rows: Vec<String> = compared.contenders.iter().map(row).collect();
    format!("{head}\n\n{:<9}{names}\n{}\n", "", rows.join("\n"))
}

fn row(contender: &ContenderResult) -> String {
    let name = style(format!("{:<9}", contender.name)).bold();
    let mut row = match (&contender.figures, &contender.problem) {
        (Some(figures), _) => {
            let bytes = |bytes: Option<f64>| bytes.map_or_else(|| "-".into(), |bytes| format!("{:.1} MB", bytes / 1e6));
            let cells = [
                format!("{:.3}", figures.recall),
                format!("{:.2} ms", figures.p50_millis),
                format!("{:.2} ms", figures.p95_millis),
                format!("{:.1} s", figures.load_seconds),
                format!("{:.1} s", figures.build_seconds),
                bytes(figures.memory_bytes),
                bytes(figures.disk_bytes),
            ];
            let cells: String = cells.iter().map(|cell| format!("{cell:>11}")).collect();
            format!("{name}{cells}  {}", style(&contender.what).dim())
        }
        (None, Some(problem)) => format!("{name}  not measured. {} {}", problem.message, problem.next_step),
        (None, None) => format!("{name}  not measured"),
    };
    if let Some(left) = &contender.left_behind {
        row = format!("{row}\n{:<9}  {} {}", "", left.message, left.next_step);
    }
    row
}

fn recommended(recommendation: &Recommendation) -> String {
    let Recommendation { best, standings, reasons, would_change, weights } = recommendation;
    let mut lines = vec![match best {
        Some(best) => format!("Take {}.", style(best).bold()),
        None => "Take none of them yet.".into(),
    }];
    lines.extend(reasons.iter().map(|reason| format!("  {reason}")));
    lines.push("What would change the answer:".into());
    lines.extend(would_change.iter().map(|change| format!("  {change}")));
    let names: String = ["score", "recall", "latency", "build", "space", "operations"]
        .iter()
        .map(|name| format!("{name:>11}"))
        .collect();
    lines.push(format!("\n{:<9}{names}", ""));
    lines.push(format!("{:<9}{:>11}{}", "weights", "", cells(weights, |weight| format!("{:.0}%", weight * 100.0))));
    lines.extend(standings.iter().map(|standing| {
        let parts = cells(&standing.parts, |part| format!("{part:.2}"));
        format!("{:<9}{:>11.2}{parts}", standing.name, standing.score)
    }));
    lines.join("\n")
}

fn cells(criteria: &Criteria, told: impl Fn(f64) -> String) -> String {
    let Criteria { recall, latency, build, space, operations } = *criteria;
    [recall, latency, build, space, operations].map(|number| format!("{:>11}", told(number))).concat()
}
