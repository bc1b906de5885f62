//! What a Linux program needs at its start and where it looks for libraries, as readelf tells it.

use std::path::Path;

use anyhow::Result;

use crate::places::Places;
use crate::shell;

#[derive(Debug, PartialEq)]
pub struct Dynamic {
    /// Libraries without which the program does not start.
    pub needed: Vec<String>,
    /// Folders that are searched for any library, after LD_LIBRARY_PATH.
    pub searched: Vec<String>,
}

pub fn dynamic(places: &Places, program: &Path) -> Result<Dynamic> {
    let mut readelf = shell::command(places, "readelf");
    Ok(parse(&shell::read(readelf.args(["--dynamic", "--wide"]).arg(program).env("LC_ALL", "C"))?))
}

fn parse(readelf: &str) -> Dynamic {
    let all = |tag: &str| {
        let lines = readelf.lines().filter(|line| line.contains(tag));
        lines.filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned())).collect::<Vec<_>>()
    };
    let searched = all("(RUNPATH)").iter().flat_map(|paths| paths.split(':').map(str::to_owned)).collect();
    Dynamic { needed: all("(NEEDED)"), searched }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_and_folders_are_read() {
        let readelf = "\nDynamic section at offset 0x2dd8 contains 30 entries:\n  Tag        Type                         Name/Value
 0x0000000000000001 (NEEDED)             Shared library: [libstdc++.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x000000000000001d (RUNPATH)            Library runpath: [$ORIGIN/lib:/opt/lib]
 0x000000000000000c (INIT)               0x1000\n";
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let expected =
            Dynamic { needed: words(&["libstdc++.so.6", "libc.so.6"]), searched: words(&["$ORIGIN/lib", "/opt/lib"]) };
        assert_eq!(parse(readelf), expected);
    }
}
