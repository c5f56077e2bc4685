//! A repository that is written to, packed again or cleaned up while it is judged; and what a repository may hold beside
//! files: submodules, many branches, a cache that is not to be trusted.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::repo::{Repo, made, token};

fn repository(commits: usize) -> Repo {
    let repo = Repo::new(&[]);
    for n in 0..commits {
        let filler: String = (0..40).map(|l| format!("line {l} of {}\n", n / 3)).collect();
        repo.write(&format!("d{}/f{}.txt", n % 4, n % 7), format!("{filler}token = \"{}\"\n", token(n)))
            .commit("more");
    }
    repo
}

/// Packs everything anew, takes away what is packed, and makes loose objects of it again: each time the objects are
/// elsewhere.
fn move_everything(repo: &Repo, round: usize) {
    let depth = format!("--depth={}", 1 + round % 40);
    repo.git(&["repack", "-adfq", &depth]);
    repo.git(&["prune-packed", "-q"]);
    let folder = repo.top().join(".git/objects/pack");
    let packs: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let Some(pack) = packs.iter().find(|path| path.extension().is_some_and(|e| e == "pack")) else { return };
    let bytes = std::fs::read(pack).unwrap();
    // Git does not unpack what it has, so it reads from elsewhere; then the pack goes away.
    let aside = repo.beside(&format!("aside{round}"));
    std::fs::create_dir(&aside).unwrap();
    repo.git(&["init", "-q", "--bare", aside.join("bare").to_str().unwrap()]);
    let unpacked = repo.git_at(&aside.join("bare"), &["unpack-objects", "-q"], &bytes);
    assert!(unpacked.status.success());
    for entry in std::fs::read_dir(aside.join("bare/objects")).unwrap().map(Result::unwrap) {
        if entry.file_name().len() != 2 {
            continue;
        }
        let to = repo.top().join(".git/objects").join(entry.file_name());
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(entry.path()).unwrap().map(Result::unwrap) {
            std::fs::rename(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    for file in packs.iter().filter(|path| path.extension().is_none_or(|e| e != "pack")).chain([pack]) {
        std::fs::remove_file(file).unwrap();
    }
    std::fs::remove_dir_all(aside).unwrap();
}

#[test]
fn a_repack_meanwhile_loses_nothing() {
    let repo = repository(40);
    let expected = repo.history();
    assert_eq!((expected.status, expected.findings().len()), (1, 40), "{}", expected.stderr);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mover = scope.spawn(|| {
            for round in 0..6 {
                move_everything(&repo, round);
            }
            done.store(true, Ordering::Relaxed);
        });
        let mut runs = 0;
        while !done.load(Ordering::Relaxed) && !mover.is_finished() {
            let said = repo.history();
            assert_eq!(said.losses(), [] as [&str; 0], "run {runs}");
            assert_eq!(said.json["findings"], expected.json["findings"], "run {runs}");
            runs += 1;
        }
        assert!(runs > 1, "{runs}");
        mover.join().unwrap();
    });
}

#[test]
fn commits_meanwhile_are_judged_or_left_for_the_next_run() {
    let repo = repository(20);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 100..130 {
                repo.write("new.txt", format!("token = \"{}\"\n", token(n))).commit("meanwhile");
            }
            done.store(true, Ordering::Relaxed);
        });
        let mut least = 20;
        while !done.load(Ordering::Relaxed) && !writer.is_finished() {
            let said = repo.history();
            assert_eq!((said.status, said.losses()), (1, Vec::new()), "{}", said.stderr);
            let found = said.findings().len();
            assert!((least..=50).contains(&found), "{least}, then {found}");
            least = found;
        }
        writer.join().unwrap();
    });
    assert_eq!(repo.history().findings().len(), 50);
}

#[test]
fn submodules_are_no_loss() {
    let repo = repository(3);
    let elsewhere = "1234567890123456789012345678901234567890";
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{elsewhere},vendor/sub")]);
    repo.git(&["commit", "-q", "-m", "a submodule"]);
    let said = repo.history();
    assert_eq!((said.status, said.losses(), said.findings().len()), (1, Vec::new(), 3), "{}", said.stderr);
}

#[test]
fn each_of_many_branches_is_named() {
    let repo = repository(2);
    let head = repo.git(&["rev-parse", "HEAD"]);
    let before = repo.git(&["rev-parse", "HEAD^"]);
    let all: String = (0..3000)
        .map(|n| format!("create refs/heads/b{n:04} {}\n", if n % 2 == 0 { &head } else { &before }))
        .collect();
    repo.git_with(&["update-ref", "--stdin"], all.as_bytes());
    repo.git(&["pack-refs", "--all"]);
    let said = repo.history();
    let branches = |n: usize| {
        let finding = said.findings().iter().find(|f| f["secret"] == token(n).as_str()).unwrap();
        finding["branches"].as_array().unwrap().len()
    };
    assert_eq!((branches(0), branches(1)), (3001, 1501));
}

#[test]
fn a_cache_that_others_could_have_written_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = repository(3);
    let run = || repo.history_at(&repo.top(), &[]);
    let first = run();
    let (folder, kept) = (repo.top().join(".git/unleak"), repo.top().join(".git/unleak/history"));
    let reused = |said: &super::repo::Said| said.stderr.contains("looked at before");
    assert!(reused(&run()));
    let mode = |mode| std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(mode)).unwrap();
    for bad in [0o602, 0o620, 0o666] {
        mode(bad);
        let said = run();
        assert!(!reused(&said) && said.stderr.contains("other users may write"), "{bad:o}: {}", said.stderr);
        assert_eq!(said.json, first.json);
        assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600, "written anew");
    }
    // A link, to a good one at that.
    let elsewhere = repo.beside("elsewhere");
    std::fs::rename(&kept, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &kept).unwrap();
    let said = run();
    assert!(!reused(&said) && said.stderr.contains("it is no file"), "{}", said.stderr);
    assert!(kept.symlink_metadata().unwrap().is_file(), "written anew");
    // A folder that is a link: nothing is read there, nor written.
    std::fs::rename(&folder, repo.beside("folder")).unwrap();
    std::os::unix::fs::symlink(repo.beside("folder"), &folder).unwrap();
    let before = std::fs::metadata(repo.beside("folder/history")).unwrap().modified().unwrap();
    let said = run();
    assert!(!reused(&said) && said.stderr.contains("its folder is a link"), "{}", said.stderr);
    assert_eq!(std::fs::metadata(repo.beside("folder/history")).unwrap().modified().unwrap(), before);
    std::fs::remove_file(&folder).unwrap();
    run();
    // Only root can give files away.
    if std::os::unix::fs::chown(&kept, Some(12_345), None).is_ok() {
        let said = run();
        assert!(!reused(&said) && said.stderr.contains("belongs to another user"), "{}", said.stderr);
    }
}

#[test]
fn the_configured_limits_hold_in_history() {
    use base64::Engine as _;
    let coded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let repo = Repo::new(&[]);
    let inner = format!("password = {}\n", made("limits", "{base62:24}"));
    repo.write("a.txt", format!("data: {}\n", coded(&format!("data: {}\n", coded(&inner))))).commit("one");
    let run = || repo.history_at(&repo.top(), &[]);
    assert_eq!(run().findings().len(), 1, "{:#?}", run().json);
    repo.write(".unleak.toml", "[limits]\ndepth = 1\n").commit("limits");
    let said = run();
    assert_eq!((said.status, said.findings().len()), (0, 0), "{:#?}", said.json);
    assert_eq!(said.json["limits"][0]["path"], "a.txt", "what was not looked into is told: {:#?}", said.json);
    assert!(!said.stderr.contains("looked at before"), "other limits look again: {}", said.stderr);
    repo.write(".unleak.toml", "[limits]\ndepth = 1\nexceeded = \"block\"\n").commit("limits");
    assert_eq!(run().status, 2);
    repo.write(".unleak.toml", "[limits]\ndepth = 3\n").commit("limits");
    assert_eq!(run().findings().len(), 1);
}
