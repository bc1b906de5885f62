//! Takes the first NVIDIA GPU, once all that candle will load for it was seen to be there.

use candle_core::Device as Handle;
use candle_core::cuda::cudarc;
use cudarc::driver::sys::CUDA_VERSION;

use super::library::{Library, start_driver};

pub fn find() -> super::Tried {
    let usual = if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" };
    let driver = Library::find("the NVIDIA driver", usual, &names(&["cuda", "nvcuda"], usual))?;
    start_driver(&driver, CUDA_VERSION as i32)?;
    // A program that is linked to the others did not start without them.
    if cfg!(feature = "dynamic-loading") {
        let blas = format!("libcublas.so.{}", CUDA_VERSION / 1000);
        let blas = Library::find("cuBLAS", &blas, &names(&["cublas"], &blas))?;
        blas.has(&["cublasCreate_v2", "cublasSetStream_v2", "cublasGemmStridedBatchedEx", "cublasDestroy_v2"])?;
        let random = Library::find("cuRAND", "libcurand.so.10", &names(&["curand"], "libcurand.so.10"))?;
        random.has(&["curandCreateGenerator", "curandSetPseudoRandomGeneratorSeed", "curandSetStream"])?;
    }
    super::open("CUDA", || {
        let handle = Handle::new_cuda(0)?;
        let name = handle.as_cuda_device()?.cuda_stream().context().name();
        Ok((handle, name.map_err(candle_core::Error::wrap)?))
    })
}

/// The names by which candle's bindings look for `libraries`, in their order: the first may be that of another version.
#[cfg(feature = "dynamic-loading")]
fn names(libraries: &[&str], _: &str) -> Vec<String> {
    libraries.iter().flat_map(|library| cudarc::get_lib_name_candidates(library)).collect()
}

#[cfg(not(feature = "dynamic-loading"))]
fn names(_: &[&str], linked: &str) -> Vec<String> {
    vec![linked.to_owned()]
}
