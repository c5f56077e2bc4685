//! Objects that are damaged, cut short or missing: the rest is judged, each loss is listed, and the status is 2.

use std::path::PathBuf;

use super::repo::{Repo, token};

fn repository() -> Repo {
    let repo = Repo::new(&[]);
    for n in 0..6 {
        let filler: String = (0..50).map(|l| format!("line {l} of {n}\n")).collect();
        repo.write(&format!("d{n}/f.txt"), format!("{filler}token = \"{}\"\n", token(n))).commit("more");
    }
    repo
}

fn loose(repo: &Repo, id: &str) -> PathBuf {
    repo.top().join(".git/objects").join(&id[..2]).join(&id[2..])
}

fn damaged(repo: &Repo, id: &str, content: Option<&[u8]>) {
    let file = loose(repo, id);
    std::fs::remove_file(&file).unwrap();
    if let Some(content) = content {
        std::fs::write(file, content).unwrap();
    }
}

#[test]
fn a_blob_that_is_missing_or_cut_short_is_a_loss_with_its_path() {
    for content in [None, Some(&b""[..]), Some(&b"x\x9cgarbage"[..])] {
        let repo = repository();
        let blob = repo.git(&["rev-parse", "HEAD:d3/f.txt"]);
        damaged(&repo, &blob, content);
        let said = repo.history();
        assert_eq!((said.status, said.findings().len()), (2, 5), "{content:?} {:#?}", said.json);
        assert_eq!(said.json["losses"][0]["path"], "d3/f.txt", "{content:?}");
        assert!(said.losses()[0].contains(&blob), "{content:?}");
        assert_eq!(said.json["summary"]["complete"], false);
    }
}

#[test]
fn a_tree_that_is_missing_hides_no_secret() {
    let repo = repository();
    let tree = repo.git(&["rev-parse", "HEAD:d3"]);
    damaged(&repo, &tree, None);
    let said = repo.history();
    assert_eq!((said.status, said.findings().len()), (2, 6), "{:#?}", said.json);
    assert_eq!(said.json["losses"][0]["path"], "d3");
}

#[test]
fn a_commit_that_is_missing_hides_no_secret() {
    let repo = repository();
    let commit = repo.git(&["rev-parse", "HEAD~3"]);
    damaged(&repo, &commit, None);
    let said = repo.history();
    assert_eq!((said.status, said.findings().len()), (2, 6), "{:#?}", said.json);
    assert!(said.losses().iter().any(|loss| loss.contains(&commit)), "{:?}", said.losses());
}

#[test]
fn flipped_bytes_in_a_pack_end_in_findings_and_losses_and_never_in_a_crash() {
    let repo = repository();
    repo.git(&["repack", "-adfq", "--depth=50"]);
    let folder = repo.top().join(".git/objects/pack");
    let file = |suffix: &str| {
        let entries = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path());
        entries.into_iter().find(|p| p.extension().is_some_and(|e| e == suffix)).unwrap()
    };
    for suffix in ["pack", "idx"] {
        let path = file(suffix);
        let good = std::fs::read(&path).unwrap();
        let mut permissions = path.metadata().unwrap().permissions();
        #[allow(clippy::permissions_set_readonly_false, reason = "a file in a temporary folder")]
        permissions.set_readonly(false);
        std::fs::set_permissions(&path, permissions).unwrap();
        for at in (0..good.len()).step_by(good.len() / 60 + 1) {
            let mut bad = good.clone();
            bad[at] ^= 0x55;
            std::fs::write(&path, &bad).unwrap();
            let said = repo.history();
            assert!(matches!(said.status, 1 | 2), "{suffix} {at}: {} {}", said.status, said.stderr);
            assert!(said.status == 2 || said.findings().len() == 6, "{suffix} {at}: {:#?}", said.json);
        }
        for keep in [0, 11, good.len() / 2, good.len() - 1] {
            std::fs::write(&path, &good[..keep]).unwrap();
            let said = repo.history();
            assert_eq!(said.status, 2, "{suffix} cut to {keep}: {:#?}", said.json);
        }
        std::fs::write(&path, &good).unwrap();
    }
    assert_eq!(repo.history().status, 1);
}

#[test]
fn an_object_that_is_whole_elsewhere_is_no_loss() {
    let repo = repository();
    let blob = repo.git(&["rev-parse", "HEAD:d2/f.txt"]);
    repo.git(&["repack", "-aq"]);
    let file = loose(&repo, &blob);
    std::fs::remove_file(&file).ok();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, b"rubbish").unwrap();
    let said = repo.history();
    assert_eq!((said.status, said.findings().len()), (1, 6), "{:#?}", said.json);
}

#[test]
fn replaced_objects_and_grafts_hide_nothing() {
    let repo = repository();
    let (blob, other) =
        (repo.git(&["rev-parse", "HEAD:d1/f.txt"]), repo.git(&["rev-parse", "HEAD:d2/f.txt"]));
    repo.git(&["replace", &blob, &other]);
    std::fs::write(repo.top().join(".git/info/grafts"), format!("{}\n", repo.git(&["rev-parse", "HEAD"])))
        .unwrap();
    assert_eq!(repo.history().findings().len(), 6);
}

#[test]
fn a_partial_clone_says_how_much_is_not_here() {
    let repo = repository();
    let clone = repo.beside("clone");
    let from = format!("file://{}", repo.top().display());
    repo.git(&["clone", "-q", "--no-checkout", "--filter=blob:none", &from, clone.to_str().unwrap()]);
    let said = repo.history_at(&clone, &[]);
    assert_eq!(said.status, 2);
    assert!(said.losses()[0].contains("6 objects that are not here"), "{:?}", said.losses());
}

#[test]
fn a_shallow_clone_says_so_and_is_no_loss() {
    let repo = repository();
    let clone = repo.beside("clone");
    let from = format!("file://{}", repo.top().display());
    repo.git(&["clone", "-q", "--depth=2", &from, clone.to_str().unwrap()]);
    let said = repo.history_at(&clone, &[]);
    assert_eq!((said.status, said.losses().len(), said.findings().len()), (1, 0, 6), "{}", said.stderr);
    assert!(said.stderr.contains("shallow"), "{}", said.stderr);
}

/// Nine objects that make a hundred million paths: the time limit holds, and what was not followed is told.
#[test]
fn directories_that_name_each_other_end_at_the_time_limit() {
    let repo = Repo::new(&[]);
    let object = |arguments: &[&str], input: &str| {
        let id = String::from_utf8(repo.git_with(arguments, input.as_bytes())).unwrap();
        id.trim().to_owned()
    };
    let blob = object(&["hash-object", "-w", "--stdin"], &format!("token = \"{}\"\n", token(0)));
    let mut tree = (0..10).map(|n| format!("100644 blob {blob}\tf{n}\n")).collect::<String>();
    for _ in 0..7 {
        let id = object(&["mktree"], &tree);
        tree = (0..10).map(|n| format!("040000 tree {id}\td{n}\n")).collect();
    }
    let commit = object(&["commit-tree", "-m", "many", &object(&["mktree"], &tree)], "");
    repo.git(&["update-ref", "HEAD", &commit]);
    let said = repo.history_at(&repo.top(), &["--time-limit", "1s"]);
    assert_eq!(said.status, 2, "{}", said.stderr);
    assert!(said.losses().iter().any(|loss| loss.contains("time limit")), "{:?}", said.losses());
}

/// A shallow clone lacks parents of its oldest commits, and nothing else.
#[test]
fn a_tree_that_a_shallow_clone_should_have_is_a_loss() {
    let repo = repository();
    repo.git(&["branch", "other", "HEAD~2"]);
    let clone = repo.beside("clone");
    let from = format!("file://{}", repo.top().display());
    repo.git(&["clone", "-q", "--depth=1", "--no-single-branch", &from, clone.to_str().unwrap()]);
    repo.git_at(&clone, &["unpack-objects", "-q"], b"");
    let mut packs = std::fs::read_dir(clone.join(".git/objects/pack")).unwrap().map(|e| e.unwrap().path());
    let pack = packs.find(|path| path.extension().is_some_and(|e| e == "pack")).unwrap();
    let bytes = std::fs::read(&pack).unwrap();
    std::fs::remove_dir_all(clone.join(".git/objects/pack")).unwrap();
    repo.git_at(&clone, &["unpack-objects", "-q"], &bytes);
    let tree = repo.git(&["rev-parse", "other^{tree}"]);
    std::fs::remove_file(clone.join(".git/objects").join(&tree[..2]).join(&tree[2..])).unwrap();
    let said = repo.history_at(&clone, &[]);
    assert_eq!(said.status, 2, "{}", said.stderr);
    assert!(said.losses().iter().any(|loss| loss.contains(&tree)), "{:?}", said.losses());
}

#[test]
fn a_tag_whose_object_is_gone_is_a_loss_and_its_message_is_judged() {
    let repo = repository();
    let blob = String::from_utf8(repo.git_with(&["hash-object", "-w", "--stdin"], b"alone")).unwrap();
    let blob = blob.trim();
    repo.git(&["tag", "-a", "-m", &format!("token = \"{}\"", token(7)), "loose", blob]);
    damaged(&repo, blob, None);
    let said = repo.history();
    assert_eq!((said.status, said.findings().len()), (2, 7), "{:#?}", said.json);
    assert!(said.losses().iter().any(|loss| loss.contains(blob)), "{:?}", said.losses());
}

#[test]
fn what_the_main_work_tree_is_detached_at_counts_in_a_linked_one() {
    detached(&repository());
}

#[test]
fn it_does_so_where_references_lie_in_a_table() {
    let repo = Repo::new(&["--ref-format=reftable"]);
    for n in 0..6 {
        repo.write(&format!("f{n}"), format!("token = \"{}\"\n", token(n))).commit("more");
    }
    detached(&repo);
}

#[track_caller]
fn detached(repo: &Repo) {
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "-q", "--detach", linked.to_str().unwrap(), "HEAD"]);
    repo.git(&["checkout", "-q", "--detach"]);
    repo.write("only", format!("token = \"{}\"\n", token(8))).commit("alone");
    for place in [repo.top(), linked] {
        let said = repo.history_at(&place, &[]);
        assert_eq!((said.status, said.findings().len()), (1, 7), "{:#?}", said.json);
    }
}

/// Only for a user whom folders can be closed to.
#[cfg(unix)]
#[test]
fn a_folder_of_references_that_cannot_be_read_is_a_loss() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = repository();
    repo.git(&["branch", "team/one"]);
    let folder = repo.top().join(".git/refs/heads/team");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o0)).unwrap();
    let closed = std::fs::read_dir(&folder).is_err();
    let said = repo.history();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(said.status, if closed { 2 } else { 1 }, "{:#?}", said.json);
    // A file where the folder should be is one, for everybody.
    std::fs::remove_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink("team", &folder).unwrap();
    let said = repo.history();
    assert_eq!((said.status, said.losses().len()), (2, 1), "{:?}", said.losses());
}

#[test]
fn a_reference_to_nothing_is_a_loss() {
    let repo = repository();
    std::fs::write(repo.top().join(".git/refs/heads/broken"), "1".repeat(40)).unwrap();
    std::fs::write(repo.top().join(".git/refs/heads/rubbish"), "no id").unwrap();
    let said = repo.history();
    assert_eq!((said.status, said.findings().len(), said.losses().len()), (2, 6, 2), "{:?}", said.losses());
}

#[test]
fn a_run_that_ends_early_says_only_that() {
    let repo = Repo::new(&[]);
    for n in 0..20 {
        repo.write("a", format!("token = \"{}\"\n", token(n))).commit("more");
    }
    let said = repo.history_at(&repo.top(), &["--time-limit", "0s"]);
    assert_eq!(said.status, 2, "{}", said.stderr);
    let losses = said.losses();
    assert_eq!(losses.len(), 1, "{losses:?}");
    assert!(losses[0].starts_with("the time limit of 0 s"), "{losses:?}");
    assert!(!repo.top().join(".git/unleak").exists(), "what was not looked at is not kept");
}
