//! Source code and configuration: a block an item of the top level. Any language: what begins at the margin after a blank
//! line is taken for an item.

use super::{Format, Parse, Parsed, cut_lines};

pub(super) const FORMAT: Format = Format {
    name: "code",
    endings: &[
        "bash", "bicep", "c", "cc", "cfg", "clj", "cpp", "cs", "css", "dart", "ex", "exs", "fs", "go", "gradle",
        "graphql", "h", "hcl", "hpp", "hs", "ini", "java", "jl", "js", "json", "jsonl", "jsx", "kt", "lua", "m", "mjs",
        "ml", "nix", "php", "pl", "proto", "ps1", "py", "r", "rb", "rego", "rs", "scala", "scss", "sh", "sql",
        "svelte", "swift", "tf", "tfvars", "toml", "ts", "tsx", "vue", "xml", "yaml", "yml", "zig",
    ],
    about: "A block for each item of the top level, with its lines",
    parse: Parse::Text(|text, _| Parsed { blocks: cut_lines(text, begins_item), ..Parsed::default() }),
};

/// What closes an item stands at the margin too, and belongs to it.
fn begins_item(lines: &[&str], index: usize) -> bool {
    let at_margin = lines[index].starts_with(|first: char| !first.is_whitespace() && !"})]".contains(first));
    at_margin && lines[index - 1].trim().is_empty()
}
