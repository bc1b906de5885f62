//! What stands in a JSON, YAML, TOML or HCL file.

use testkit::memory_probe::MemoryProbe;

use crate::world::table;

#[tokio::test]
async fn data_outcomes() {
    table("data", vec![
        (
            "JSON, all well",
            r#"path = "config.json"
assert = [{ at = "server.port", equals = 8080 }, { at = "tags[1]", equals = "b" }, { at = "server", type = "object" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "passed: `config.json` has the right 3 values.",
        ),
        (
            "it reads, no more asked",
            r#"path = "config.json""#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "passed: `config.json` reads as JSON.",
        ),
        (
            "YAML, all well",
            r#"path = "config.yaml"
assert = [{ at = "server.port", equals = 8080 }, { at = "tags", equals = ["a", "b"] }]"#,
            MemoryProbe::new().file("config.yaml", "server:\n  port: 8080\n  host: local\ntags:\n  - a\n  - b\nempty:\n"),
            "passed: `config.yaml` has the right 2 values.",
        ),
        (
            "TOML, all well",
            r#"path = "config.toml"
assert = [{ at = "items[1].name", equals = "two" }]"#,
            MemoryProbe::new().file("config.toml", "title = \"x\"\n\n[server]\nport = 8080\nhost = \"local\"\n\n[[items]]\nname = \"one\"\n\n[[items]]\nname = \"two\"\n"),
            "passed: `config.toml` has the right value.",
        ),
        (
            "HCL, all well",
            r#"path = "main.tf"
assert = [{ at = "resource.docker_image.web.name", matches = "^web" }, { at = "variable.size.default", equals = 3 }]"#,
            MemoryProbe::new().file("main.tf", "terraform {\n  required_version = \">= 1.5\"\n}\n\nresource \"docker_image\" \"web\" {\n  name = \"web:1\"\n\n  build {\n    context = \".\"\n  }\n}\n\nvariable \"region\" {\n  default = \"eu\"\n}\n\nvariable \"size\" {\n  default = 3\n}\n"),
            "passed: `main.tf` has the right 2 values.",
        ),
        (
            "a format named",
            r#"path = "settings"
format = "toml"
assert = [{ at = "title", equals = "x" }]"#,
            MemoryProbe::new().file("settings", "title = \"x\"\n\n[server]\nport = 8080\nhost = \"local\"\n\n[[items]]\nname = \"one\"\n\n[[items]]\nname = \"two\"\n"),
            "passed: `settings` has the right value.",
        ),
        (
            "file missing",
            r#"path = "config.json""#,
            MemoryProbe::new().file("config.yaml", ""),
            "failed: There is no `config.json`, but there is `config.yaml`: the name ends differently.
expected: a file `config.json`
actual: `config.yaml`
at: config.yaml
next: Rename `config.yaml` to `config.json`. Your system may hide the ending.",
        ),
        (
            "empty file",
            r#"path = "config.json""#,
            MemoryProbe::new().file("config.json", "\n"),
            "failed: `config.json` is empty.
expected: a JSON file
actual: nothing
at: config.json:1
next: Write what is expected.",
        ),
        (
            "JSON, a comma missing",
            r#"path = "config.json""#,
            MemoryProbe::new().file("config.json", "{\n  \"a\": 1\n  \"b\": 2\n}\n"),
            r#"failed: `config.json` is not JSON: line 3, column 3: expected `,` or `}`.
expected: a file that reads as JSON
actual:   "b": 2
at: config.json:3
next: Correct line 3 or the one above. JSON wants double quotes around texts and keys, commas between entries, none after the last, no comments."#,
        ),
        (
            "JSON, a comma too many",
            r#"path = "config.json""#,
            MemoryProbe::new().file("config.json", "{\n  \"a\": 1,\n}\n"),
            "failed: `config.json` is not JSON: line 3, column 1: trailing comma.
expected: a file that reads as JSON
actual: }
at: config.json:3
next: Correct line 3 or the one above. JSON wants double quotes around texts and keys, commas between entries, none after the last, no comments.",
        ),
        (
            "JSON, single quotes",
            r#"path = "config.json""#,
            MemoryProbe::new().file("config.json", "{'a': 1}"),
            "failed: `config.json` is not JSON: line 1, column 2: a key must stand in double quotes.
expected: a file that reads as JSON
actual: {'a': 1}
at: config.json:1
next: Correct line 1. JSON wants double quotes around texts and keys, commas between entries, none after the last, no comments.",
        ),
        (
            "JSON, cut short",
            r#"path = "config.json""#,
            MemoryProbe::new().file("config.json", "{\n  \"a\": [1, 2"),
            r#"failed: `config.json` is not JSON: line 2, column 12: the file ends inside a list.
expected: a file that reads as JSON
actual:   "a": [1, 2
at: config.json:2
next: Correct line 2 or the one above. JSON wants double quotes around texts and keys, commas between entries, none after the last, no comments."#,
        ),
        (
            "YAML, a tab",
            r#"path = "config.yaml""#,
            MemoryProbe::new().file("config.yaml", "server:\n\tport: 8080\n"),
            "failed: `config.yaml` is not YAML: line 2, column 1: the line is indented with a tab.
expected: a file that reads as YAML
actual: 	port: 8080
at: config.yaml:2
next: Correct line 2 or the one above. YAML is indented with spaces, never tabs, the same number for entries that belong together.",
        ),
        (
            "YAML, indented wrongly",
            r#"path = "config.yaml""#,
            MemoryProbe::new().file("config.yaml", "server:\n  port: 8080\n host: x\n"),
            "failed: `config.yaml` is not YAML: line 3, column 2: did not find expected key.
expected: a file that reads as YAML
actual:  host: x
at: config.yaml:3
next: Correct line 3 or the one above. YAML is indented with spaces, never tabs, the same number for entries that belong together.",
        ),
        (
            "TOML, no quotes",
            r#"path = "config.toml""#,
            MemoryProbe::new().file("config.toml", "[server]\nhost = local\n"),
            "failed: `config.toml` is not TOML: line 2, column 8: string values must be quoted.
expected: a file that reads as TOML
actual: host = local
at: config.toml:2
next: Correct line 2 or the one above. TOML wants `key = value`, with quotation marks around texts.",
        ),
        (
            "TOML, a key twice",
            r#"path = "config.toml""#,
            MemoryProbe::new().file("config.toml", "a = 1\na = 2\n"),
            "failed: `config.toml` is not TOML: line 2, column 1: duplicate key.
expected: a file that reads as TOML
actual: a = 2
at: config.toml:2
next: Correct line 2 or the one above. TOML wants `key = value`, with quotation marks around texts.",
        ),
        (
            "HCL, not closed",
            r#"path = "main.tf""#,
            MemoryProbe::new().file("main.tf", "resource \"a\" \"b\" {\n  name = \"x\"\n"),
            r#"failed: `main.tf` is not HCL: line 2, column 14: invalid block body; expected `}`, newline or identifier.
expected: a file that reads as HCL
actual:   name = "x"
at: main.tf:2
next: Correct line 2 or the one above. HCL wants `key = value` or `block { … }`, with double quotes around texts."#,
        ),
        (
            "missing at the top",
            r#"path = "config.json"
assert = [{ at = "model", equals = "x" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `config.json` has no `model`.
expected: `model`
actual: the keys server, tags, empty
at: config.json:1
next: Add `model`.",
        ),
        (
            "missing inside",
            r#"path = "config.json"
assert = [{ at = "server.workers", equals = 2 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `server` has no `workers`.
expected: `server.workers`
actual: the keys port, host
at: config.json:2
next: Add `workers`.",
        ),
        (
            "missing, the deepest part named",
            r#"path = "config.json"
assert = [{ at = "server.tls.cert", type = "string" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `server` has no `tls`.
expected: `server.tls.cert`
actual: the keys port, host
at: config.json:2
next: Add `tls`.",
        ),
        (
            "a similar key, JSON",
            r#"path = "config.json"
assert = [{ at = "server.port", equals = 8080 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"prot\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `server` has no `port`, but `prot`.
expected: `server.port`
actual: `prot`
at: config.json:3
next: Rename `prot` to `port`.",
        ),
        (
            "a similar key, YAML",
            r#"path = "config.yaml"
assert = [{ at = "server.port", equals = 8080 }]"#,
            MemoryProbe::new().file("config.yaml", "server:\n  Port: 8080\n  host: local\ntags:\n  - a\n  - b\nempty:\n"),
            "failed: `server` has no `port`, but `Port`.
expected: `server.port`
actual: `Port`
at: config.yaml:2
next: Rename `Port` to `port`.",
        ),
        (
            "a similar key, TOML",
            r#"path = "config.toml"
assert = [{ at = "server.port", equals = 8080 }]"#,
            MemoryProbe::new().file("config.toml", "title = \"x\"\n\n[server]\nprt = 8080\nhost = \"local\"\n\n[[items]]\nname = \"one\"\n\n[[items]]\nname = \"two\"\n"),
            "failed: `server` has no `port`, but `prt`.
expected: `server.port`
actual: `prt`
at: config.toml:4
next: Rename `prt` to `port`.",
        ),
        (
            "a similar key, HCL",
            r#"path = "main.tf"
assert = [{ at = "resource.docker_image.web.name", type = "string" }]"#,
            MemoryProbe::new().file("main.tf", "terraform {\n  required_version = \">= 1.5\"\n}\n\nresource \"docker_image\" \"web\" {\n  naem = \"web:1\"\n\n  build {\n    context = \".\"\n  }\n}\n\nvariable \"region\" {\n  default = \"eu\"\n}\n\nvariable \"size\" {\n  default = 3\n}\n"),
            "failed: `resource.docker_image.web` has no `name`, but `naem`.
expected: `resource.docker_image.web.name`
actual: `naem`
at: main.tf:6
next: Rename `naem` to `name`.",
        ),
        (
            "in another table",
            r#"path = "config.json"
assert = [{ at = "port", equals = 8080 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `config.json` has no `port`; it stands at `server.port`.
expected: `port`
actual: `server.port`
at: config.json:3
next: Move `port` to the top.",
        ),
        (
            "at the top by mistake",
            r#"path = "config.json"
assert = [{ at = "server.model", equals = "x" }]"#,
            MemoryProbe::new().file("config.json", "{\"server\": {\"port\": 1},\n \"model\": \"x\"}"),
            "failed: `server` has no `model`; it stands at `model`.
expected: `server.model`
actual: `model`
at: config.json:2
next: Move `model` into `server`.",
        ),
        (
            "too few entries",
            r#"path = "config.json"
assert = [{ at = "tags[4]", equals = "b" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `tags` has only 2 entries.
expected: `tags[4]`
actual: 2 entries
at: config.json:6
next: Add 3 entries.",
        ),
        (
            "a text where a table belongs",
            r#"path = "config.json"
assert = [{ at = "server.host.name", equals = "x" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `server.host` is text, not a table of keys.
expected: `server.host.name`
actual: the text "local"
at: config.json:4
next: Make it a table of keys."#,
        ),
        (
            "a table where a list belongs",
            r#"path = "config.json"
assert = [{ at = "server[0]", equals = "x" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `server` is a table of keys, not a list.
expected: `server[0]`
actual: {"port":8080,"host":"local"}
at: config.json:2
next: Make it a list."#,
        ),
        (
            "another number",
            r#"path = "config.json"
assert = [{ at = "server.port", equals = 9090 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `server.port` is the number 8080, not the number 9090.
expected: the number 9090
actual: the number 8080
at: config.json:3
next: Write 9090.",
        ),
        (
            "a text for a number",
            r#"path = "config.json"
assert = [{ at = "server.port", equals = 8080 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": \"8080\",\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `server.port` is the text "8080", not the number 8080; the value is right, its type is not.
expected: the number 8080
actual: the text "8080"
at: config.json:3
next: Take the quotation marks away."#,
        ),
        (
            "a number for a text",
            r#"path = "config.yaml"
assert = [{ at = "server.port", equals = "8080" }]"#,
            MemoryProbe::new().file("config.yaml", "server:\n  port: 8080\n  host: local\ntags:\n  - a\n  - b\nempty:\n"),
            r#"failed: `server.port` is the number 8080, not the text "8080"; the value is right, its type is not.
expected: the text "8080"
actual: the number 8080
at: config.yaml:2
next: Put it in quotation marks."#,
        ),
        (
            "a text for a truth",
            r#"path = "config.yaml"
assert = [{ at = "debug", equals = true }]"#,
            MemoryProbe::new().file("config.yaml", "debug: \"True\"\n"),
            r#"failed: `debug` is the text "True", not true; the value is right, its type is not.
expected: true
actual: the text "True"
at: config.yaml:1
next: Take the quotation marks away."#,
        ),
        (
            "other case",
            r#"path = "config.toml"
assert = [{ at = "server.host", equals = "Local" }]"#,
            MemoryProbe::new().file("config.toml", "title = \"x\"\n\n[server]\nport = 8080\nhost = \"local\"\n\n[[items]]\nname = \"one\"\n\n[[items]]\nname = \"two\"\n"),
            r#"failed: `server.host` is the text "local", not the text "Local"; they differ in upper and lower case.
expected: the text "Local"
actual: the text "local"
at: config.toml:5
next: Write it exactly as expected."#,
        ),
        (
            "a space too many",
            r#"path = "config.toml"
assert = [{ at = "server.host", equals = "local" }]"#,
            MemoryProbe::new().file("config.toml", "title = \"x\"\n\n[server]\nport = 8080\nhost = \"local \"\n\n[[items]]\nname = \"one\"\n\n[[items]]\nname = \"two\"\n"),
            r#"failed: `server.host` is the text "local ", not the text "local"; it has a space too many at an end.
expected: the text "local"
actual: the text "local "
at: config.toml:5
next: Take the space away."#,
        ),
        (
            "whole and broken numbers are equal",
            r#"path = "config.json"
assert = [{ at = "n", equals = 3 }]"#,
            MemoryProbe::new().file("config.json", "{\"n\": 3.0}"),
            "passed: `config.json` has the right value.",
        ),
        (
            "a list that differs",
            r#"path = "config.yaml"
assert = [{ at = "tags", equals = ["a", "c"] }]"#,
            MemoryProbe::new().file("config.yaml", "server:\n  port: 8080\n  host: local\ntags:\n  - a\n  - b\nempty:\n"),
            r#"failed: `tags[1]` is the text "b", not the text "c".
expected: the text "c"
actual: the text "b"
at: config.yaml:6
next: Write "c"."#,
        ),
        (
            "a list that is longer",
            r#"path = "config.yaml"
assert = [{ at = "tags", equals = ["a"] }]"#,
            MemoryProbe::new().file("config.yaml", "server:\n  port: 8080\n  host: local\ntags:\n  - a\n  - b\nempty:\n"),
            r#"failed: `tags` has 2 entries, not 1.
expected: 1 entry
actual: ["a","b"]
at: config.yaml:4
next: Add or remove entries."#,
        ),
        (
            "a table that lacks a key",
            r#"path = "config.json"
assert = [{ at = "server", equals = { port = 8080, host = "local", tls = true } }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `server` has no `tls`.
expected: `tls`: true
actual: {"port":8080,"host":"local"}
at: config.json:2
next: Add `tls`."#,
        ),
        (
            "a table with a key too many",
            r#"path = "config.json"
assert = [{ at = "server", equals = { port = 8080 } }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `server.host` does not belong there.
expected: no `host`
actual: the text "local"
at: config.json:4
next: Take `host` out."#,
        ),
        (
            "one of",
            r#"path = "config.json"
assert = [{ at = "server.host", one_of = ["local", "remote"] }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "passed: `config.json` has the right value.",
        ),
        (
            "none of",
            r#"path = "config.json"
assert = [{ at = "server.host", one_of = ["Local", "remote"] }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `server.host` is not one of the expected values; they differ in upper and lower case.
expected: one of "Local", "remote"
actual: the text "local"
at: config.json:4
next: Write it exactly as expected."#,
        ),
        (
            "wrong type",
            r#"path = "config.json"
assert = [{ at = "server.port", type = "string" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `server.port` is a number, not text.
expected: text
actual: the number 8080
at: config.json:3
next: Put it in quotation marks.",
        ),
        (
            "null",
            r#"path = "config.json"
assert = [{ at = "empty", type = "string" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `empty` is empty (null), not text.
expected: text
actual: nothing (null)
at: config.json:7
next: Write a value of the expected type.",
        ),
        (
            "a number in quotes, ranged",
            r#"path = "config.json"
assert = [{ at = "server.port", min = 1024 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": \"8080\",\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `server.port` is text, not a number.
expected: a number, at least 1024
actual: the text "8080"
at: config.json:3
next: Take the quotation marks away."#,
        ),
        (
            "too small",
            r#"path = "config.json"
assert = [{ at = "server.port", min = 9000, max = 9999 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `server.port` is too small.
expected: a number from 9000 to 9999
actual: the number 8080
at: config.json:3
next: Write a larger number.",
        ),
        (
            "too large",
            r#"path = "config.json"
assert = [{ at = "server.port", max = 1000 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "failed: `server.port` is too large.
expected: a number, at most 1000
actual: the number 8080
at: config.json:3
next: Write a smaller number.",
        ),
        (
            "in range",
            r#"path = "config.json"
assert = [{ at = "server.port", min = 1, max = 65535 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            "passed: `config.json` has the right value.",
        ),
        (
            "matches not",
            r#"path = "config.toml"
assert = [{ at = "title", matches = "^[A-Z]" }]"#,
            MemoryProbe::new().file("config.toml", "title = \"x\"\n\n[server]\nport = 8080\nhost = \"local\"\n\n[[items]]\nname = \"one\"\n\n[[items]]\nname = \"two\"\n"),
            r#"failed: `title` differs in upper and lower case from what is expected.
expected: text that matches `^[A-Z]`
actual: the text "x"
at: config.toml:1
next: Change the text."#,
        ),
        (
            "too short",
            r#"path = "config.json"
assert = [{ at = "server.host", min_length = 20 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `server.host` is too short.
expected: at least 20 characters
actual: the text "local"
at: config.json:4
next: Add 15 more."#,
        ),
        (
            "too few",
            r#"path = "config.json"
assert = [{ at = "tags", min_length = 3 }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `tags` is too short.
expected: at least 3 entries
actual: ["a","b"]
at: config.json:6
next: Add 1 more."#,
        ),
        (
            "a placeholder",
            r#"path = "config.toml"
assert = [{ at = "key", not_placeholder = true }]"#,
            MemoryProbe::new().file("config.toml", "key = \"<your key>\"\n"),
            r#"failed: `key` is not filled in.
expected: a value of your own
actual: the text "<your key>"
at: config.toml:1
next: Replace it by your own value."#,
        ),
        (
            "TODO",
            r#"path = "config.toml"
assert = [{ at = "key", not_placeholder = true }]"#,
            MemoryProbe::new().file("config.toml", "# the key\nkey = \"TODO: later\"\n"),
            r#"failed: `key` is not filled in.
expected: a value of your own
actual: the text "TODO: later"
at: config.toml:2
next: Replace it by your own value."#,
        ),
        (
            "filled in",
            r#"path = "config.toml"
assert = [{ at = "key", not_placeholder = true }]"#,
            MemoryProbe::new().file("config.toml", "key = \"todd\"\n"),
            "passed: `config.toml` has the right value.",
        ),
        (
            "the second of three",
            r#"path = "config.json"
assert = [{ at = "server.port", equals = 8080 }, { at = "tags[0]", equals = "z" }, { at = "nope" }]"#,
            MemoryProbe::new().file("config.json", "{\n  \"server\": {\n    \"port\": 8080,\n    \"host\": \"local\"\n  },\n  \"tags\": [\"a\", \"b\"],\n  \"empty\": null\n}\n"),
            r#"failed: `tags[0]` is the text "a", not the text "z".
expected: the text "z"
actual: the text "a"
at: config.json:6
next: Write "z"."#,
        ),
        (
            "a line deep in HCL",
            r#"path = "main.tf"
assert = [{ at = "resource.docker_image.web.build.context", equals = "./app" }]"#,
            MemoryProbe::new().file("main.tf", "terraform {\n  required_version = \">= 1.5\"\n}\n\nresource \"docker_image\" \"web\" {\n  name = \"web:1\"\n\n  build {\n    context = \".\"\n  }\n}\n\nvariable \"region\" {\n  default = \"eu\"\n}\n\nvariable \"size\" {\n  default = 3\n}\n"),
            r#"failed: `resource.docker_image.web.build.context` is the text ".", not the text "./app".
expected: the text "./app"
actual: the text "."
at: main.tf:9
next: Write "./app"."#,
        ),
        (
            "the right one of two HCL blocks",
            r#"path = "main.tf"
assert = [{ at = "variable.size.default", equals = 4 }]"#,
            MemoryProbe::new().file("main.tf", "terraform {\n  required_version = \">= 1.5\"\n}\n\nresource \"docker_image\" \"web\" {\n  name = \"web:1\"\n\n  build {\n    context = \".\"\n  }\n}\n\nvariable \"region\" {\n  default = \"eu\"\n}\n\nvariable \"size\" {\n  default = 3\n}\n"),
            "failed: `variable.size.default` is the number 3, not the number 4.
expected: the number 4
actual: the number 3
at: main.tf:18
next: Write 4.",
        ),
        (
            "a line in a TOML list of tables",
            r#"path = "config.toml"
assert = [{ at = "items[1].name", equals = "three" }]"#,
            MemoryProbe::new().file("config.toml", "title = \"x\"\n\n[server]\nport = 8080\nhost = \"local\"\n\n[[items]]\nname = \"one\"\n\n[[items]]\nname = \"two\"\n"),
            r#"failed: `items[1].name` is the text "two", not the text "three".
expected: the text "three"
actual: the text "two"
at: config.toml:11
next: Write "three"."#,
        ),
        (
            "a line in a YAML list",
            r#"path = "config.yaml"
assert = [{ at = "tags[1]", equals = "c" }]"#,
            MemoryProbe::new().file("config.yaml", "server:\n  port: 8080\n  host: local\ntags:\n  - a\n  - b\nempty:\n"),
            r#"failed: `tags[1]` is the text "b", not the text "c".
expected: the text "c"
actual: the text "b"
at: config.yaml:6
next: Write "c"."#,
        ),
        (
            "a key with dots",
            r#"path = "config.json"
assert = [{ at = 'a."x.y"', equals = 2 }]"#,
            MemoryProbe::new().file("config.json", "{\"a\": {\n\"x.y\": 1}}"),
            r#"failed: `a."x.y"` is the number 1, not the number 2.
expected: the number 2
actual: the number 1
at: config.json:2
next: Write 2."#,
        ),
        (
            "a YAML key that is a number",
            r#"path = "config.yaml"
assert = [{ at = "8080", equals = "web" }]"#,
            MemoryProbe::new().file("config.yaml", "a: 1\n8080: api\n"),
            r#"failed: `8080` is the text "api", not the text "web".
expected: the text "web"
actual: the text "api"
at: config.yaml:2
next: Write "web"."#,
        ),
    ])
    .await;
}
