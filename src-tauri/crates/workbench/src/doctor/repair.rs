//! What a finding says can be mended here, by what other commands do too.

use std::sync::Arc;

use inference::ModelKind;
use models::Origin;
use task::Reporter;

use crate::{TaskId, Workbench, keeping::on_disk, shelf::SHIPPED, view::Repair};

impl Workbench {
    /// Mends what the doctor found.
    pub fn repair(self: &Arc<Self>, repair: Repair) -> TaskId {
        let workbench = self.clone();
        match repair {
            Repair::BaseImage => self.bring_base_image(None),
            Repair::FetchModel { id } => self.download_model(id, None, None),
            Repair::UseModel { id } => self.tasks.start("Choosing a model", |handle| async move {
                let chosen = id.clone();
                on_disk(move || workbench.use_model(&chosen)).await?;
                handle.output(&format!("{id} is asked where none is named."));
                Ok(())
            }),
            Repair::ShippedPack => self.tasks.start("Opening the shipped pack", |handle| async move {
                let pack = workbench.use_pack(SHIPPED).await?;
                handle.output(&format!("{} is open.", pack.title));
                Ok(())
            }),
        }
    }
}

/// For a text model whose file is not right: it comes again, or the one that came with the product is asked.
pub fn of_model(workbench: &Workbench, id: &str) -> Option<Repair> {
    let library = workbench.library();
    match library.find(id).ok()?.origin {
        Origin::Catalogue => Some(Repair::FetchModel { id: id.into() }),
        Origin::Own => {
            let bundled = library.entries().0.into_iter().find(|entry| {
                entry.origin == Origin::Bundled && entry.manifest.kind == ModelKind::Text && entry.verify().is_ok()
            });
            bundled.map(|entry| Repair::UseModel { id: entry.manifest.id })
        }
        Origin::Bundled => None,
    }
}
