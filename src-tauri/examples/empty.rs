//! A window with one line of text: what the toolkit takes by itself, in time and memory. `cargo xtask bench start`
//! compares with it.

#[path = "../src/rendering.rs"]
mod rendering;

use tauri::{Url, WebviewUrl, WebviewWindowBuilder, http::Response};

/// Says when it was painted, in the words of the product's own window.
const PAGE: &str = "<!doctype html><title>Empty</title><p>Empty<script>
    new PerformanceObserver((entries) => {
        const painted = entries.getEntriesByName('first-contentful-paint')[0];
        if (painted) fetch(`/painted/${performance.timeOrigin + painted.startTime}`);
    }).observe({ type: 'paint', buffered: true });
</script>";

fn main() -> anyhow::Result<()> {
    rendering::without_a_card();
    let mut context = tauri::generate_context!();
    let window = context.config_mut().app.windows.remove(0);
    tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, request| {
            if let Some(at) = request.uri().path().strip_prefix("/painted/") {
                eprintln!("INFO start: painted_at={at} usable_at={at}");
            }
            Response::builder().header("content-type", "text/html").body(PAGE.as_bytes().to_vec()).unwrap_or_default()
        })
        .setup(move |app| {
            let page = WebviewUrl::CustomProtocol(Url::parse("empty://localhost/")?);
            WebviewWindowBuilder::new(app, "empty", page).inner_size(window.width, window.height).build()?;
            Ok(())
        })
        .run(context)?;
    Ok(())
}
