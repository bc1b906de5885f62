//! The authors' reference of every kind of check, as Markdown, from the registry alone.

use std::fmt::Write as _;

use crate::{Setting, kinds};

/// One section a kind, one row a setting; the keys of a setting's table follow it.
pub fn reference() -> String {
    let mut page = String::from(
        "# The kinds of check\n\n\
         Made from the registry by `groundwork pack kinds`; change the words there, beside the code that they describe.\n\n\
         Every check has `id`, `title` and `kind`, and may have `after`, `watches`, `faults`, `hints` and `hint_when`; see\n\
         [labs/README.md](../labs/README.md). The settings below stand beside them, in the check's own table.\n\
         A *pattern* is a regular expression, alone or as `{ pattern = \"...\", means = \"words for the learner\" }`.\n",
    );
    for kind in kinds() {
        let _ = write!(page, "\n## `{}`\n\n{}\n\n", kind.name, kind.doc);
        page.push_str("| setting | value | |\n|---|---|---|\n");
        rows(&mut page, "", kind.settings);
    }
    page
}

fn rows(page: &mut String, around: &str, settings: &[Setting]) {
    for setting in settings {
        let name = format!("{around}{}", setting.name);
        let required = if setting.required { " Required." } else { "" };
        let doc = setting.doc.replace('|', "\\|");
        let _ = writeln!(page, "| `{name}` | {} | {doc}{required} |", setting.value);
        let inside = if setting.value.contains("list of tables") { "[]." } else { "." };
        rows(page, &format!("{name}{inside}"), setting.fields);
    }
}
