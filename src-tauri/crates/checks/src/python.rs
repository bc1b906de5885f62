//! Reads what Python says when a program of the learner's stops.

use std::sync::LazyLock;

use regex::Regex;

/// Why a program stopped, and where in the learner's own files.
#[derive(Debug, PartialEq, Eq)]
pub struct Traceback {
    /// `ModuleNotFoundError: No module named 'openai'`
    pub error: String,
    /// The last frame that is a file of the workspace, with its line.
    pub place: Option<(String, u32)>,
}

static FRAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\s*File "(?<file>[^"]+)", line (?<line>\d+)"#).ok());
static ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Exit|Interrupt|Timeout|Refused)\w*(?::.*)?$").ok()
});

/// Finds the last traceback in `output`. `files` are the workspace's.
pub fn traceback(output: &str, files: &[String]) -> Option<Traceback> {
    let (frame, error) = (FRAME.as_ref()?, ERROR.as_ref()?);
    let output = output.rfind("Traceback (most recent call last)").map_or(output, |start| &output[start..]);
    let frames: Vec<(usize, Option<(String, u32)>)> = output
        .lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let found = frame.captures(line)?;
            let place =
                found["line"].parse().ok().and_then(|line| Some((own(&found["file"], files)?.to_owned(), line)));
            Some((index, place))
        })
        .collect();
    let last = frames.last()?.0;
    let error = output.lines().skip(last + 1).find(|line| error.is_match(line))?;
    Some(Traceback { error: error.to_owned(), place: frames.into_iter().rev().find_map(|(_, place)| place) })
}

/// The workspace's file that a frame's path means: the longest whose name ends it.
fn own<'a>(path: &str, files: &'a [String]) -> Option<&'a str> {
    let path = path.replace('\\', "/");
    if path.contains("site-packages/") || path.contains("/lib/python") {
        return None;
    }
    files
        .iter()
        .filter(|file| path.strip_suffix(file.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/')))
        .max_by_key(|file| file.len())
        .map(String::as_str)
}

/// What usually mends an error of this sort.
pub fn advice(error: &str) -> Option<&'static str> {
    const ADVICE: &[(&str, &str)] = &[
        (
            "ModuleNotFoundError",
            "Check the spelling of the import; the packages you can use are those in the lab's requirements.txt.",
        ),
        ("ImportError", "Check the spelling of the imported name, and that the file it comes from has it."),
        ("SyntaxError", "Look at this line and the one above for a missing bracket, quotation mark or colon."),
        ("IndentationError", "Indent the line like its neighbours, with spaces only."),
        ("TabError", "Indent with spaces only."),
        ("NameError", "Check the spelling of the name, and that it is defined above."),
        ("FileNotFoundError", "Check the path; the program runs from the top of the workspace."),
        ("EOFError", "The program asks for input and gets none here: read from a file or an argument instead."),
        ("openai.AuthenticationError", "Use the key in the variable OPENAI_API_KEY, not one typed into the file."),
        (
            "openai.APIConnectionError",
            "Use the address in the variable OPENAI_BASE_URL, and see that the gateway runs.",
        ),
        ("openai.APITimeoutError", "Ask for fewer tokens, or allow the client more time."),
        (
            "openai.NotFoundError",
            "Use a model that GET /v1/models lists, and the address in OPENAI_BASE_URL unchanged.",
        ),
        ("openai.BadRequestError", "Read the message: the gateway names the parameter that it does not take."),
        ("openai.OpenAIError", "Leave key and address to the variables OPENAI_API_KEY and OPENAI_BASE_URL."),
        ("httpx.ConnectError", "See that the address is right and that something listens there."),
        ("ConnectionRefusedError", "See that the address is right and that something listens there."),
        ("KeyError: 'OPENAI_", "The variable is set in the lab's environment: do not clear it."),
        ("KeyError", "The key is not in the dictionary: print the dictionary to see what it has."),
    ];
    ADVICE.iter().find(|(start, _)| error.starts_with(start)).map(|(_, advice)| *advice)
}
