//! The shapes that a compose file's values may have, before they mean anything.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::bad::Bad;

#[derive(Debug, Deserialize)]
pub struct Document {
    pub name: Option<String>,
    #[serde(default)]
    pub services: BTreeMap<String, ServiceForm>,
    #[serde(default)]
    pub networks: BTreeMap<String, Option<NetworkForm>>,
    #[serde(default)]
    pub volumes: BTreeMap<String, Option<VolumeForm>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ServiceForm {
    pub build: Option<BuildForm>,
    pub cap_drop: Vec<String>,
    pub command: Option<Words>,
    pub cpus: Option<Scalar>,
    pub depends_on: Option<DependsOn>,
    pub deploy: Option<Deploy>,
    pub entrypoint: Option<Words>,
    pub env_file: Option<OneOrMany>,
    pub environment: Option<Pairs>,
    pub healthcheck: Option<HealthForm>,
    pub hostname: Option<String>,
    pub image: Option<String>,
    pub init: Option<bool>,
    pub labels: Option<Pairs>,
    pub mem_limit: Option<Scalar>,
    pub networks: Option<NetworksForm>,
    pub pids_limit: Option<Scalar>,
    pub ports: Vec<PortForm>,
    pub read_only: bool,
    pub restart: Option<Scalar>,
    pub security_opt: Vec<String>,
    pub shm_size: Option<Scalar>,
    pub stop_grace_period: Option<Scalar>,
    pub stop_signal: Option<String>,
    pub tmpfs: Option<OneOrMany>,
    pub user: Option<Scalar>,
    pub volumes: Vec<VolumeUse>,
    pub working_dir: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkForm {
    #[serde(default)]
    pub internal: bool,
    #[serde(rename = "driver")]
    _driver: Option<Bridge>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Bridge {
    Bridge,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeForm {
    #[serde(rename = "driver")]
    _driver: Option<Local>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Local {
    Local,
}

/// A value that files write with and without quotes.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    Truth(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth(value) => value.fmt(f),
            Self::Whole(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a text, or a list of texts")]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub fn all(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// A command: words, or a line that is cut into words as a shell would.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a line, or a list of words")]
pub enum Words {
    Line(String),
    List(Vec<Scalar>),
}

impl Words {
    pub fn cut(self, place: &str) -> Result<Vec<String>, Bad> {
        match self {
            Self::List(words) => Ok(words.iter().map(Scalar::to_string).collect()),
            Self::Line(line) => shlex::split(&line)
                .ok_or_else(|| Bad::new(place, format!("{line:?} has a quote that does not end"), "End it.")),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a mapping, or a list of NAME=VALUE")]
pub enum Pairs {
    Mapping(BTreeMap<String, Option<Scalar>>),
    List(Vec<String>),
}

impl Pairs {
    pub fn all(self, place: &str) -> Result<BTreeMap<String, String>, Bad> {
        let bare = |name: &str| {
            let detail = format!("{name} has no value: nothing is taken from your terminal");
            Bad::new(
                format!("{place}.{name}"),
                detail,
                format!("Write {name}: ${{{name}}}, and its value into `.env`."),
            )
        };
        match self {
            Self::Mapping(pairs) => pairs
                .into_iter()
                .map(|(name, value)| Ok((name.clone(), value.ok_or_else(|| bare(&name))?.to_string())))
                .collect(),
            Self::List(pairs) => pairs
                .into_iter()
                .map(|pair| match pair.split_once('=') {
                    Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
                    None => Err(bare(&pair)),
                })
                .collect(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a folder, or a mapping of context, dockerfile, args and target")]
pub enum BuildForm {
    Folder(String),
    Mapping(BuildMapping),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildMapping {
    #[serde(default = "here")]
    pub context: String,
    pub dockerfile: Option<String>,
    pub args: Option<Pairs>,
    pub target: Option<String>,
}

fn here() -> String {
    ".".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a list of services, or a mapping of services to conditions")]
pub enum DependsOn {
    List(Vec<String>),
    Mapping(BTreeMap<String, Depends>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depends {
    pub condition: super::Condition,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deploy {
    pub resources: Option<Resources>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    pub limits: Option<LimitsForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsForm {
    pub memory: Option<Scalar>,
    pub cpus: Option<Scalar>,
    pub pids: Option<Scalar>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthForm {
    pub test: Option<OneOrMany>,
    pub interval: Option<Scalar>,
    pub timeout: Option<Scalar>,
    pub retries: Option<Scalar>,
    pub start_period: Option<Scalar>,
    pub disable: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a list of networks, or a mapping of networks")]
pub enum NetworksForm {
    List(Vec<String>),
    Mapping(BTreeMap<String, Option<NetworkUse>>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkUse {
    #[serde(default)]
    pub aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected HOST:CONTAINER, or a mapping of target and published")]
pub enum PortForm {
    Short(Scalar),
    Long(PortMapping),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortMapping {
    pub target: Scalar,
    pub published: Option<Scalar>,
    pub host_ip: Option<String>,
    pub protocol: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected SOURCE:TARGET, or a mapping of type, source and target")]
pub enum VolumeUse {
    Short(String),
    Long(VolumeMapping),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeMapping {
    pub r#type: VolumeSort,
    pub source: Option<String>,
    pub target: String,
    #[serde(default)]
    pub read_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VolumeSort {
    Bind,
    Volume,
    Tmpfs,
}
