//! What a job wants of its machine: `runs-on`, `container`, `services`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{document::Document, expression::text};
use crate::{Beside, HealthCheck, data::path::DataPath, finding::Halt};

/// Whether machines of this name are here: those of GitHub that run Ubuntu.
pub fn runs_here(document: &Document, at: &DataPath, wanted: &Value) -> Result<(), Halt> {
    let labels = match wanted {
        Value::Array(labels) => labels.iter().map(text).collect(),
        Value::Object(group) => vec![group.get("labels").map(text).unwrap_or_default()],
        one => vec![text(one)],
    };
    if !labels.is_empty() && labels.iter().all(|label| label.starts_with("ubuntu-")) {
        return Ok(());
    }
    let asked = labels.join(", ");
    Err(document
        .wrong(at, format!("No machine `{asked}` is here."))
        .expected("ubuntu-latest, or another ubuntu")
        .actual(asked)
        .next("Write `runs-on: ubuntu-latest`.")
        .into())
}

/// The image and the variables of a job's own container, its expressions replaced; no image where none is named.
pub fn container(
    document: &Document,
    at: &DataPath,
    written: &Value,
) -> Result<(Option<String>, BTreeMap<String, String>), Halt> {
    if let Some(key) = ["options", "volumes", "ports", "credentials"].iter().find(|key| written.get(**key).is_some()) {
        return Err(document
            .wrong(&at.key(key), format!("A job's container cannot be tried with `{key}`."))
            .expected("image and env")
            .actual(format!("`{key}`"))
            .next("Take it out: the container of a job has an image and variables here.")
            .into());
    }
    let image = match written {
        Value::String(image) => Some(image.clone()),
        other => other.get("image").map(text),
    };
    Ok((image.filter(|image| !image.is_empty()), variables(written)))
}

/// A service as it is written, its expressions replaced; `None` where its image is empty, by which GitHub leaves it out.
pub fn service(document: &Document, at: &DataPath, name: &str, written: &Value) -> Result<Option<Beside>, Halt> {
    let image = written.get("image").map(text).unwrap_or_default();
    if image.is_empty() {
        return Ok(None);
    }
    let refused = |key: &str, next: &str| {
        let failure = document.wrong(&at.key(key), format!("The service `{name}` cannot be tried with `{key}`."));
        let failure = failure.expected("image, env, ports and health options").actual(format!("`{key}`"));
        Err(failure.next(next).into())
    };
    if let Some(key) =
        ["volumes", "credentials", "command", "entrypoint"].iter().find(|key| written.get(**key).is_some())
    {
        return refused(key, "Take it out: services here have an image, variables, ports and a health check.");
    }
    let mut ports = Vec::new();
    for port in written.get("ports").and_then(Value::as_array).into_iter().flatten() {
        let port = text(port);
        let plain = port.strip_suffix("/tcp").unwrap_or(&port);
        // A port without an outer one is reached by its own number.
        let (outer, inner) = plain.split_once(':').unwrap_or((plain, plain));
        match (outer.parse(), inner.parse()) {
            (Ok(outer), Ok(inner)) => ports.push((outer, inner)),
            _ => return refused("ports", "Write a port as `5432:5432`."),
        }
    }
    let health = match written.get("options").map(text) {
        None => None,
        Some(options) => {
            match health(&options) {
                Ok(health) => health,
                Err(option) => {
                    let failure = document
                        .wrong(&at.key("options"), format!("The option `{option}` of `{name}` is not known here."));
                    return Err(failure
                    .expected("--health-cmd, --health-interval, --health-timeout, --health-retries, --health-start-period")
                    .actual(options)
                    .next("Take it out.")
                    .into());
                }
            }
        }
    };
    let environment = variables(written);
    Ok(Some(Beside { name: name.to_owned(), image, environment, ports, health }))
}

/// The variables of a service or a container.
fn variables(written: &Value) -> BTreeMap<String, String> {
    let pairs = written.get("env").and_then(Value::as_object);
    pairs.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The health check of an engine's options; the error is the first other option.
fn health(options: &str) -> Result<Option<HealthCheck>, String> {
    let words = shlex::split(options).ok_or_else(|| options.to_owned())?;
    let mut words = words.into_iter();
    let (mut check, mut any) = (HealthCheck::default(), false);
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (word.clone(), words.next().unwrap_or_default()),
        };
        any = true;
        match name.as_str() {
            "--health-cmd" => check.command = value,
            "--health-interval" => check.interval = Some(nanoseconds(&value).ok_or(word)?),
            "--health-timeout" => check.timeout = Some(nanoseconds(&value).ok_or(word)?),
            "--health-start-period" => check.start_period = Some(nanoseconds(&value).ok_or(word)?),
            "--health-retries" => check.retries = Some(value.parse().map_err(|_| word)?),
            _ => return Err(word),
        }
    }
    Ok((any && !check.command.is_empty()).then_some(check))
}

/// `10s`, `500ms`, `1m`, `1m30s`
fn nanoseconds(written: &str) -> Option<i64> {
    let (mut sum, mut rest) = (0.0, written);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let factor = match &after[..unit] {
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 6e10,
            "h" => 3.6e12,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * factor;
        rest = &after[unit..];
    }
    (sum > 0.0).then_some(sum as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_of_a_health_check() {
        let options = "--health-cmd \"redis-cli ping\" --health-interval 10s --health-timeout=1m30s --health-retries 5";
        let expected = HealthCheck {
            command: "redis-cli ping".into(),
            interval: Some(10_000_000_000),
            timeout: Some(90_000_000_000),
            start_period: None,
            retries: Some(5),
        };
        assert_eq!(health(options), Ok(Some(expected)));
        assert_eq!(health("--privileged"), Err("--privileged".to_owned()));
        assert_eq!(health("--health-interval soon"), Err("--health-interval".to_owned()));
        assert_eq!(health(""), Ok(None));
    }
}
