use std::fs;

use checks::Probe;

use crate::support::{ground, probe, put};

#[tokio::test]
async fn a_check_reads_the_workspace_and_nothing_else() {
    let ground = ground(&[("ask.py", "inside"), ("data/set.json", "{}")]);
    let workspace = ground.start();
    let folder = &workspace.folder;
    put(ground.folder.path(), "secret.txt", "secret");
    put(ground.folder.path(), "home/first-too/secret.txt", "secret");
    let mut cases = vec![
        ("ask.py", Ok(Some("inside"))),
        ("./data/set.json", Ok(Some("{}"))),
        ("data", Ok(None)),
        ("missing.py", Ok(None)),
        ("missing/deep.py", Ok(None)),
        ("ask.py/x", Ok(None)),
        ("../../secret.txt", Err(())),
        ("../first-too/secret.txt", Err(())),
        ("data/../../../secret.txt", Err(())),
        ("data/../ask.py", Err(())),
        ("/etc/passwd", Err(())),
        ("nul\0byte", Err(())),
    ];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("ask.py", folder.join("link-in.py")).unwrap();
        symlink("../../secret.txt", folder.join("link-out.txt")).unwrap();
        symlink("../..", folder.join("link-out")).unwrap();
        symlink("nowhere", folder.join("dangling")).unwrap();
        symlink("circle", folder.join("circle")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
        cases.extend([
            ("link-in.py", Ok(Some("inside"))),
            ("link-out.txt", Err(())),
            ("link-out/secret.txt", Err(())),
            ("link-out/missing.txt", Err(())),
            ("dangling", Ok(None)),
            ("circle", Err(())),
            ("pipe", Ok(None)),
        ]);
    }
    let probe = probe(folder);
    for (path, expected) in cases {
        let found = probe.read(path).await;
        let text = found.as_ref().map(|found| found.as_deref().map(|bytes| std::str::from_utf8(bytes).unwrap()));
        assert_eq!(text.map_err(|_| ()), expected, "{path:?}: {found:?}");
    }
}

#[tokio::test]
async fn a_listing_leaves_out_hidden_folders_and_environments() {
    let ground = ground(&[("b.py", ""), ("a/c.py", "")]);
    let folder = ground.start().folder;
    for path in
        [".env", ".git/HEAD", ".github/x.yml", ".venv/lib/y.py", "env/pyvenv.cfg", "env/z.py", "a/__pycache__/c.pyc"]
    {
        put(&folder, path, "");
    }
    let probe = probe(&folder);
    assert_eq!(probe.list("").await.unwrap(), [".env", "a/c.py", "b.py"]);
    assert_eq!(probe.list("a").await.unwrap(), ["a/c.py"]);
    assert_eq!(probe.list("missing").await.unwrap(), Vec::<String>::new());
    assert!(probe.list("..").await.is_err());
}

#[tokio::test]
async fn a_file_too_large_to_judge_is_said_to_be() {
    let ground = ground(&[("ask.py", "")]);
    let folder = ground.start().folder;
    fs::File::create(folder.join("huge.bin")).unwrap().set_len(1 << 40).unwrap();
    let obstacle = probe(&folder).read("huge.bin").await.unwrap_err();
    assert_eq!(obstacle.message, "huge.bin is larger than 32 MB, the most that a check reads");
}
