use std::collections::BTreeMap;
use std::sync::Arc;

use task::{Cancellation, Fault, Silent};

use super::*;
use crate::{Below, Build, Error, LayerFile};

fn folder() -> Folder {
    Folder::new(&[
        (
            "Dockerfile",
            "FROM groundwork/python\nARG GREETING=none\nCOPY . /app\nRUN echo \"$GREETING\" > /greeting && echo said $GREETING\n\
             CMD [\"cat\", \"/greeting\"]\n",
        ),
        (".dockerignore", "secret\n**/*.pyc\n"),
        ("app.py", "print(1)"),
        ("secret/key", "hush"),
        ("deep/cache.pyc", ""),
        ("deep/kept.txt", ""),
    ])
}

#[tokio::test]
async fn an_image_is_built_step_by_step_with_its_arguments_and_without_what_is_ignored() {
    let (engine, folder, heard) = (engine().await, folder(), Heard::default());
    let name = "groundwork-test-build:latest";
    // Another one each time, or the engine would take the step from its cache and say nothing.
    let greeting = format!("hello \"you\" {}", std::process::id());
    let arguments = BTreeMap::from([("GREETING".to_owned(), greeting.clone())]);
    let build = Build { arguments, ..Build::new(name, folder.path()) };
    let id = engine.build(&build, &heard, &Cancellation::new()).await.unwrap();

    assert_eq!(docker(&["image", "inspect", "--format", "{{.Id}}", name]), id);
    assert_eq!(docker(&["run", "--rm", name]), greeting);
    let files = docker(&["run", "--rm", name, "find", "/app", "-type", "f"]);
    let mut files: Vec<&str> = files.lines().collect();
    files.sort_unstable();
    assert_eq!(files, ["/app/.dockerignore", "/app/Dockerfile", "/app/app.py", "/app/deep/kept.txt"]);
    assert!(heard.has("said hello"));
    let steps: Vec<(u64, Option<u64>)> =
        heard.steps.lock().unwrap().iter().map(|step| (step.done, step.total)).collect();
    // The label is a step of its own.
    assert_eq!(steps, (0..6).map(|step| (step, Some(6))).collect::<Vec<_>>());

    // An image that somebody builds from ours has its label, too.
    let theirs = "by-hand-test-build:latest";
    folder.write("theirs/Dockerfile", &format!("FROM {name}\nENV MINE=1\n"));
    docker(&["build", "--tag", theirs, folder.at("theirs").to_str().unwrap()]);
    let listed = engine.images().await.unwrap();
    let of = |name: &str| listed.iter().find(|image| image.names.iter().any(|known| known == name)).unwrap();
    assert!(of(name).ours && !of(PYTHON).ours && !of(theirs).ours);
    let layers = engine.image_layers(name).await.unwrap();
    let command = layers.iter().any(|layer| layer.made_by.contains("cat"));
    assert!(command && layers.last().unwrap().bytes > 100_000_000, "{layers:?}");

    for other in [PYTHON, theirs] {
        let taken = engine.build(&Build::new(other, folder.path()), &Silent, &Cancellation::new()).await.unwrap_err();
        assert_eq!(taken.code(), "containers.not_ours");
        assert_eq!(engine.remove_image(other).await.unwrap_err().code(), "containers.not_ours");
    }
    docker(&["image", "rm", theirs]);
    engine.remove_image(name).await.unwrap();
    assert_eq!(engine.remove_image(name).await.unwrap_err().code(), "containers.no_image");
}

#[tokio::test]
async fn a_base_is_what_the_dockerfile_begins_with_also_where_somebody_built_the_same_by_hand() {
    let engine = engine().await;
    // No folder is made: it would have its time, and a layer of its own wherever a step is not taken from the cache.
    let folder = Folder::new(&[("Dockerfile", "FROM groundwork/python\nCOPY . /\n"), (".env", "KEY=hush")]);
    let (name, by_hand) = ("groundwork-test-base:latest", "by-hand-test-base:latest");
    docker(&["build", "--tag", by_hand, folder.path().to_str().unwrap()]);
    engine.build(&Build::new(name, folder.path()), &Silent, &Cancellation::new()).await.unwrap();
    let layers = |name: &str| docker(&["image", "inspect", "--format", "{{json .RootFS.Layers}}", name]);
    assert_eq!(layers(by_hand), layers(name));

    let (inside, python) = (engine.inside(name).await.unwrap(), engine.inside(PYTHON).await.unwrap());
    let (all, given) = (inside.layers.len(), python.layers.len());
    let base = engine.base_of(&inside, "groundwork/python").await.unwrap();
    assert_eq!((base, given), (Below { layers: given, bytes: python.bytes, given }, all - 1));
    assert_eq!(files_above(&engine, name, given).await, [".env", "Dockerfile"]);

    // Whoever built it by hand answers for it, up to the same image.
    let base = engine.base_of(&inside, by_hand).await.unwrap();
    assert_eq!((base.layers, base.given), (all, given));
    for none in ["scratch", "groundwork-test-none:1"] {
        assert_eq!(engine.base_of(&inside, none).await.unwrap(), Below::default(), "{none}");
    }
    // One that has changed since.
    assert_eq!(engine.base_of(&python, name).await.unwrap(), Below::default());
    engine.remove_image(name).await.unwrap();
    docker(&["image", "rm", by_hand]);
}

/// The files of an image's layers but for the lowest.
async fn files_above(engine: &Engine, name: &str, lowest: usize) -> Vec<String> {
    let files = Arc::new(Mutex::new(Vec::new()));
    let into = files.clone();
    let see = move |file: &LayerFile<'_>| into.lock().unwrap().push(file.path.to_owned());
    engine.read_layers(name, lowest, 1 << 10, &Cancellation::new(), see).await.unwrap();
    let mut files = std::mem::take(&mut *files.lock().unwrap());
    files.sort_unstable();
    files
}

#[tokio::test]
async fn a_base_that_was_built_here_is_looked_into_and_one_that_came_as_a_file_is_not() {
    let engine = engine().await;
    let folder = Folder::new(&[("by-hand/.env", "KEY=hand"), ("ours/.env", "KEY=ours"), ("top/app.py", "")]);
    let (by_hand, ours, again) = ("by-hand-test-origin:1", "groundwork-test-origin:1", "by-hand-test-origin:2");
    for of in ["by-hand", "ours"] {
        folder.write(&format!("{of}/Dockerfile"), "FROM scratch\nCOPY .env /app/\nCOPY Dockerfile /app/\n");
    }
    docker(&["build", "--tag", by_hand, folder.at("by-hand").to_str().unwrap()]);
    engine.build(&Build::new(ours, folder.at("ours")), &Silent, &Cancellation::new()).await.unwrap();
    // How many layers of a base were given, and what is in those above.
    let look = async |base: &str| {
        let name = "groundwork-test-origin-top:1";
        folder.write("top/Dockerfile", &format!("FROM {base}\nCOPY app.py /top/\n"));
        engine.build(&Build::new(name, folder.at("top")), &Silent, &Cancellation::new()).await.unwrap();
        let below = engine.base_of(&engine.inside(name).await.unwrap(), base).await.unwrap();
        let files = files_above(&engine, name, below.given).await;
        engine.remove_image(name).await.unwrap();
        assert_eq!(below.layers, 2, "{base}");
        (below.given, files)
    };
    let whole = ["app/.env", "app/Dockerfile", "top/app.py"].map(str::to_owned).to_vec();
    for base in [by_hand, ours] {
        assert_eq!(look(base).await, (0, whole.clone()), "{base}");
    }

    let file = folder.at("base.tar");
    docker(&["image", "save", "--output", file.to_str().unwrap(), by_hand]);
    docker(&["image", "rm", by_hand]);
    docker(&["image", "load", "--input", file.to_str().unwrap()]);
    assert_eq!(look(by_hand).await, (2, vec!["top/app.py".to_owned()]));
    // Named here, and without images of its steps: so is what other builders make.
    docker(&["image", "tag", by_hand, again]);
    assert_eq!(look(again).await, (0, whole));
    docker(&["image", "rm", by_hand, again]);
    engine.remove_image(ours).await.unwrap();
}

#[tokio::test]
async fn a_step_has_limits_of_memory_cores_and_processes() {
    let engine = engine().await;
    // The limit of processes comes when the engine has named the step. Both ways in which kernels tell a limit.
    let folder = Folder::new(&[(
        "Dockerfile",
        "FROM groundwork/python\nARG RUN\nRUN sleep 2; cd /sys/fs/cgroup; for file in memory.max memory/memory.limit_in_bytes cpu.max \\\n\
         cpu/cpu.cfs_quota_us pids.max pids/pids.max; do test ! -e $file || echo \"$(basename $file) is $(cat $file)\"; done\n",
    )]);
    let name = "groundwork-test-limits:latest";
    let arguments = BTreeMap::from([("RUN".to_owned(), std::process::id().to_string())]);
    let (heard, build) = (Heard::default(), Build { arguments, ..Build::new(name, folder.path()) });
    engine.build(&build, &heard, &Cancellation::new()).await.unwrap();
    engine.remove_image(name).await.unwrap();
    // The kernel rounds memory down to whole pages.
    for (either, or) in [
        ("memory.max is 19999", "memory.limit_in_bytes is 19999"),
        ("cpu.max is 200000 100000", "cpu.cfs_quota_us is 200000"),
        ("pids.max is 512", "pids.max is 512"),
    ] {
        assert!(heard.has(either) || heard.has(or), "{either}: {:?}", heard.lines.lock().unwrap());
    }
}

#[tokio::test]
async fn a_step_that_fails_is_named_and_leaves_no_container() {
    let engine = engine().await;
    let folder = Folder::new(&[("Dockerfile", "FROM groundwork/python\nRUN echo before; exit 3\n")]);
    let (heard, build) = (Heard::default(), Build::new("groundwork-test-failing", folder.path()));
    let error = engine.build(&build, &heard, &Cancellation::new()).await.unwrap_err();
    let Error::Build { step, detail } = &error else { panic!("{error}") };
    assert!(step.starts_with("2/3 : RUN echo before") && detail.contains("returned a non-zero code: 3"), "{error}");
    assert!(heard.has("before"));
    assert!(!docker(&["ps", "--all", "--no-trunc", "--format", "{{.Command}}"]).contains("echo before; exit 3"));

    folder.write("Dockerfile", "FROM groundwork/python\nFLY away\n");
    let error = engine.build(&build, &Silent, &Cancellation::new()).await.unwrap_err().to_string();
    assert!(error.contains("FLY"), "{error}");
    let nowhere = engine.build(&Build::new("x", folder.at("none")), &Silent, &Cancellation::new()).await.unwrap_err();
    assert_eq!(nowhere.code(), "containers.no_dockerfile");
}

#[tokio::test]
async fn a_cancelled_build_ends_on_the_engine_too() {
    let engine = engine().await;
    let folder = Folder::new(&[("Dockerfile", "FROM groundwork/python\nRUN echo go-on; sleep 7331\n")]);
    let cancellation = Cancellation::new();
    let heard = Heard { cancel_at: Some(("go-on", cancellation.clone())), ..Heard::default() };
    let build = Build::new("groundwork-test-cancelled", folder.path());
    assert!(matches!(engine.build(&build, &heard, &cancellation).await, Err(Error::Cancelled)));
    for _ in 0..200 {
        if !docker(&["ps", "--all", "--no-trunc", "--format", "{{.Command}}"]).contains("7331") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the step still runs: {}", docker(&["ps", "--all", "--no-trunc"]));
}

#[tokio::test]
async fn an_image_goes_through_a_file_and_what_is_no_image_is_told() {
    let engine = engine().await;
    let folder = Folder::new(&[("Dockerfile", "FROM scratch\nCOPY Dockerfile /\nCMD [\"x\"]\n")]);
    let (name, cancellation) = ("groundwork-test-file:1", Cancellation::new());
    let id = engine.build(&Build::new(name, folder.path()), &Silent, &cancellation).await.unwrap();
    let file = folder.at("image.tar");
    let bytes = engine.save_image(name, &file, &Silent, &cancellation).await.unwrap();
    assert_eq!(file.metadata().unwrap().len(), bytes);
    engine.remove_image(name).await.unwrap();
    assert_eq!(engine.load_images(&file, &Silent, &cancellation).await.unwrap(), [name]);
    assert_eq!(docker(&["image", "inspect", "--format", "{{.Id}}", name]), id);
    engine.remove_image(name).await.unwrap();

    let missing = engine.save_image(name, &folder.at("other.tar"), &Silent, &cancellation).await.unwrap_err();
    assert_eq!((missing.code(), folder.at("other.tar").exists()), ("containers.no_image", false));
    assert!(engine.load_images(&folder.at("Dockerfile"), &Silent, &cancellation).await.is_err());
    cancellation.cancel();
    let cancelled = engine.save_image(PYTHON, &folder.at("other.tar"), &Silent, &cancellation).await;
    assert!(matches!(cancelled, Err(Error::Cancelled)));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[tokio::test]
async fn an_image_that_cannot_be_fetched_is_named_with_what_the_engine_says() {
    let engine = engine().await;
    let error = engine.pull("127.0.0.1:9/nothing:1", &Silent, &Cancellation::new()).await.unwrap_err();
    assert!(error.code() == "containers.pull" && error.to_string().contains("127.0.0.1:9/nothing:1"), "{error}");
}
