//! What Qdrant wants to be told again about a collection, kept in the collection's notes. None of it changes an answer
//! but the vector's name.

use retrieval::{Change, Collection, Settings};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wrong;
use crate::refusal::Refusal;

const NOTE: &str = "qdrant";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct About {
    /// The name of its one vector; empty where it has none.
    pub vector: String,
    /// Indexes of the payload, as they were asked for: a type or an object with one.
    #[serde(default)]
    pub indexes: Map<String, Value>,
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
}

impl About {
    /// A collection that came through another dialect has no note.
    pub fn of(settings: &Settings) -> Self {
        settings.notes.get(NOTE).and_then(|note| Self::deserialize(note).ok()).unwrap_or_default()
    }

    /// The notes with this one in place of the former.
    pub fn noted(&self, settings: &Settings) -> Result<Map<String, Value>, Refusal> {
        let note = serde_json::to_value(self).map_err(|error| Refusal::broken(error.to_string()))?;
        let mut notes = settings.notes.clone();
        notes.insert(NOTE.into(), note);
        Ok(notes)
    }

    /// Changes the note, and what else `change` wants changed with it.
    pub fn revise(
        collection: &Collection,
        change: impl FnOnce(&mut Self, &Settings, &mut Change) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        collection.revise(|settings| {
            let (mut about, mut changed) = (Self::of(settings), Change::default());
            match change(&mut about, settings, &mut changed).and_then(|()| about.noted(settings)) {
                Ok(notes) => (Change { notes: Some(notes), ..changed }, Ok(())),
                Err(refusal) => (Change::default(), Err(refusal)),
            }
        })?
    }

    /// Refuses the name of a vector that the collection has not.
    pub fn expect(&self, name: &str, place: &str) -> Result<(), Refusal> {
        if name == self.vector {
            return Ok(());
        }
        let has = match self.vector.as_str() {
            "" => "a vector without a name".to_owned(),
            known => format!("the vector {known:?}"),
        };
        Err(wrong(place, &format!("asks for the vector {name:?}, and this collection has {has} alone")))
    }
}
