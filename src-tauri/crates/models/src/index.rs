//! Where a package index keeps a wheel: the simple interface in its JSON form (PEP 691).

use reqwest::{Client, Url, header::ACCEPT};
use serde::Deserialize;

use crate::Error;
use crate::fetch::{refused, unreachable};

#[derive(Deserialize)]
struct Page {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    filename: String,
    url: String,
    hashes: Hashes,
    size: Option<u64>,
}

#[derive(Deserialize)]
struct Hashes {
    sha256: Option<String>,
}

/// A wheel that can be fetched.
pub(crate) struct Wheel {
    pub filename: String,
    pub url: String,
    pub sha256: Option<String>,
    pub bytes: Option<u64>,
}

/// `index` is the address under which each package has a page: `https://pypi.org/simple`.
pub(crate) async fn find(client: &Client, index: &str, package: &str, version: &str) -> Result<Wheel, Error> {
    let address = format!("{}/{package}/", index.trim_end_matches('/'));
    let base =
        Url::parse(&address).map_err(|error| Error::Unreachable { url: address.clone(), detail: error.to_string() })?;
    let asked = client.get(base.clone()).header(ACCEPT, "application/vnd.pypi.simple.v1+json");
    let answer = asked.send().await.map_err(unreachable(&address))?;
    if !answer.status().is_success() {
        return Err(refused(&address, &answer));
    }
    let not_listed = || Error::NotListed { package: package.into(), version: version.into() };
    let page: Page = answer.json().await.map_err(|_| not_listed())?;
    let named = |listed: &Listed| {
        let mut parts = listed.filename.strip_suffix(".whl").unwrap_or_default().split('-');
        parts.nth(1) == Some(version)
    };
    let listed = page.files.into_iter().find(named).ok_or_else(not_listed)?;
    let url = base.join(&listed.url).map_err(|_| not_listed())?;
    let filename = listed.filename.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    Ok(Wheel { filename, url: url.into(), sha256: listed.hashes.sha256, bytes: listed.size })
}
