//! `openapi`: the document in which a service says what it can be asked.

mod routes;
mod schema;

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Context, Place,
    excerpt::{count, head},
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    kinds::http::{
        Http,
        asking::{METHOD, SERVICE},
        diagnosis as of_http,
    },
    registry::{Kind, Setting, read},
};
use routes::Route;
use schema::Field;

pub const KIND: Kind = Kind {
    name: "openapi",
    doc: "A service of the lab describes its routes in OpenAPI, with what they take and what they answer.",
    settings: &[
        SERVICE,
        Setting::new("path", "text", "Where the document is. /openapi.json where left out."),
        Setting::required("routes", "list of tables", "The routes that must be there, each with what must hold of it.")
            .fields(&[
                Setting::required("path", "text", "The route's path: `/items/{item_id}`."),
                METHOD,
                Setting::new(
                    "request",
                    "table of texts",
                    "Fields of the JSON that it takes: `\"items[].score\" = \"number\"`; `any` for any type.",
                ),
                Setting::new(
                    "responses",
                    "table of values",
                    "By status, the fields of the JSON that it answers with: `200 = { answer = \"string\" }`.",
                ),
                Setting::new("summary", "true or false", "Whether it must have a summary of its own."),
                Setting::new("tags", "list of texts", "Tags that it must have."),
            ]),
        Setting::new(
            "timeout_ms",
            "whole number",
            "Milliseconds to wait for the document, at most 60000. 5000 where left out.",
        ),
    ],
    read: read::<OpenApi>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenApi {
    service: String,
    #[serde(default = "usual_path")]
    path: String,
    routes: Vec<Route>,
    #[serde(default = "five_seconds")]
    timeout_ms: u64,
}

fn usual_path() -> String {
    "/openapi.json".to_owned()
}

fn five_seconds() -> u64 {
    5000
}

#[async_trait]
impl Judge for OpenApi {
    fn sources(&self) -> Sources {
        Sources::of_service(&self.service)
    }

    fn lint(&self, lab: &Lab) -> Vec<Wrong> {
        let mut wrong = self.http().lint(lab);
        if self.routes.is_empty() {
            wrong.push(Wrong::new("routes", "no route is asked for", "Add a table with `path`."));
        }
        for (index, route) in self.routes.iter().enumerate() {
            wrong.extend(route.lint().map(|mut wrong| {
                wrong.at = format!("routes[{index}].{}", wrong.at);
                wrong
            }));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let http = self.http();
        let (url, response) = http.send(context).await?;
        let at = |failure: Failure| Halt::from(failure.at(Place::Url { url: url.clone() }));
        if let Some(wrong) = http.first_wrong(&response) {
            return Err(at(wrong));
        }
        let document: Value = serde_json::from_slice(&response.body)
            .map_err(|error| at(of_http::not_json(&self.path, &response, &error)))?;
        if let Some(wrong) = self.first_wrong(&document) {
            return Err(at(wrong));
        }
        let routes = count(self.routes.len(), "route");
        let version = document["openapi"].as_str().unwrap_or_default();
        Ok(Passed::new(format!("{} describes {routes} as it should.", self.path)).measured("OpenAPI", version, ""))
    }
}

impl OpenApi {
    fn http(&self) -> Http {
        Http { timeout_ms: self.timeout_ms, ..Http::get(&self.service, &self.path) }
    }

    fn first_wrong(&self, document: &Value) -> Option<Failure> {
        if !document["openapi"].is_string() || !document["paths"].is_object() {
            let failure = Failure::new(format!("What {} serves is no OpenAPI document.", self.path));
            let failure = failure.expected("an object with `openapi` and `paths`").actual(head(&document.to_string()));
            return Some(failure.next("Let FastAPI make the document, or serve it at this path."));
        }
        self.routes.iter().find_map(|route| route.first_wrong(document))
    }
}
