//! Finds the line on which a path stands.
//!
//! The readers of JSON, YAML and TOML tell where they are only in their errors, so the search is a reading that fails
//! on purpose at the wanted key.

use std::fmt;

use hcl_edit::{
    Span,
    structure::{Block, Body, Structure},
};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    Format,
    path::{DataPath, Segment},
};
use crate::lines::line_at;

/// The line, counting from 1, of the key or entry at `path` in a text that parses.
pub fn locate(text: &str, format: Format, path: &DataPath) -> Option<u32> {
    let path = path.0.as_slice();
    if path.is_empty() {
        return Some(1);
    }
    match format {
        Format::Json => {
            let error = Seek { path }.deserialize(&mut serde_json::Deserializer::from_str(text)).err()?;
            u32::try_from(error.line()).ok()
        }
        Format::Yaml => {
            let error = Seek { path }.deserialize(serde_norway::Deserializer::from_str(text)).err()?;
            u32::try_from(error.location()?.line()).ok()
        }
        Format::Toml => {
            let error = Seek { path }.deserialize(toml::Deserializer::parse(text).ok()?).err()?;
            Some(line_at(text, error.span()?.start))
        }
        Format::Hcl => Some(line_at(text, in_body(&hcl_edit::parser::parse_body(text).ok()?, path)?)),
    }
}

/// A reading that fails at the end of the path and is fine where the path does not exist.
#[derive(Clone, Copy)]
struct Seek<'a> {
    path: &'a [Segment],
}

impl Seek<'_> {
    fn arrived<E: Error>(self) -> Result<(), E> {
        if self.path.is_empty() { Err(E::custom("here")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.arrived()?;
        let wanted = match self.path {
            [Segment::Key(key), ..] => Some(key.as_str()),
            _ => None,
        };
        while let Some(found) = map.next_key_seed(Key { wanted, last: self.path.len() == 1 })? {
            if found {
                map.next_value_seed(Seek { path: &self.path[1..] })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.arrived()?;
        if let [Segment::Index(index), rest @ ..] = self.path {
            for _ in 0..*index {
                items.next_element::<IgnoredAny>()?;
            }
            items.next_element_seed(Seek { path: rest })?;
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.arrived()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.arrived()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.arrived()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.arrived()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.arrived()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.arrived()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Reads a key: whether it is the wanted one, or a failure where that ends the path.
struct Key<'a> {
    wanted: Option<&'a str>,
    last: bool,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        match (self.wanted == Some(key), self.last) {
            (true, true) => Err(E::custom("here")),
            (found, _) => Ok(found),
        }
    }

    // YAML's keys may be numbers, truths or nothing.
    fn visit_i64<E: Error>(self, key: i64) -> Result<bool, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_u64<E: Error>(self, key: u64) -> Result<bool, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_f64<E: Error>(self, key: f64) -> Result<bool, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_bool<E: Error>(self, key: bool) -> Result<bool, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        self.visit_str("null")
    }
}

/// The byte at which a path stands in HCL, where a block's labels are keys too: `resource.docker_image.web.name`.
fn in_body(body: &Body, path: &[Segment]) -> Option<usize> {
    let [Segment::Key(key), ..] = path else { return None };
    if let Some(attribute) = body.get_attribute(key) {
        return Some(attribute.span()?.start);
    }
    let names = |block: &Block| -> Vec<String> {
        let labels = block.labels.iter().map(|label| label.as_str().to_owned());
        std::iter::once(block.ident.as_str().to_owned()).chain(labels).collect()
    };
    let mut same = 0;
    for block in body.iter().filter_map(Structure::as_block) {
        let names = names(block);
        let fits = names.iter().zip(path).all(|(name, segment)| *segment == Segment::Key(name.clone()));
        if !fits {
            continue;
        }
        let start = block.span()?.start;
        match path.get(names.len()..) {
            None | Some([]) => return Some(start),
            // Blocks with the same names are a list.
            Some([Segment::Index(index), ..]) if *index != same => same += 1,
            Some([Segment::Index(_)]) => return Some(start),
            Some([Segment::Index(_), rest @ ..]) => return in_body(&block.body, rest).or(Some(start)),
            Some(rest) => {
                if let Some(found) = in_body(&block.body, rest) {
                    return Some(found);
                }
            }
        }
    }
    None
}
