//! How the web view draws where there is no graphics card.

/// Without a render node WebKit draws in software all the same, and passes each frame through buffers made for a card:
/// 100 MB for nothing. Under a WebDriver it stays as it is: screenshots never come back without those buffers. Called
/// before any thread starts.
pub fn without_a_card() {
    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let card = || {
        let entries = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
    };
    let unset = |name| std::env::var_os(name).is_none();
    if cfg!(target_os = "linux") && unset(SWITCH) && unset("TAURI_WEBVIEW_AUTOMATION") && !card() {
        // SAFETY: no other thread reads the environment yet.
        #[allow(unsafe_code)]
        unsafe {
            std::env::set_var(SWITCH, "1");
        }
    }
}
