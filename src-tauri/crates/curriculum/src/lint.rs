//! What an author should hear of beyond what keeps a pack from loading: links that lead nowhere, pictures without words,
//! directives that cannot be read, a lab without a solution, a mutant that names no check.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    Lab, Pack, Place, Problem, Role, When,
    calls::calls,
    entries::entries,
    guide::{Image, MOST_FIGURE_BYTES, Page, PageStyle, Run, figure_kind, style},
    mutants, nearest,
    path::unfit,
    problem::in_order,
};

/// Everything that is wrong with the pages, the solutions and the mutants of a pack, sorted by file and line.
pub fn lint(pack: &Pack) -> Vec<Problem> {
    in_order(pack.labs.iter().flat_map(|lab| lint_lab(pack, lab)).collect())
}

/// The blocks of a lab's guide that can be run, in the order of its steps.
pub fn runs(lab: &Lab) -> Vec<Run> {
    lab.steps.iter().flat_map(|step| Page::read(&page_file(lab, &step.page), &step.guide).runs).collect()
}

/// How each page of a pack's guides reads, and what of that is out of bounds.
pub fn styles(pack: &Pack) -> (Vec<PageStyle>, Vec<Problem>) {
    let pages = pack.labs.iter().flat_map(|lab| lab.steps.iter().map(move |step| (page_file(lab, &step.page), step)));
    let (styles, problems): (Vec<_>, Vec<_>) = pages.map(|(file, step)| style(&file, &step.guide)).unzip();
    (styles, in_order(problems.into_iter().flatten().collect()))
}

/// Whether a block is shown on this system, with Docker or without.
pub fn shown(run: &Run, docker: bool) -> bool {
    run.when.iter().all(|when: &When| when.holds(docker))
}

fn page_file(lab: &Lab, page: &str) -> PathBuf {
    Path::new(&lab.slug).join("guide").join(page)
}

fn lint_lab(pack: &Pack, lab: &Lab) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !lab.folder.join("solution").is_dir() {
        problems.push(Problem {
            code: "curriculum.missing",
            message: "the lab has no folder `solution`".into(),
            place: Place { file: Path::new(&lab.slug).join("lab.toml"), line: 1, column: 1 },
            next_step: format!("Make {}/solution with the files that pass every check.", lab.slug),
        });
    }
    let (mutants, wrong) = mutants(&pack.folder, lab);
    problems.extend(wrong);
    let parts = mutants.iter().map(|mutant| Path::new("mutants").join(&mutant.name)).chain([PathBuf::from("solution")]);
    for part in parts {
        problems.extend(entries(&pack.folder, lab, &part).err());
        problems.extend(calls(&pack.folder, lab, &part).err());
    }
    let pages: BTreeMap<&str, Page> = lab
        .steps
        .iter()
        .map(|step| (step.page.as_str(), Page::read(&page_file(lab, &step.page), &step.guide)))
        .collect();
    for (name, page) in &pages {
        problems.extend(page.problems.iter().cloned());
        problems.extend(page.images.iter().flat_map(|image| wrong_image(lab, image)));
        let links = page.links.iter().map(|link| (link, false)).chain(page.files.iter().map(|link| (link, true)));
        for ((target, place), to_file) in links {
            let link = Link { pack, lab, pages: &pages, page: name, target };
            let wrong = if to_file { link.wrong_file_target() } else { link.wrong() };
            problems.extend(wrong.map(|(message, next_step)| Problem {
                code: "curriculum.link",
                message,
                place: place.clone(),
                next_step,
            }));
        }
    }
    problems
}

fn wrong_image(lab: &Lab, image: &Image) -> Vec<Problem> {
    let problem = |message: String, next_step: String| Problem {
        code: "curriculum.image",
        message,
        place: image.place.clone(),
        next_step,
    };
    let mut problems = Vec::new();
    if image.alt.trim().is_empty() {
        problems.push(problem(
            format!("the picture `{}` has no words for those who do not see it", image.target),
            "Say what it shows, in the square brackets.".into(),
        ));
    }
    if let Some((message, next_step)) = wrong_asset(lab, &image.target) {
        problems.push(problem(message, next_step));
    }
    problems
}

/// Why `target` is no file of the lab's folder `assets`.
fn wrong_asset(lab: &Lab, target: &str) -> Option<(String, String)> {
    if unfit(target).is_some() || !target.starts_with("assets/") {
        let message = format!("the picture `{target}` is not in the lab's folder `assets`");
        return Some((message, "Put it there, and write its path like \"assets/figure.svg\".".into()));
    }
    let file = lab.folder.join(target);
    if !file.is_file() {
        return Some((format!("there is no file `{target}` in the lab"), format!("Add {}/{target}.", lab.slug)));
    }
    if figure_kind(target).is_none() {
        let message = format!("the picture `{target}` is of no kind that can be shown");
        return Some((message, "Use a .svg, .png, .jpg, .webp or .gif file.".into()));
    }
    let bytes = file.metadata().map_or(0, |data| data.len());
    (bytes > MOST_FIGURE_BYTES).then(|| {
        let message = format!("the picture `{target}` has {bytes} bytes, more than {MOST_FIGURE_BYTES}");
        (message, "Make it smaller.".into())
    })
}

/// A link and all that it may lead to.
struct Link<'a> {
    pack: &'a Pack,
    lab: &'a Lab,
    pages: &'a BTreeMap<&'a str, Page>,
    /// The page on which it stands.
    page: &'a str,
    target: &'a str,
}

impl Link<'_> {
    /// What is wrong with the link, and what to do about it.
    fn wrong(&self) -> Option<(String, String)> {
        if let Some(id) = self.target.strip_prefix("check:") {
            return self.wrong_check(id);
        }
        if let Some(screen) = self.target.strip_prefix("#/") {
            return self.wrong_screen(screen);
        }
        if self.target.starts_with("https://") || self.target.starts_with("http://") {
            return None;
        }
        let (path, fragment) = self.target.split_once('#').unwrap_or((self.target, ""));
        if path.is_empty() {
            return self.wrong_heading(self.page, fragment);
        }
        if let Some((scheme, _)) = path.split_once(':') {
            let next_step = "Link to a heading, a page, a file of the workspace, a check, or an https address.";
            return Some((format!("a link to `{scheme}:` leads nowhere"), next_step.into()));
        }
        let path = &decoded(path);
        if self.pages.contains_key(path.as_str()) {
            return self.wrong_heading(path, fragment);
        }
        self.wrong_file_target()
    }

    /// As [`Link::wrong`], of one that can only lead to a file.
    fn wrong_file_target(&self) -> Option<(String, String)> {
        let (path, fragment) = self.target.split_once('#').unwrap_or((self.target, ""));
        let path = &decoded(path);
        if let Some(reason) = unfit(path) {
            let next_step = "Write it from the top of the workspace, such as \"src/main.py\".";
            return Some((format!("the link `{path}` {reason}"), next_step.into()));
        }
        self.wrong_file(path, fragment)
    }

    fn wrong_check(&self, id: &str) -> Option<(String, String)> {
        let ids = || self.lab.steps.iter().flat_map(|step| &step.checks).map(|check| check.id.as_str());
        if ids().any(|known| known == id) {
            return None;
        }
        let near = nearest(id, ids());
        let next_step = near.map_or("Name a check of this lab.".into(), |near| format!("Did you mean `check:{near}`?"));
        Some((format!("no check of this lab is called `{id}`"), next_step))
    }

    fn wrong_screen(&self, screen: &str) -> Option<(String, String)> {
        let slug = screen.strip_prefix("lab/")?;
        let slugs = || self.pack.plan.labs.iter().map(|lab| lab.slug.as_str());
        if slugs().any(|known| known == slug) {
            return None;
        }
        let near = nearest(slug, slugs());
        let next_step = near.map_or("Name a lab of the plan.".into(), |near| format!("Did you mean `#/lab/{near}`?"));
        Some((format!("no lab of the plan is called `{slug}`"), next_step))
    }

    fn wrong_heading(&self, page: &str, anchor: &str) -> Option<(String, String)> {
        let anchors = &self.pages.get(page)?.anchors;
        if anchor.is_empty() || anchors.contains(anchor) {
            return None;
        }
        let near = nearest(anchor, anchors.iter());
        let next_step =
            near.map_or("Link to a heading that is there.".into(), |near| format!("Did you mean `#{near}`?"));
        Some((format!("the page `{page}` has no heading `#{anchor}`"), next_step))
    }

    fn wrong_file(&self, path: &str, fragment: &str) -> Option<(String, String)> {
        let declared = self.lab.files.iter().find(|file| file.path == path);
        let there = [self.lab.folder.join("solution").join(path), self.lab.original(path)];
        let Some(file) = there.into_iter().find(|file| file.is_file()) else {
            if declared.is_some_and(|file| file.role != Role::Fixed) {
                return None;
            }
            let names = self.lab.files.iter().map(|file| file.path.as_str()).chain(self.pages.keys().copied());
            let next_step = nearest(path, names)
                .map_or("Name a page of this guide, or a file of the workspace.".into(), |near| {
                    format!("Did you mean `{near}`?")
                });
            return Some((format!("the link `{path}` leads nowhere"), next_step));
        };
        if fragment.is_empty() {
            return None;
        }
        let Some(line) = fragment.strip_prefix('L').and_then(|line| line.parse::<usize>().ok()) else {
            let message = format!("`#{fragment}` is no line of a file");
            return Some((message, "Write it like `#L12`.".into()));
        };
        let lines = std::fs::read_to_string(file).map_or(usize::MAX, |text| text.lines().count());
        (line == 0 || line > lines)
            .then(|| (format!("the file `{path}` has {lines} lines, not {line}"), "Correct the line's number.".into()))
    }
}

/// A link writes a space as `%20`.
pub(crate) fn decoded(path: &str) -> String {
    path.replace("%20", " ")
}
