//! Says what is missing and the command that mends it. Changes nothing.

use anyhow::{Result, bail};

use crate::places::Places;
use crate::setup::NEEDS;

pub fn doctor(places: &Places) -> Result<()> {
    let mut missing = 0;
    for need in NEEDS {
        let found = (need.missing)(places).unwrap_or_else(|error| Some(format!("{error:#}")));
        match found {
            None => println!("good     {}", need.name),
            Some(what) => {
                missing += 1;
                println!("missing  {}: {what}\n         {}", need.name, (need.by_hand)(places));
            }
        }
    }
    if missing > 0 {
        bail!("{missing} of {} needs are not met; `cargo xtask setup` brings all that it can", NEEDS.len());
    }
    println!("Everything is here: `cargo xtask run` starts within seconds.");
    Ok(())
}
