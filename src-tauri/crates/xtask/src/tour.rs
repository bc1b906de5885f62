//! The pictures of docs/tour.md: taken by the tests of the window as they go through it, so that they show what is there now.

use std::fs;

use anyhow::{Context, Result};

use crate::engine::Engine;
use crate::places::Places;
use crate::turn::Turn;
use crate::{compile, setup, shell, test, ui};

pub fn tour(places: &Places) -> Result<()> {
    let docs = places.root.join("docs");
    let text = fs::read_to_string(docs.join("tour.md")).context("docs/tour.md cannot be read")?;
    let _turn = Turn::take(places)?;
    setup::everything(places)?;
    ui::build(places)?;
    compile::everything(places)?;
    let taken = places.target.join("pictures");
    let engine = Engine::open(places).context("the tests of containers need an engine")?;
    let mut tests = test::nextest(places, &engine)?;
    shell::run(tests.args(["-E", "test(desktop::)"]).env("GROUNDWORK_SCREENSHOTS", &taken))?;
    for picture in pictures(&text) {
        let name = picture.rsplit('/').next().unwrap_or(picture);
        fs::create_dir_all(docs.join(picture).parent().unwrap_or(&docs))?;
        fs::copy(taken.join(name), docs.join(picture))
            .with_context(|| format!("no test of the window takes the picture {name}"))?;
    }
    Ok(())
}

/// The files that a page shows, as it names them.
fn pictures(text: &str) -> impl Iterator<Item = &str> {
    let links = text.split("![").skip(1).filter_map(|rest| rest.split_once("](")?.1.split_once(')'));
    links.map(|(file, _)| file)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn every_picture_of_the_tour_is_there() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
        let text = std::fs::read_to_string(docs.join("tour.md")).unwrap();
        let missing: Vec<&str> = super::pictures(&text).filter(|picture| !docs.join(picture).is_file()).collect();
        assert!(missing.is_empty() && super::pictures(&text).count() > 5, "{missing:?}: run `cargo xtask tour`");
    }
}
