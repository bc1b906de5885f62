//! A PostgreSQL server with pgvector: a table of our own in a schema of our own, with an HNSW index of pgvector's defaults.
//! Where the database has not switched pgvector on, that happens in the schema, and is undone with it.

mod trust;

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use retrieval::Metric;
use tokio::time::timeout;
use tokio_postgres::{Client, Config, NoTls, Statement, error::SqlState, types::ToSql};

use super::{About, Contender, Operations, REMOVAL, Size, own_name};
use crate::{Address, Error, Sample, sample::field};
use trust::tls;

const KIND: &str = "PostgreSQL";
const CONNECT: Duration = Duration::from_secs(10);
/// Numbers of a vector that an HNSW index of pgvector takes.
const MOST: usize = 2000;

pub struct Pgvector {
    address: Address,
    /// As it is written in SQL without quotes.
    schema: String,
    session: Option<Session>,
}

struct Session {
    config: Config,
    /// What is shown of it.
    shown: String,
    client: Client,
    ask: Option<Statement>,
    /// A schema may be there.
    made: bool,
    /// pgvector was switched on by us.
    extended: bool,
}

impl Pgvector {
    pub fn new(address: Address) -> Self {
        Self { address, schema: own_name().replace('-', "_"), session: None }
    }

    fn session(&mut self) -> Result<&mut Session, Error> {
        self.session.as_mut().ok_or(Error::Thread)
    }

    /// Makes the schema, and sees that pgvector is there.
    async fn extend(&mut self) -> Result<(), Error> {
        let schema = self.schema.clone();
        let session = self.session()?;
        session.made = true;
        session.run(&format!("CREATE SCHEMA {schema}")).await?;
        let home = "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace \
                    WHERE extname = 'vector'";
        let home = session.client.query_opt(home, &[]).await.map_err(|error| session.explain(&error))?;
        let path = match home {
            Some(row) => format!("{schema}, {}", row.get::<_, String>(0)),
            None => {
                session.extended = true;
                let switched = session.client.batch_execute(&format!("CREATE EXTENSION vector SCHEMA {schema}")).await;
                switched.map_err(|error| match error.code() {
                    Some(&SqlState::UNDEFINED_FILE | &SqlState::FEATURE_NOT_SUPPORTED) => {
                        Error::NoExtension { address: session.shown.clone() }
                    }
                    _ => session.explain(&error),
                })?;
                schema
            }
        };
        session.run(&format!("SET search_path TO {path}")).await
    }
}

#[async_trait]
impl Contender for Pgvector {
    fn about(&self) -> About {
        let what = format!("PostgreSQL with pgvector at {}, HNSW as pgvector sets it", self.address.shown());
        About { name: "pgvector", what, operations: Operations::Database }
    }

    async fn make(&mut self, sample: &Arc<Sample>) -> Result<(), Error> {
        self.session = Some(Session::open(&self.address).await?);
        let dimension = sample.settings.dimension;
        if dimension > MOST {
            return Err(Error::Dimension { dimension, most: MOST });
        }
        self.extend().await?;
        let fields: String = fields(sample).map(|field| format!(", {field} text[] NOT NULL")).collect();
        let table = format!(
            "CREATE TABLE {}.points (id integer PRIMARY KEY, v vector({dimension}) NOT NULL{fields})",
            self.schema
        );
        self.session()?.run(&table).await
    }

    async fn load(&mut self, sample: &Arc<Sample>, points: Range<usize>) -> Result<(), Error> {
        // Vectors as texts, and the values of a field as JSON, since rows of an array must be of one length.
        let ids: Vec<i32> = points.clone().map(|point| point as i32).collect();
        let vectors: Vec<String> = points.clone().map(|point| text(sample.vector(point))).collect();
        let values: Vec<Vec<String>> = (0..sample.wanted().len())
            .map(|field| points.clone().map(|point| json(&sample.values(point)[field])).collect())
            .collect();
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&ids, &vectors];
        parameters.extend(values.iter().map(|values| values as &(dyn ToSql + Sync)));
        let given: String = (0..values.len()).map(|at| format!(", ${}::text[]", at + 3)).collect();
        let columns: String = fields(sample).map(|field| format!(", {field}")).collect();
        let unpacked: String =
            fields(sample).map(|field| format!(", ARRAY(SELECT jsonb_array_elements_text({field}::jsonb))")).collect();
        let insert = format!(
            "INSERT INTO points SELECT id, v::vector{unpacked} FROM unnest($1::int[], $2::text[]{given}) AS given (id, v{columns})"
        );
        let session = self.session()?;
        session.client.execute(&insert, &parameters).await.map_err(|error| session.explain(&error))?;
        Ok(())
    }

    async fn settle(&mut self, sample: &Arc<Sample>) -> Result<(), Error> {
        let operators = match sample.metric() {
            Metric::Cosine => "vector_cosine_ops",
            Metric::Dot => "vector_ip_ops",
            Metric::Euclidean => "vector_l2_ops",
        };
        let session = self.session()?;
        session.run(&format!("CREATE INDEX near ON points USING hnsw (v {operators})")).await?;
        for field in fields(sample) {
            session.run(&format!("CREATE INDEX ON points USING gin ({field})")).await?;
        }
        session.run("ANALYZE points").await?;
        if !sample.wanted().is_empty() {
            // Since 0.8 the index goes on where a filter left too few; before, it does not, and recall shows it.
            match session.run("SET hnsw.iterative_scan = strict_order").await {
                Err(Error::Refused { .. }) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        let operator = match sample.metric() {
            Metric::Cosine => "<=>",
            Metric::Dot => "<#>",
            Metric::Euclidean => "<->",
        };
        let tests: Vec<String> =
            fields(sample).enumerate().map(|(at, field)| format!("{field} @> ARRAY[${}::text]", at + 3)).collect();
        let filter = if tests.is_empty() { String::new() } else { format!("WHERE {}", tests.join(" AND ")) };
        let ask = format!("SELECT id FROM points {filter} ORDER BY v {operator} $1::text::vector LIMIT $2::bigint");
        let ask = session.client.prepare(&ask).await.map_err(|error| session.explain(&error))?;
        session.ask = Some(ask);
        Ok(())
    }

    async fn ask(&mut self, sample: &Arc<Sample>, point: usize, limit: usize) -> Result<Vec<u32>, Error> {
        let session = self.session()?;
        let ask = session.ask.as_ref().ok_or(Error::Thread)?;
        let (vector, limit) = (text(sample.vector(point)), limit as i64);
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&vector, &limit];
        parameters.extend(sample.wanted().iter().map(|value| value as &(dyn ToSql + Sync)));
        let rows = session.client.query(ask, &parameters).await.map_err(|error| session.explain(&error))?;
        Ok(rows.iter().filter_map(|row| u32::try_from(row.get::<_, i32>(0)).ok()).collect())
    }

    /// The table with its indexes. What of it the server holds in memory it shares with everything else.
    async fn size(&mut self) -> Result<Size, Error> {
        let session = self.session()?;
        let asked = session.client.query_one("SELECT pg_total_relation_size('points')", &[]).await;
        let row = asked.map_err(|error| session.explain(&error))?;
        Ok(Size { memory: None, disk: u64::try_from(row.get::<_, i64>(0)).ok() })
    }

    async fn remove(&mut self) -> Result<(), Error> {
        let Some(session) = self.session.as_mut().filter(|session| session.made) else { return Ok(()) };
        let silent = Error::Broke { address: session.shown.clone(), reason: "it does not answer".into() };
        let removed = timeout(REMOVAL, session.forget(&self.schema)).await.unwrap_or(Err(silent));
        removed.map_err(|error| Error::LeftBehind {
            what: format!("The schema {} at {}", self.schema, session.shown),
            reason: error.to_string().trim_end_matches('.').to_owned(),
        })?;
        session.made = false;
        Ok(())
    }
}

impl Session {
    async fn open(address: &Address) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Address { kind: KIND, reason };
        let mut config: Config = match address.url.split_once("://") {
            Some(("postgres" | "postgresql", _)) => address.url.parse().map_err(|error| wrong(reason(&error)))?,
            _ => return Err(wrong("it does not begin with postgres://".into())),
        };
        if config.get_password().is_some() {
            return Err(wrong("it holds a password, and command lines are seen by everybody on the machine".into()));
        }
        if config.get_hosts().is_empty() {
            return Err(wrong("it names no host".into()));
        }
        if let Some(key) = &address.key {
            config.password(key.secret());
        }
        config.connect_timeout(CONNECT).application_name("groundwork");
        let shown = address.shown();
        let client = connect(&config, &shown).await?;
        Ok(Self { config, shown, client, ask: None, made: false, extended: false })
    }

    async fn run(&self, statement: &str) -> Result<(), Error> {
        self.client.batch_execute(statement).await.map_err(|error| self.explain(&error))
    }

    /// Drops the schema and what is ours in it. What others have come to use meanwhile refuses to be dropped.
    async fn forget(&mut self, schema: &str) -> Result<(), Error> {
        if !self.client.is_closed() {
            // A statement that was given up still runs there, and would be waited for.
            let _ = match tls(self.config.get_ssl_mode()) {
                Some(tls) => self.client.cancel_token().cancel_query(tls).await,
                None => self.client.cancel_token().cancel_query(NoTls).await,
            };
        }
        self.client = connect(&self.config, &self.shown).await?;
        self.run(&format!("DROP TABLE IF EXISTS {schema}.points")).await?;
        if self.extended {
            // It may have been switched on by somebody else in the same moment, and then lies elsewhere.
            let ours = "SELECT 1 FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace \
                        WHERE extname = 'vector' AND nspname = $1";
            let ours = self.client.query_opt(ours, &[&schema]).await.map_err(|error| self.explain(&error))?;
            if ours.is_some() {
                self.run("DROP EXTENSION vector").await?;
            }
        }
        self.run(&format!("DROP SCHEMA IF EXISTS {schema}")).await
    }

    fn explain(&self, error: &tokio_postgres::Error) -> Error {
        explain(&self.config, &self.shown, error)
    }
}

async fn connect(config: &Config, shown: &str) -> Result<Client, Error> {
    let explained = |error| explain(config, shown, &error);
    match tls(config.get_ssl_mode()) {
        Some(tls) => {
            let (client, connection) = config.connect(tls).await.map_err(explained)?;
            // It ends with the client.
            tokio::spawn(connection);
            Ok(client)
        }
        None => {
            let (client, connection) = config.connect(NoTls).await.map_err(explained)?;
            tokio::spawn(connection);
            Ok(client)
        }
    }
}

fn explain(config: &Config, address: &str, error: &tokio_postgres::Error) -> Error {
    let address = address.to_owned();
    if let Some(told) = error.as_db_error() {
        return match *told.code() {
            SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => match config.get_password() {
                Some(_) => Error::Key { address },
                None => Error::NoKey { address },
            },
            SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => {
                Error::Broke { address, reason: told.message().to_owned() }
            }
            SqlState::CANNOT_CONNECT_NOW => Error::Unreachable { address, reason: told.message().to_owned() },
            _ => Error::Refused { address, told: told.message().trim_end_matches('.').to_owned() },
        };
    }
    let reason = reason(error);
    if reason.contains("password missing") {
        return Error::NoKey { address };
    }
    match error.to_string() {
        said if said.starts_with("error connecting") => Error::Unreachable { address, reason },
        said if said.starts_with("error performing TLS") => Error::Encryption { address, reason },
        _ => Error::Broke { address, reason },
    }
}

/// The innermost reason, which alone says what happened.
fn reason(error: &tokio_postgres::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    reason.to_string()
}

fn fields(sample: &Sample) -> impl Iterator<Item = String> + use<> {
    (0..sample.wanted().len()).map(field)
}

/// As pgvector reads it.
fn text(vector: &[f32]) -> String {
    let numbers: Vec<String> = vector.iter().map(f32::to_string).collect();
    format!("[{}]", numbers.join(","))
}

fn json(values: &[String]) -> String {
    serde_json::Value::from(values.to_vec()).to_string()
}

#[cfg(test)]
mod tests;
