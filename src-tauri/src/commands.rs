//! Every command that the window may call. Each is an adapter: it finds the workbench, calls one use case, and hands on
//! what comes back.

mod collections;
mod containers;
mod keeping;
mod labs;
mod models;
mod plan;
mod system;
mod terminals;

use tauri_specta::{Builder, collect_commands, collect_events};

use crate::shell::{Called, Happening};

/// The commands and the event, in the form that both tauri and the generated TypeScript are made from.
pub fn bindings() -> Builder<tauri::Wry> {
    Builder::new()
        .disable_serde_phases()
        .commands(collect_commands![
            plan::plan,
            plan::burn_up,
            plan::roadmap,
            plan::write_up,
            plan::preview_narrative,
            plan::keep_narrative,
            plan::export_write_up,
            plan::use_pack,
            plan::allow_pack,
            labs::lab,
            labs::start_lab,
            labs::open_editor,
            labs::check_lab,
            labs::stop_checks,
            labs::reset_lab,
            keeping::snapshots,
            keeping::restore_lab,
            keeping::update_lab,
            labs::answer_quiz,
            labs::explain_check,
            labs::start_service,
            labs::stop_service,
            labs::service_log,
            labs::gateway_calls,
            labs::gateway_exchange,
            labs::traces,
            labs::trace,
            labs::entries,
            labs::add_entry,
            labs::remove_entry,
            labs::notes,
            labs::keep_notes,
            terminals::open_terminal,
            terminals::type_in_terminal,
            terminals::resize_terminal,
            terminals::drawn_in_terminal,
            terminals::terminal_is_busy,
            models::models,
            models::import_model,
            models::download_model,
            models::remove_model,
            models::use_model,
            models::measure_model,
            models::deployments,
            models::usage,
            models::add_deployment,
            models::remove_deployment,
            models::chat,
            collections::collections,
            collections::create_collection,
            collections::delete_collection,
            collections::ingest,
            collections::reembed_collection,
            collections::export_collection,
            collections::rebuild_collection,
            collections::change_index,
            collections::query_collection,
            collections::measure_collection,
            collections::compare_collection,
            collections::collection_plane,
            collections::arrange_collection,
            containers::engine,
            containers::bring_base_image,
            containers::container_files,
            containers::images,
            containers::image_layers,
            containers::build_image,
            containers::remove_image,
            containers::stacks,
            containers::stack_up,
            containers::stack_stop,
            containers::stack_down,
            containers::stack_logs,
            containers::stack_usage,
            containers::leftovers,
            containers::clean_up,
            system::cancel,
            system::take_place,
            system::zoom,
            system::doctor,
            system::repair,
            system::folders,
            system::folder_bytes,
            system::open_folder,
            system::editors,
            system::use_editor,
            system::try_editor,
            system::keys,
            system::renew_key,
            system::transfer,
            system::export_record,
            system::lay_in_record,
            system::call_off_import,
            system::report_start,
        ])
        .events(collect_events![Happening, Called])
}

#[cfg(test)]
mod tests {
    use specta_typescript::Typescript;

    /// The committed bindings are those of this code; `GROUNDWORK_WRITE_BINDINGS=1` writes them anew.
    #[test]
    fn bindings_are_fresh() {
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/backend/bindings.gen.ts");
        let fresh = tempfile::NamedTempFile::new().unwrap();
        super::bindings().export(Typescript::default(), fresh.path()).unwrap();
        let fresh = std::fs::read_to_string(fresh.path()).unwrap();
        if std::env::var_os("GROUNDWORK_WRITE_BINDINGS").is_some() {
            std::fs::write(committed, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(committed).unwrap();
        assert_eq!(committed, fresh, "bindings.gen.ts is stale: run `cargo xtask bindings`");
    }
}
