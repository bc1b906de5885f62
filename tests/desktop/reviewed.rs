//! Compares what the window shows with the picture of it that was looked at last: those of docs/tour.md.

use std::path::{Path, PathBuf};

use image::{GrayImage, imageops::FilterType};
use image_compare::{Algorithm, gray_similarity_structure};

/// Small enough that another number, time or edge of a letter does not count, large enough that a panel that moved does.
const SIZE: (u32, u32) = (320, 200);

/// Of 1: structural similarity (Wang et al. 2004). See `tells_another_screen_and_theme_apart`.
const ALIKE: f64 = 0.85;

pub fn exists(name: &str) -> bool {
    picture(name).exists()
}

/// Fails if the reviewed picture of this name shows something else.
pub fn compare(name: &str, png: &[u8]) {
    let score = similarity(&small(png), &small(&std::fs::read(picture(name)).unwrap()));
    if score < ALIKE {
        let kept = std::env::temp_dir().join(format!("groundwork-{name}.png"));
        std::fs::write(&kept, png).unwrap();
        panic!(
            "{name} looks different than in docs/tour: {score:.2} alike, less than {ALIKE}. Look at {}; if it is as it \
             should be, take the pictures again: cargo xtask tour",
            kept.display()
        );
    }
}

fn tour() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tour")
}

fn picture(name: &str) -> PathBuf {
    tour().join(name).with_extension("png")
}

fn small(png: &[u8]) -> GrayImage {
    let image = image::load_from_memory(png).expect("a picture of the window is a PNG");
    image.resize_exact(SIZE.0, SIZE.1, FilterType::Triangle).into_luma8()
}

fn similarity(one: &GrayImage, other: &GrayImage) -> f64 {
    gray_similarity_structure(&Algorithm::MSSIMSimple, one, other).expect("both have one size").score
}

/// No two pictures of the tour pass for each other, nor does one in the other theme.
#[test]
fn tells_another_screen_and_theme_apart() {
    let pictures =
        std::fs::read_dir(tour()).unwrap().map(|entry| small(&std::fs::read(entry.unwrap().path()).unwrap()));
    let pictures: Vec<GrayImage> = pictures.collect();
    for (index, one) in pictures.iter().enumerate() {
        assert!(similarity(one, one) > 0.999);
        let mut inverted = one.clone();
        image::imageops::invert(&mut inverted);
        let others = pictures[index + 1..].iter().chain([&inverted]);
        let nearest = others.map(|other| similarity(one, other)).fold(0.0, f64::max);
        assert!(nearest < ALIKE, "{nearest:.2}");
    }
}
