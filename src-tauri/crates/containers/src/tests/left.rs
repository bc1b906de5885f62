//! What clean-up lists and takes away, beside what only looks like ours.

use std::collections::BTreeMap;

use task::{Cancellation, Silent};

use super::*;
use crate::{Build, Compose, LeftoverKind};

/// The leftovers whose names have `part` in them: other tests have their own.
async fn left(engine: &Engine, part: &str) -> Vec<(LeftoverKind, String)> {
    let found = engine.leftovers().await.unwrap().into_iter().filter(|left| left.name.contains(part));
    found.map(|left| (left.kind, left.name)).collect()
}

async fn remove_all(engine: &Engine, part: &str) {
    for one in engine.leftovers().await.unwrap().into_iter().filter(|left| left.name.contains(part)) {
        engine.remove_leftover(one.kind, &one.id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_uses_is_listed_and_goes_and_what_others_made_stays_with_data_that_was_not_asked_for() {
    use LeftoverKind::*;
    let (engine, go_on) = (engine().await, Cancellation::new());
    let folder = Folder::new(&[
        ("compose.yaml", "services: {}\n"),
        ("writes/Dockerfile", "FROM groundwork/python\nVOLUME /data\nCMD [\"sh\", \"-c\", \"echo kept > /data/it\"]\n"),
        ("other/Dockerfile", "FROM groundwork/python\nENV OTHER=1\n"),
    ]);
    let project = Compose::project_of(&folder.at("compose.yaml")).unwrap();
    let of = |name: &str| format!("{project}{name}");
    let (writes, other, theirs) = (of("-writes:latest"), of("-other:latest"), of("-theirs:latest"));
    folder.write(
        "compose.yaml",
        &format!(
            "services:\n  runs: {{image: groundwork/python, command: sleep 600, stop_grace_period: 0s}}\n  writes: {{image: '{writes}'}}\n"
        ),
    );
    folder.write("theirs/Dockerfile", &format!("FROM {writes}\nENV MINE=1\n"));
    for (name, place) in [(&writes, "writes"), (&other, "other")] {
        engine.build(&Build::new(name.as_str(), folder.at(place)), &Silent, &go_on).await.unwrap();
    }
    let compose = Compose::read(&folder.at("compose.yaml"), &BTreeMap::new()).unwrap();
    engine.up(&compose, &Silent, &go_on).await.unwrap();
    let volume = "{{range .Mounts}}{{.Name}}{{end}}";
    let unnamed = docker(&["inspect", "--format", volume, &of("-writes-1")]);

    // What others made: an image and a container from one of ours, which have its label, and a container without it.
    docker(&["build", "--tag", &theirs, folder.at("theirs").to_str().unwrap()]);
    docker(&["run", "--name", &of("-by-hand"), &writes]);
    docker(&["create", "--name", &of("-foreign"), PYTHON]);
    // What a crash left of ours.
    docker(&["network", "create", "--label", "dev.groundwork.made=yes", &of("_network")]);
    docker(&["volume", "create", "--label", "dev.groundwork.made=yes", &of("_volume")]);

    let expected =
        |names: &[(LeftoverKind, &str)]| names.iter().map(|(kind, name)| (*kind, of(name))).collect::<Vec<_>>();
    let always = [(Network, "_network"), (Image, "-other:latest"), (Volume, "_volume")];
    let rest = [[(Container, "-writes-1")].as_slice(), always.as_slice()].concat();
    assert_eq!(left(&engine, &project).await, expected(&rest));
    // A stack that was stopped is listed by its containers; its network is theirs until they are gone.
    docker(&["kill", &of("-runs-1")]);
    let rest = [[(Container, "-runs-1")].as_slice(), rest.as_slice()].concat();
    assert_eq!(left(&engine, &project).await, expected(&rest));
    remove_all(&engine, &project).await;
    assert_eq!(left(&engine, &project).await, expected(&[(Network, "_default")]));
    remove_all(&engine, &project).await;
    assert_eq!(left(&engine, &project).await, expected(&[]));

    let inside = format!("{unnamed}:/data");
    assert_eq!(docker(&["run", "--rm", "--volume", &inside, PYTHON, "cat", "/data/it"]), "kept");
    for (kind, name) in [("container", of("-by-hand")), ("container", of("-foreign")), ("image", theirs.clone())] {
        docker(&[kind, "inspect", &name]);
    }
    docker(&["rm", "--volumes", &of("-by-hand"), &of("-foreign")]);
    docker(&["volume", "rm", &unnamed]);
    docker(&["image", "rm", &theirs]);
    // Nothing has it any more.
    assert_eq!(left(&engine, &project).await, expected(&[(Image, "-writes:latest")]));
    remove_all(&engine, &project).await;
    assert_eq!(left(&engine, &project).await, expected(&[]));
}
