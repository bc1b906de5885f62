//! When the frames of a page begin while something moves in it, by the page's own clock, which knows whole
//! milliseconds.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::webdriver::Session;

/// Milliseconds between each two of `count` + 1 frames that follow each other. `prepare` and `each` are statements of
/// JavaScript, run once and in each frame; `seen.length` counts the frames.
pub fn intervals(session: &Session, count: usize, prepare: &str, each: &str) -> Result<Vec<f64>> {
    let watch = format!(
        "window.frames_seen = null;
        const seen = [];
        {prepare}
        const step = (now) => {{
            seen.push(now);
            if (seen.length > {count}) return void (window.frames_seen = seen);
            {each}
            requestAnimationFrame(step);
        }};
        requestAnimationFrame(step);"
    );
    session.run(&watch, &json!([]))?;
    // Who asks meanwhile takes part in what is measured.
    std::thread::sleep(Duration::from_secs_f64(count as f64 / 60.0));
    let seen = session.wait("the frames", "return window.frames_seen", &json!([]))?;
    let times: Option<Vec<f64>> = seen.as_array().map(|seen| seen.iter().filter_map(Value::as_f64).collect());
    let times = times.context("the page kept no frames")?;
    Ok(times.windows(2).map(|pair| pair[1] - pair[0]).collect())
}

/// The rates of every `together` frames in a row, in frames a second.
pub fn rates(intervals: &[f64], together: usize) -> Vec<f64> {
    intervals.windows(together.max(1)).map(|row| together as f64 * 1e3 / row.iter().sum::<f64>()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_late_frame_lowers_the_rates_around_it() {
        let rates = super::rates(&[16.0, 17.0, 17.0, 50.0, 16.0, 17.0, 17.0], 3);
        assert_eq!(rates, [60.0, 3000.0 / 84.0, 3000.0 / 83.0, 3000.0 / 83.0, 60.0]);
    }
}
