//! `quiz`: the learner's answer to a question. A wrong answer is told why it is wrong, never what would be right.

use std::collections::BTreeSet;

use async_trait::async_trait;
use curriculum::{Check, Lab};
use serde::Deserialize;

use crate::{
    Context, Place,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    registry::{Kind, Setting, read},
};

pub const KIND: Kind = Kind {
    name: "quiz",
    doc: "The learner's answer to a question with given options.",
    settings: &[
        Setting::required("question", "Markdown", "What is asked."),
        Setting::required("options", "list of tables", "What can be chosen.").fields(&[
            Setting::required("id", "text", "Stable: answers are kept by it."),
            Setting::required("text", "Markdown", "What the learner reads."),
            Setting::new("why", "text", "Why the option is right or wrong; every wrong one needs it."),
        ]),
        Setting::required("answer", "list of ids", "The right options. With more than one, all must be chosen."),
    ],
    read: read::<Quiz>,
};

/// A question. `answer` is for the check alone: show it to nobody who has not answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    pub question: String,
    pub options: Vec<Choice>,
    pub answer: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: String,
    pub text: String,
    #[serde(default)]
    pub why: Option<String>,
}

/// The question of a check of the kind `quiz`.
pub fn quiz(check: &Check) -> Option<Quiz> {
    let settings = (check.kind == KIND.name).then(|| check.settings.clone())?;
    Quiz::deserialize(toml::Value::Table(settings)).ok()
}

#[async_trait]
impl Judge for Quiz {
    fn sources(&self) -> Sources {
        Sources { answers: true, ..Sources::default() }
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut ids = BTreeSet::new();
        for (index, option) in self.options.iter().enumerate() {
            if !ids.insert(&option.id) {
                let message = format!("two options have the id `{}`", option.id);
                wrong.push(Wrong::new(format!("options[{index}].id"), message, "Give this one another id."));
            }
            if option.why.is_none() && !self.answer.contains(&option.id) {
                let message = format!("the wrong option `{}` does not say why it is wrong", option.id);
                wrong.push(Wrong::new(format!("options[{index}]"), message, "Add `why`."));
            }
        }
        if self.options.len() < 2 {
            wrong.push(Wrong::new("options", "there is nothing to choose between", "Write at least two options."));
        }
        if self.answer.is_empty() {
            wrong.push(Wrong::new("answer", "no option is right", "Name the right ones by their ids."));
        }
        for (index, id) in self.answer.iter().enumerate().filter(|(_, id)| !ids.contains(id)) {
            let message = format!("no option has the id `{id}`");
            wrong.push(Wrong::new(format!("answer[{index}]"), message, "Name an option by its id."));
        }
        wrong
    }

    async fn judge(&self, check: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let chosen = context.probe.quiz_answer(check).await?.unwrap_or_default();
        let chosen: Vec<&Choice> = self.options.iter().filter(|option| chosen.contains(&option.id)).collect();
        let failure = |summary: &str| Failure::new(summary).at(Place::Quiz { check: check.to_owned() });
        if chosen.is_empty() {
            return Err(failure("Not answered yet.").next("Choose an answer.").into());
        }
        let texts = chosen.iter().map(|option| option.text.as_str()).collect::<Vec<_>>().join("; ");
        if let Some(wrong) = chosen.iter().find(|option| !self.answer.contains(&option.id)) {
            let why = wrong.why.as_deref().unwrap_or("This option is wrong.");
            return Err(failure(why).actual(wrong.text.as_str()).next("Think it over and choose again.").into());
        }
        if chosen.len() < self.answer.len() {
            let summary = "What you chose is right, but not all of it.";
            return Err(failure(summary).actual(texts).next("Look for what else is right.").into());
        }
        let why = chosen.iter().filter_map(|option| option.why.as_deref()).collect::<Vec<_>>().join(" ");
        Ok(Passed::new(if why.is_empty() { "Right.".to_owned() } else { format!("Right. {why}") }))
    }
}
