//! Missing, corrupt and cut objects, indexes and references: an error each, never a panic, a hang or a pass.

use crate::harness::Scratch;

#[test]
fn a_missing_or_corrupt_object_is_an_error() {
    for (options, reader) in [(&[][..], "libgit2"), (&["--ref-format=reftable"], "git")] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.stage("repo");
        let id = scratch.git("repo", &["rev-parse", ":d1/new"]);
        let file = scratch.path(&format!("repo/.git/objects/{}/{}", &id[..2], &id[2..]));
        let good = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let said = scratch.probe("repo", &[]);
        assert!(
            said[0].starts_with(&format!("error cannot read object {id}: it is missing")),
            "{reader}: {said:?}"
        );
        std::fs::write(&file, &good[..good.len() - 5]).unwrap();
        let said = scratch.probe("repo", &[]);
        assert!(said[0].starts_with("error cannot read object"), "{reader}: {said:?}");
        assert!(!said[0].contains("objects/"), "{said:?}");
    }
}

#[test]
fn a_corrupt_index_is_an_error_whoever_reads_it() {
    for options in [&[][..], &["--ref-format=reftable"]] {
        let scratch = Scratch::new();
        scratch.repository(options);
        let index = scratch.path("repo/.git/index");
        let good = std::fs::read(&index).unwrap();
        for bytes in [&good[..good.len() / 2], b"", b"DIRC", &[0; 4096]] {
            std::fs::write(&index, bytes).unwrap();
            let said = scratch.probe("repo", &[]);
            assert!(said[0].starts_with("error cannot read"), "{said:?}");
        }
    }
}

#[test]
fn a_broken_head_is_an_error_and_no_empty_history() {
    for options in [&[][..], &["--object-format=sha256"]] {
        let scratch = Scratch::new();
        scratch.repository(options);
        scratch.write("repo/.git/refs/heads/main", "nonsense\n");
        let said = scratch.probe("repo", &[]);
        assert!(said[0].starts_with("error cannot"), "{said:?}");
        scratch.write(
            "repo/.git/refs/heads/main",
            &format!("{}\n", "1".repeat(if options.is_empty() { 40 } else { 64 })),
        );
        let said = scratch.probe("repo", &[]);
        assert!(said[0].starts_with("error cannot read object 1111"), "{said:?}");
    }
}

#[test]
fn a_commit_or_tree_that_is_cut_short_is_an_error() {
    let scratch = Scratch::new();
    scratch.repository(&[]);
    scratch.stage("repo");
    for revision in ["HEAD", "HEAD^{tree}", "HEAD:d1"] {
        let id = scratch.git("repo", &["rev-parse", revision]);
        let file = scratch.path(&format!("repo/.git/objects/{}/{}", &id[..2], &id[2..]));
        let good = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        for cut in [0, 10, good.len() - 1] {
            std::fs::write(&file, &good[..cut]).unwrap();
            let said = scratch.probe("repo", &[]);
            assert!(said[0].starts_with(&format!("error cannot read object {id}")), "{said:?}");
            let said = scratch.probe("repo", &[("UNLEAK_ASK", "resolve HEAD~0\nbetween HEAD HEAD")]);
            let refused = said.iter().filter(|l| l.starts_with("error cannot")).count();
            assert_eq!(refused, if revision == "HEAD" { 2 } else { 0 }, "{revision} {said:?}");
        }
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &good).unwrap();
    }
}
