//! The control plane: indexes are made, listed, described, changed and deleted.

use axum::{Json, body::Body, extract::State, http::HeaderMap, http::StatusCode, response::IntoResponse};
use rand::random;
use retrieval::{Change, Collections, Settings};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, Named, creation,
    creation::{Creation, Protection, ReadCapacity, Tags},
    index::{self, Embed, Index, Notes},
    inference, named,
    refused::{self, invalid, unsupported},
    version::Version,
};
use crate::{body, refusal::Refusal, server::App, vectors};

pub(crate) async fn list(State(app): State<App>, headers: HeaderMap) -> Answer {
    let version = Version::of(&headers);
    let indexes = vectors::on(&app, move |collections| {
        let names = collections.list().map_err(refused::of)?.into_iter().filter(|name| index::is_name(name));
        // One that is deleted meanwhile is not listed; one that cannot be read must not hide the others.
        let indexes = names.filter_map(|name| Index::open(collections, &name).ok());
        Ok(indexes.map(|index| index.described(&headers, &version)).collect::<Vec<_>>())
    });
    Ok(Json(json!({"indexes": indexes.await?})))
}

pub(crate) async fn describe(State(app): State<App>, index: Named, headers: HeaderMap) -> Answer {
    let version = Version::of(&headers);
    super::on(&app, named(index), move |index| Ok(Json(index.described(&headers, &version)))).await
}

pub(crate) async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, Refusal> {
    let creation: Creation = body::vectors(body, &app.limits).await?;
    let name = creation.name.clone().unwrap_or_else(|| format!("index-{:08x}", random::<u32>()));
    let (settings, notes) = creation.settings()?;
    make(&app, name, settings, notes, headers).await
}

/// The body of `create_index_for_model`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForModel {
    name: String,
    cloud: String,
    region: String,
    embed: Embedding,
    deletion_protection: Option<Protection>,
    tags: Option<Tags>,
    schema: Option<Value>,
    read_capacity: Option<ReadCapacity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Embedding {
    model: String,
    field_map: FieldMap,
    metric: Option<String>,
    dimension: Option<u32>,
    read_parameters: Option<Value>,
    write_parameters: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldMap {
    text: String,
}

pub(crate) async fn create_for_model(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, Refusal> {
    let asked: ForModel = body::vectors(body, &app.limits).await?;
    let Embedding { model, field_map, metric, dimension, read_parameters, write_parameters } = asked.embed;
    let described = inference::embedder(&app, &model)?.describe();
    if let Some(dimension) = dimension.filter(|dimension| *dimension != described.dimension) {
        let message = format!("{model:?} makes vectors of {} values, not of {dimension}.", described.dimension);
        return Err(invalid("invalid_dimension", message));
    }
    for parameters in [read_parameters, write_parameters].into_iter().flatten() {
        inference::check_parameters(&parameters)?;
    }
    creation::on_demand(asked.read_capacity.as_ref())?;
    if asked.schema.is_some() {
        return Err(creation::every_field_is_filterable());
    }
    if field_map.text.is_empty() || field_map.text.starts_with('_') {
        return Err(invalid("invalid_field_map", "'embed.field_map.text' names a field that begins with no _."));
    }
    let mut settings = Settings::new(described.dimension as usize, creation::metric(metric.as_deref())?);
    settings.model = Some(described.id);
    let embed = Some(Embed { model, field: field_map.text });
    let mut notes = Notes { cloud: asked.cloud, region: asked.region, embed, ..Notes::default() };
    creation::protect(&mut notes, asked.deletion_protection);
    creation::tag(&mut notes, asked.tags.unwrap_or_default())?;
    settings.delay = creation::delay(&notes)?;
    make(&app, asked.name, settings, notes, headers).await
}

async fn make(
    app: &App,
    name: String,
    mut settings: Settings,
    notes: Notes,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    if !index::is_name(&name) {
        let message = format!(
            "{name:?} cannot be an index's name: 1 to 45 lower case letters, digits and hyphens, with a letter or digit at both ends."
        );
        return Err(invalid("invalid_name", message));
    }
    notes.keep(&mut settings.notes);
    let version = Version::of(&headers);
    let described = vectors::on(app, move |collections: &Collections| {
        collections.create(&name, &settings).map_err(refused::of)?;
        Ok(Index::open(collections, &name)?.described(&headers, &version))
    });
    Ok((StatusCode::CREATED, Json(described.await?)))
}

/// The body of `configure_index`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    deletion_protection: Option<Protection>,
    tags: Option<Tags>,
    read_capacity: Option<ReadCapacity>,
    spec: Option<Value>,
    deployment: Option<Value>,
    schema: Option<Value>,
    embed: Option<Value>,
}

pub(crate) async fn configure(State(app): State<App>, index: Named, headers: HeaderMap, body: Body) -> Answer {
    let asked: Configuration = body::vectors(body, &app.limits).await?;
    for (name, given) in
        [("spec", &asked.spec), ("deployment", &asked.deployment), ("schema", &asked.schema), ("embed", &asked.embed)]
    {
        if given.is_some() {
            let what = format!("Changing '{name}' of an index");
            return Err(unsupported(&what, "Only deletion_protection and tags can be changed."));
        }
    }
    creation::on_demand(asked.read_capacity.as_ref())?;
    let version = Version::of(&headers);
    vectors::on(&app, move |collections| {
        let name = named(index);
        let index = Index::open(collections, &name)?;
        let notes = index.annotate(|notes| {
            let mut changed = notes.clone();
            creation::protect(&mut changed, asked.deletion_protection);
            creation::tag(&mut changed, asked.tags.unwrap_or_default())?;
            let delay = creation::delay(&changed)?;
            *notes = changed;
            Ok::<_, Refusal>(delay)
        });
        let delay = notes??;
        if delay != index.settings.delay {
            index.collection.change(&Change { delay: Some(delay), ..Change::default() }).map_err(refused::of)?;
        }
        Ok(Json(Index::open(collections, &name)?.described(&headers, &version)))
    })
    .await
}

pub(crate) async fn delete(State(app): State<App>, index: Named) -> Result<StatusCode, Refusal> {
    vectors::on(&app, move |collections| {
        let name = named(index);
        if Index::open(collections, &name)?.notes.protected {
            let message = format!(
                "Deletion protection is enabled for this index. Disable it before retrying: configure_index({name:?}, deletion_protection=\"disabled\")."
            );
            return Err(Refusal::new(StatusCode::FORBIDDEN, "deletion_protected", message));
        }
        collections.delete(&name).map_err(refused::of)?;
        Ok(StatusCode::ACCEPTED)
    })
    .await
}
