//! The window's page lives in a process of its own. Where that is gone (memory ran out, the web view failed) the window would
//! stay empty for good, so the page is opened again, and tells of it. Services, checks and tasks go on meanwhile: they run
//! here. On Linux alone so far.

use tauri::AppHandle;

/// Opens the page again whenever its process is gone; ends the window where that does not last.
#[cfg(target_os = "linux")]
pub fn keep(app: &AppHandle) {
    use std::{
        cell::Cell,
        time::{Duration, Instant},
    };

    use tauri::Manager as _;
    use webkit2gtk::{WebProcessTerminationReason as Reason, WebViewExt as _};

    use crate::shell::Shell;

    /// A page that is gone sooner was opened in vain.
    const LASTS: Duration = Duration::from_secs(5);

    let Some(window) = app.webview_windows().into_values().next() else { return };
    let app = app.clone();
    let kept = window.with_webview(move |view| {
        let opened = Cell::new(None);
        view.inner().connect_web_process_terminated(move |view, reason| {
            let why = match reason {
                Reason::TerminatedByApi => return,
                Reason::ExceededMemoryLimit => "for want of memory",
                _ => "killed or by a fault of the web view",
            };
            app.state::<Shell>().page_gone(why);
            if opened.replace(Some(Instant::now())).is_some_and(|before| before.elapsed() < LASTS) {
                return app.exit(1);
            }
            view.reload();
        });
    });
    if let Err(error) = kept {
        tracing::error!(%error, "the end of the window's page will not be seen");
    }
}

#[cfg(not(target_os = "linux"))]
pub fn keep(_: &AppHandle) {}
