//! Ways to break the good pack, and all that is then said of it.

use super::Edit::{self, Append, Link, Remove, Replace, Write};

pub fn bad_packs() -> Vec<(&'static str, Vec<Edit>, &'static str)> {
    vec![
        (
            "no pack.toml",
            vec![Remove("pack.toml")],
            "pack.toml:1:1: there is no such file in PACK [curriculum.unreadable] Add the file, or name the right folder.",
        ),
        (
            "syntax error in pack.toml",
            vec![Replace("pack.toml", "title = \"A small pack\"", "title = \"A small pack")],
            "pack.toml:3:22: this is not TOML: invalid basic string, expected `\"` [curriculum.syntax] Correct the file at this place.",
        ),
        (
            "a key without a value",
            vec![Replace("first/lab.toml", "minutes = 30", "minutes =")],
            "first/lab.toml:6:10: this is not TOML: a value is missing after the `=` [curriculum.syntax] Correct the file at this place.",
        ),
        (
            "the same key twice",
            vec![Replace("first/lab.toml", "minutes = 30", "minutes = 30\nminutes = 31")],
            "first/lab.toml:7:1: this is not TOML: duplicate key [curriculum.syntax] Correct the file at this place.",
        ),
        (
            "an unknown key with a near one",
            vec![Replace("pack.toml", "licence", "license")],
            "pack.toml:6:1: `license` is not a key that is known here [curriculum.setting] Did you mean `licence`?",
        ),
        (
            "an unknown key in a file",
            vec![Replace("first/lab.toml", "open = true", "opened = true")],
            "first/lab.toml:19:1: `opened` is not a key that is known here [curriculum.setting] Did you mean `open`?",
        ),
        (
            "an unknown key with nothing near",
            vec![Replace("first/lab.toml", "open = true", "colour = \"red\"")],
            "first/lab.toml:19:1: `colour` is not a key that is known here [curriculum.setting] Use one of `path`, `role`, `open`.",
        ),
        (
            "a missing key",
            vec![Replace("first/lab.toml", "title = \"First\"\n", "")],
            "first/lab.toml:1:1: the key `title` is missing [curriculum.setting] Add `title`.",
        ),
        (
            "a shared folder that is not there, at a place that is taken",
            vec![Replace(
                "first/lab.toml",
                "[[services]]",
                "[[shared]]\nfrom = \"corpus\"\nto = \"data\"\n\n[[services]]",
            )],
            "first/lab.toml:26:1: the pack has no folder `shared/corpus` [curriculum.missing] Make shared/corpus, or name a folder inside `shared`.\nfirst/lab.toml:27:1: the starter has `data` as well [curriculum.duplicate] Choose another place in the workspace.",
        ),
        (
            "shared folders at one place",
            vec![
                Replace(
                    "first/lab.toml",
                    "[[services]]",
                    "[[shared]]\nfrom = \"x\"\nto = \"corpus\"\n[[shared]]\nfrom = \"x\"\nto = \"corpus/more\"\n\
                     [[shared]]\nfrom = \"x\"\nto = \"corp\"\n[[shared]]\nfrom = \"x\"\nto = \"corp\"\n\n[[services]]",
                ),
                Write("shared/x/a.md", b"text"),
            ],
            "first/lab.toml:30:1: `corpus/more` overlaps with `corpus`, where another shared folder stands [curriculum.duplicate] Choose another place in the workspace.\nfirst/lab.toml:36:1: `corp` overlaps with `corp`, where another shared folder stands [curriculum.duplicate] Choose another place in the workspace.",
        ),
        (
            "a shared folder outside",
            vec![Replace(
                "first/lab.toml",
                "[[services]]",
                "[[shared]]\nfrom = \"../x\"\nto = \"corpus\"\n\n[[services]]",
            )],
            "first/lab.toml:26:1: the path `../x` leaves its folder [curriculum.path] Write a path relative to the workspace, such as \"src/main.py\".",
        ),
        (
            "a link out of a shared folder",
            vec![
                Replace("first/lab.toml", "[[services]]", "[[shared]]\nfrom = \"x\"\nto = \"corpus\"\n\n[[services]]"),
                Write("shared/x/a.md", b"text"),
                Link("shared/x/out.md", "/etc/passwd"),
            ],
            "shared/x/out.md:1:1: this link leads out of its folder, or nowhere [curriculum.path] Replace the link by the file itself.",
        ),
        (
            "an unknown fault",
            vec![Replace("first/lab.toml", "kind = \"data\"", "kind = \"data\"\nfaults = [{ kind = \"hangup\" }]")],
            "first/lab.toml:61:20: `hangup` is not one of the choices [curriculum.setting] Did you mean `hang_up`?",
        ),
        (
            "faults without measure",
            vec![Replace(
                "first/lab.toml",
                "kind = \"data\"",
                "kind = \"data\"\nfaults = [{ kind = \"hang_up\", times = 0 }, { kind = \"server_error\", status = 404 }]",
            )],
            "first/lab.toml:61:31: 0 is no sensible `times` of a fault [curriculum.range] Write a number from 1 to 20.\nfirst/lab.toml:61:69: 404 is no sensible `status` of a fault [curriculum.range] Write a number from 500 to 599.",
        ),
        (
            "a missing key in a check",
            vec![Replace("first/lab.toml", "kind = \"data\"\n", "")],
            "first/lab.toml:57:1: the key `kind` is missing [curriculum.setting] Add `kind`.",
        ),
        (
            "the wrong type",
            vec![Replace("first/lab.toml", "minutes = 30", "minutes = \"30\"")],
            "first/lab.toml:6:11: string \"30\" stands where a whole number belongs [curriculum.setting] Write a whole number.",
        ),
        (
            "an unknown role",
            vec![Replace("first/lab.toml", "role = \"edit\"", "role = \"edits\"")],
            "first/lab.toml:18:8: `edits` is not one of the choices [curriculum.setting] Did you mean `edit`?",
        ),
        (
            "no format",
            vec![Replace("first/lab.toml", "format = 1\n", "")],
            "first/lab.toml:1:1: the key `format` is missing [curriculum.format] Add `format = 1` as the first line.",
        ),
        (
            "a format from the future",
            vec![Replace("pack.toml", "format = 1", "format = 2\nfuture = true")],
            "pack.toml:1:1: the file is written in format 2, and this version reads format 1 [curriculum.format] Update Groundwork, or use a pack made for this version.",
        ),
        (
            "a bad lab id",
            vec![Replace("first/lab.toml", "0c9d6f5e-3b1a", "0c9d6f5e3b1a")],
            "first/lab.toml:2:1: `0c9d6f5e3b1a-4c62-8d26-5a4f8e1b2c33` is not a UUID [curriculum.id] Write a fresh one: `python3 -c \"import uuid; print(uuid.uuid4())\"` prints one.",
        ),
        (
            "a bad pack id",
            vec![Replace("pack.toml", "6f2b1c1e-8f8a-4a2e-9a55-0d6a1f0c7b11", "my pack")],
            "pack.toml:2:1: `my pack` is not a UUID [curriculum.id] Write a fresh one: `python3 -c \"import uuid; print(uuid.uuid4())\"` prints one.",
        ),
        (
            "a file in our own folder",
            vec![Replace("first/lab.toml", "path = \"notes.md\"", "path = \".groundwork/activate\"")],
            "first/lab.toml:17:1: the path `.groundwork/activate` lies in Groundwork's own folder [curriculum.path] Write a path relative to the workspace, such as \"src/main.py\".",
        ),
        (
            "a title that moves the cursor of a terminal",
            vec![Replace("pack.toml", "title = \"A small pack\"", "title = \"A small \\u001B[5Apack\"")],
            "pack.toml:3:1: the text has the character U+001B, which shows as nothing and changes how others show [curriculum.character] Take it out.",
        ),
        (
            "a key that moves it",
            vec![Replace("pack.toml", "licence", "\"licence\\u001B\"")],
            "pack.toml:6:1: the text has the character U+001B, which shows as nothing and changes how others show [curriculum.character] Take it out.",
        ),
        (
            "a file outside",
            vec![Replace("first/lab.toml", "path = \"notes.md\"", "path = \"../notes.md\"")],
            "first/lab.toml:17:1: the path `../notes.md` leaves its folder [curriculum.path] Write a path relative to the workspace, such as \"src/main.py\".",
        ),
        (
            "an absolute file",
            vec![Replace("first/lab.toml", "path = \"notes.md\"", "path = \"/etc/passwd\"")],
            "first/lab.toml:17:1: the path `/etc/passwd` is absolute [curriculum.path] Write a path relative to the workspace, such as \"src/main.py\".",
        ),
        (
            "a Windows path",
            vec![Replace("first/lab.toml", "path = \"notes.md\"", "path = 'a\\b.md'")],
            "first/lab.toml:17:1: the path `a\\b.md` has a character that not every system takes (a backslash or a colon) [curriculum.path] Write a path relative to the workspace, such as \"src/main.py\".",
        ),
        (
            "a guide page outside",
            vec![Replace("first/lab.toml", "guide = \"01.md\"", "guide = \"../../second/guide/01.md\"")],
            "first/lab.toml:35:1: the path `../../second/guide/01.md` leaves its folder [curriculum.path] Name a file of the lab's `guide` folder, such as \"01.md\".",
        ),
        (
            "a missing guide page",
            vec![Remove("first/guide/02.md")],
            "first/lab.toml:40:1: the guide has no page `02.md` [curriculum.missing] Write first/guide/02.md.",
        ),
        (
            "a guide page that is no text",
            vec![Write("first/guide/02.md", b"fine\n caf\xe9")],
            "first/guide/02.md:2:5: this is not UTF-8 text [curriculum.unreadable] Save the file as UTF-8.",
        ),
        (
            "a guide page that links out",
            vec![Remove("first/guide/02.md"), Link("first/guide/02.md", "/etc/hostname")],
            "first/guide/02.md:1:1: this link leads out of its folder, or nowhere [curriculum.path] Replace the link by the file itself.",
        ),
        (
            "a starter file that links out",
            vec![Link("first/starter/secret", "/etc/passwd")],
            "first/starter/secret:1:1: this link leads out of its folder, or nowhere [curriculum.path] Replace the link by the file itself.",
        ),
        (
            "a dangling link",
            vec![Link("first/starter/lost", "nowhere")],
            "first/starter/lost:1:1: this link leads out of its folder, or nowhere [curriculum.path] Replace the link by the file itself.",
        ),
        (
            "a lab folder that links out",
            vec![Remove("second"), Link("second", "/tmp")],
            "second:1:1: this link leads out of the pack [curriculum.path] Replace it by the folder itself.",
        ),
        (
            "no starter",
            vec![Remove("first/starter")],
            "first/lab.toml:1:1: the lab has no folder `starter` [curriculum.missing] Make first/starter with what a learner starts from.",
        ),
        (
            "no fixed file",
            vec![Remove("first/starter/data/fixed.json")],
            "first/lab.toml:22:1: the fixed file `data/fixed.json` is not in the starter [curriculum.missing] Add first/starter/data/fixed.json, or give it the role \"edit\".",
        ),
        (
            "no lab.toml",
            vec![Remove("second/lab.toml")],
            "second/lab.toml:1:1: there is no such file in PACK/second [curriculum.unreadable] Add the file, or name the right folder.",
        ),
        (
            "a needed lab unknown",
            vec![Replace("second/lab.toml", "needs = [\"first\"]", "needs = [\"frist\"]")],
            "second/lab.toml:7:10: no lab of the plan is called `frist` [curriculum.needs] Did you mean `first`?",
        ),
        (
            "labs that need each other",
            vec![Replace("first/lab.toml", "needs = []", "needs = [\"second\"]")],
            "first/lab.toml:7:1: `first` needs `second` needs `first` [curriculum.needs] Take one of these out of the circle.",
        ),
        (
            "a lab that needs itself",
            vec![Replace("first/lab.toml", "needs = []", "needs = [\"first\"]")],
            "first/lab.toml:7:1: `first` needs `first` [curriculum.needs] Take one of these out of the circle.",
        ),
        (
            "after an unknown check",
            vec![Replace("first/lab.toml", "after = [\"notes-written\"]", "after = [\"notes\"]")],
            "first/lab.toml:61:10: no check of this lab is called `notes` [curriculum.after] Name a check of this lab.",
        ),
        (
            "checks that wait for each other",
            vec![Replace("first/lab.toml", "kind = \"text\"", "kind = \"text\"\nafter = [\"port-is-set\"]")],
            "first/lab.toml:46:1: `notes-written` waits for `port-is-set` waits for `notes-written` [curriculum.after] Take one of these out of the circle.",
        ),
        (
            "two checks with one id",
            vec![Replace("first/lab.toml", "id = \"port-is-set\"", "id = \"notes-written\"")],
            "first/lab.toml:58:1: `notes-written` is already used above [curriculum.duplicate] Give this one another name.",
        ),
        (
            "two steps with one id",
            vec![Replace("first/lab.toml", "id = \"write\"", "id = \"look\"")],
            "first/lab.toml:38:1: `look` is already used above [curriculum.duplicate] Give this one another name.",
        ),
        (
            "two services with one name",
            vec![Append(
                "first/lab.toml",
                "[[services]]\nname = \"web\"\ncommand = [\"python\"]\nready = { path = \"/\" }\n",
            )],
            "first/lab.toml:68:1: `web` is already used above [curriculum.duplicate] Give this one another name.",
        ),
        (
            "two files with one path",
            vec![Replace("first/lab.toml", "path = \"data/fixed.json\"", "path = \"notes.md\"")],
            "first/lab.toml:22:1: `notes.md` is already used above [curriculum.duplicate] Give this one another name.",
        ),
        (
            "an id with a space",
            vec![Replace("first/lab.toml", "id = \"port-is-set\"", "id = \"Port is set\"")],
            "first/lab.toml:58:1: `Port is set` is not a name of lower-case words joined by hyphens [curriculum.id] Write it like \"first-answer\".",
        ),
        (
            "two labs with one id",
            vec![Replace("second/lab.toml", "1c9d6f5e", "0c9d6f5e")],
            "second/lab.toml:2:1: the lab `first` has this id too [curriculum.duplicate] Give one of them a fresh UUID, or their progress is counted together.",
        ),
        (
            "a starter that fails on an unknown check",
            vec![Replace(
                "first/lab.toml",
                "starter_fails_on = \"notes-written\"",
                "starter_fails_on = \"notes-writen\"",
            )],
            "first/lab.toml:9:1: no check of this lab is called `notes-writen` [curriculum.after] Did you mean `notes-written`?",
        ),
        (
            "a hint that is no regular expression",
            vec![Replace("first/lab.toml", "^Hello", "(Hello")],
            "first/lab.toml:52:1: this is not a regular expression: unclosed group [curriculum.pattern] Correct the pattern; a backslash in front takes a character as it is.",
        ),
        (
            "a watch that is no glob",
            vec![Replace("first/lab.toml", "notes/*.md", "notes/[.md")],
            "first/lab.toml:46:12: the pattern `notes/[.md` cannot be used: unclosed character class; missing ']' [curriculum.pattern] Write a pattern for paths of the workspace, such as \"src/**/*.py\".",
        ),
        (
            "a watch outside",
            vec![Replace("first/lab.toml", "notes/*.md", "../*.md")],
            "first/lab.toml:46:12: the pattern `../*.md` leaves its folder [curriculum.pattern] Write a pattern for paths of the workspace, such as \"src/**/*.py\".",
        ),
        (
            "an empty command",
            vec![Replace("first/lab.toml", "[\"python\", \"main.py\"]", "[]")],
            "first/lab.toml:27:1: the command is empty [curriculum.command] Write the program and its arguments: [\"python\", \"main.py\"].",
        ),
        (
            "a ready path without a slash",
            vec![Replace("first/lab.toml", "/health", "health")],
            "first/lab.toml:29:11: the path `health` does not begin with a slash [curriculum.path] Write the path of a request, such as \"/health\".",
        ),
        (
            "an endless wait",
            vec![Replace("first/lab.toml", "/health\"", "/health\", within_s = 100000")],
            "first/lab.toml:29:29: nobody waits 100000 seconds for a service [curriculum.range] Write a number of seconds from 1 to 600.",
        ),
        (
            "a roadmap with a lab that is not planned",
            vec![Write(
                "roadmap.toml",
                b"format = 1\nyears = []\n\n[[skills]]\nid = \"python\"\ntitle = \"Python\"\nside = \"technical\"\nyear = 1\nlabs = [\"frist\"]\n",
            )],
            "roadmap.toml:9:9: no lab of the plan is called `frist` [curriculum.roadmap] Did you mean `first`?",
        ),
        (
            "a roadmap of another form",
            vec![Write("roadmap.toml", b"format = 1\nyears = []\n")],
            "roadmap.toml:1:1: the key `skills` is missing [curriculum.setting] Add `skills`.",
        ),
        (
            "priorities that are told twice, for no reason and with a lab that is not planned",
            vec![Write(
                "roadmap.toml",
                b"format = 1\nyears = []\nskills = []\n\n[[priorities]]\ntitle = \"Search\"\nwhy = \"It is asked for.\"\ntakes = []\n\n[[priorities]]\ntitle = \"Search\"\nwhy = \" \"\ntakes = []\nlabs = [\"frist\"]\n",
            )],
            "roadmap.toml:11:1: `Search` is already used above [curriculum.duplicate] Give this one another name.\nroadmap.toml:12:1: `why` says nothing [curriculum.roadmap] Say it, or why there is no such thing.\nroadmap.toml:14:9: no lab of the plan is called `frist` [curriculum.roadmap] Did you mean `first`?",
        ),
        (
            "an atlas with an empty name and a lab that is not planned",
            vec![Write(
                "roadmap.toml",
                b"format = 1\nyears = []\nskills = []\n\n[[atlas]]\ntopic = \"Data\"\nconcept = \"Chunks\"\nhere = \"a file\"\nazure = \"\"\naws = \"none\"\nlab = \"frist\"\n",
            )],
            "roadmap.toml:9:1: `azure` says nothing [curriculum.roadmap] Say it, or why there is no such thing.\nroadmap.toml:11:1: no lab of the plan is called `frist` [curriculum.roadmap] Did you mean `first`?",
        ),
        (
            "an atlas without the lab that meets it",
            vec![Write(
                "roadmap.toml",
                b"format = 1\nyears = []\nskills = []\n\n[[atlas]]\ntopic = \"Data\"\nconcept = \"Chunks\"\nhere = \"a file\"\nazure = \"a\"\naws = \"b\"\n",
            )],
            "roadmap.toml:5:1: the key `lab` is missing [curriculum.setting] Add `lab`.",
        ),
        (
            "days beyond the plan",
            vec![Replace("pack.toml", "days = [4, 4]\n\n[[plan.labs]]", "days = [4, 40]\n\n[[plan.labs]]")],
            "pack.toml:21:1: the days 4 to 40 do not fit a plan of 10 days [curriculum.days] Write [first, last] with 1 <= first <= last <= 10.",
        ),
        (
            "days the wrong way round",
            vec![Replace("pack.toml", "days = [2, 3]", "days = [3, 2]")],
            "pack.toml:33:1: the days 3 to 2 do not fit a plan of 10 days [curriculum.days] Write [first, last] with 1 <= first <= last <= 10.",
        ),
        (
            "day zero",
            vec![Replace("pack.toml", "days = [1, 1]", "days = [0, 1]")],
            "pack.toml:27:1: the days 0 to 1 do not fit a plan of 10 days [curriculum.days] Write [first, last] with 1 <= first <= last <= 10.",
        ),
        (
            "phases that overlap",
            vec![Replace("pack.toml", "days = [4, 4]", "days = [3, 4]")],
            "pack.toml:21:1: the phase `beyond` begins on day 3, within the phase before it [curriculum.days] Begin it on day 4 or later.",
        ),
        (
            "labs that overlap",
            vec![Replace("pack.toml", "days = [1, 1]", "days = [1, 3]")],
            "pack.toml:33:1: the lab `second` begins on day 2, before the lab above it ends [curriculum.days] Begin it on day 3 or later, or move it up.",
        ),
        (
            "a lab in no phase",
            vec![Replace("pack.toml", "days = [2, 3]", "days = [2, 4]")],
            "pack.toml:33:1: the days of the lab `second` lie in no single phase [curriculum.days] Change its days, or the phase's.",
        ),
        (
            "three numbers for days",
            vec![Replace("pack.toml", "days = [2, 3]", "days = [2, 3, 4]")],
            "pack.toml:33:8: days are two numbers, not 3 [curriculum.setting] Write [first, last].",
        ),
        (
            "a lab planned twice",
            vec![Replace("pack.toml", "slug = \"third\"", "slug = \"second\"")],
            "pack.toml:36:1: `second` is already used above [curriculum.duplicate] Give this one another name.",
        ),
        (
            "a folder that is not planned",
            vec![Write("secnd/lab.toml", b"")],
            "secnd:1:1: the folder `secnd` is not in the plan [curriculum.unplanned] Rename it to `second`, or add it to `plan.labs` in pack.toml.",
        ),
        (
            "a folder that is nothing like a lab",
            vec![Write("drafts/readme.txt", b"")],
            "drafts:1:1: the folder `drafts` is not in the plan [curriculum.unplanned] Add it to `plan.labs` in pack.toml, or move it out of the pack.",
        ),
    ]
}
