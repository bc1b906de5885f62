//! A window with nothing in it: what the toolkit takes by itself. `cargo xtask bench start` compares with it.

use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

fn main() -> anyhow::Result<()> {
    let mut context = tauri::generate_context!();
    let window = context.config_mut().app.windows.remove(0);
    tauri::Builder::default()
        .setup(move |app| {
            let blank = WebviewUrl::External(Url::parse("about:blank")?);
            WebviewWindowBuilder::new(app, "empty", blank).inner_size(window.width, window.height).build()?;
            Ok(())
        })
        .run(context)?;
    Ok(())
}
