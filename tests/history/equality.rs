//! The set of secrets is the reference's, however the objects are packed.

use std::collections::BTreeSet;

use super::reference::{Secrets, secrets, told};
use super::repo::{Repo, made, token};

struct Dice(u64);

impl Dice {
    fn next(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }
}

/// One line, or a few that belong together.
fn line(dice: &mut Dice, n: usize) -> String {
    let secret = token(dice.next(40));
    match dice.next(16) {
        0 => format!("token = \"{secret}\""),
        1 => format!("password: {}", made(&format!("p{n}"), "{base62:22}")),
        2 => format!("    \"api_key\": \"{}\",", made(&format!("k{n}"), "{hex:40}")),
        3 => format!("DB_PASSWORD={}", made(&format!("d{n}"), "{base62:18}")),
        4 => format!("url = postgres://app:{}@db.corp.internal/x", made(&format!("u{n}"), "{base62:16}")),
        5 => {
            let body = made(&format!("b{n}"), &"{base64:64}\n".repeat(12));
            format!("-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----")
        }
        6 => format!("data: {}", made(&format!("e{n}"), "{b64:password = {base62:24}}")),
        7 => format!(
            "secrets = [\n  \"{}\",\n  \"{}\",\n]",
            made(&format!("l{n}"), "{base62:24}"),
            token(n % 40)
        ),
        8 => format!("# {secret} is allowed unleak:allow"),
        9 => "key token password secret auth credentials".to_owned(),
        _ => made(&format!("f{n}"), "let {lower:8} = compute_{lower:6}({digits:3}, key);"),
    }
}

fn edit(text: &mut Vec<String>, dice: &mut Dice, n: usize) {
    for _ in 0..1 + dice.next(3) {
        let at = dice.next(text.len() + 1);
        match dice.next(6) {
            0 | 1 => text.insert(at, line(dice, n)),
            2 if at < text.len() => {
                text.remove(at);
            }
            // A character in the middle, so that seams fall into secrets and keywords.
            3 if at < text.len() && text[at].is_ascii() && !text[at].is_empty() => {
                let place = dice.next(text[at].len());
                text[at].replace_range(place..=place, ["x", "7", "=", "\"", ""][dice.next(5)]);
            }
            4 if at < text.len() => {
                let copy = text[dice.next(text.len())].clone();
                text.insert(at, copy);
            }
            5 if at < text.len() => text[at].push_str(["", " unleak:allow", ";", " # note"][dice.next(4)]),
            _ => {}
        }
    }
}

pub(crate) fn grow(repo: &Repo, seed: u64, commits: usize) {
    let mut dice = Dice(seed | 1);
    let names =
        ["src/app.py", "config/prod.yml", "README.md", "tests/test_x.js", "deep/er/and/deeper/.env", "a"];
    let mut files: Vec<Vec<String>> =
        names.iter().map(|_| (0..30 + dice.next(120)).map(|n| line(&mut dice, n + 1000)).collect()).collect();
    for n in 0..commits {
        for (name, text) in names.iter().zip(&mut files) {
            if n == 0 || dice.next(3) == 0 {
                edit(text, &mut dice, n);
                let joined = text.join("\n");
                if *name == "a" && n % 4 == 1 {
                    let wide: Vec<u8> = joined.encode_utf16().flat_map(u16::to_le_bytes).collect();
                    repo.write(name, [b"\xFF\xFE".as_slice(), &wide].concat());
                } else {
                    repo.write(name, joined);
                }
            }
        }
        let message = if n % 9 == 3 {
            format!("use {}\n\npassword = {}", token(60 + n), made("m", "{base62:20}"))
        } else {
            format!("change {n}")
        };
        repo.commit(&message);
        match n % 12 {
            5 => drop(repo.git(&["checkout", "-q", "-b", &format!("side{n}")])),
            7 => {
                let side = repo.git(&["branch", "--show-current"]);
                repo.git(&["checkout", "-q", "main"]);
                repo.git(&["merge", "-q", "-X", "theirs", "--no-edit", "-s", "ours", &side]);
            }
            9 => drop(repo.git(&[
                "tag",
                "-a",
                "-m",
                &format!("release\n\ntoken = \"{}\"", token(80 + n)),
                &format!("v{n}"),
            ])),
            _ => {}
        }
    }
    repo.write("a", format!("stash1 = \"{}\"\n", token(200)));
    repo.git(&["stash", "push", "-q"]);
    repo.write("a", format!("stash2 = \"{}\"\n", token(201)));
    repo.git(&["stash", "push", "-q"]);
    repo.git_with(&["notes", "add", "-F", "-"], format!("note_token = \"{}\"\n", token(202)).as_bytes());
}

/// JSON has line ends escaped and the like; both sides are brought into its form by what serde reads back.
fn same(what: &str, expected: &Secrets, found: &Secrets) {
    let show = |secrets: &Secrets, other: &Secrets| {
        secrets
            .iter()
            .filter(|(key, blocks)| other.get(*key) != Some(blocks))
            .map(|((secret, path, rule), blocks)| {
                format!("{blocks} {rule} {path} {}", String::from_utf8_lossy(secret))
            })
            .collect::<Vec<_>>()
    };
    assert!(
        expected == found,
        "{what}: only expected {:#?}, only found {:#?}",
        show(expected, found),
        show(found, expected)
    );
}

/// Tags' messages are found by the program and are no commits: taken out for the comparison.
fn without_tags(mut secrets: Secrets) -> Secrets {
    secrets.retain(|(_, path, _), _| path != "tag message");
    secrets
}

fn all_layouts(init: &[&str], seed: u64, layouts: &[&str]) {
    let repo = Repo::new(init);
    grow(&repo, seed, 26);
    let expected: Secrets = secrets(&repo)
        .into_iter()
        .map(|((secret, path, rule), blocks)| {
            // As JSON has it: what is no UTF-8, and backslashes, are written out.
            let mut text = String::new();
            for chunk in secret.utf8_chunks() {
                text.push_str(&chunk.valid().replace('\\', "\\\\"));
                chunk.invalid().iter().for_each(|b| text.push_str(&format!("\\x{b:02x}")));
            }
            ((text.into_bytes(), path, rule), blocks)
        })
        .collect();
    assert!(expected.len() > 40, "only {} secrets", expected.len());
    let check = |what: &str| {
        let said = repo.history();
        assert_eq!(said.losses(), [] as [&str; 0], "{what}");
        same(what, &expected, &without_tags(told(&said.json)));
    };
    for layout in layouts {
        match *layout {
            "loose" => {}
            "bitmaps" => drop(repo.git(&["repack", "-adq", "-b", "--write-midx"])),
            "commit graph" => {
                repo.git(&["commit-graph", "write", "--reachable"]);
                repo.git(&["pack-refs", "--all"]);
            }
            "index version 1" => drop(repo.git(&["-c", "pack.indexVersion=1", "repack", "-adfq"])),
            "many packs" => many_packs(&repo),
            "promised" => promise(&repo),
            depth => drop(repo.git(&["repack", "-adfq", &format!("--depth={depth}"), "--window=30"])),
        }
        check(layout);
    }
}

/// As in a partial clone whose objects were all fetched since: in a pack that a remote has promised, beside one that it has not.
fn promise(repo: &Repo) {
    repo.git(&["repack", "-adq"]);
    let folder = repo.top().join(".git/objects/pack");
    let packs: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let pack = packs.iter().find(|path| path.extension().is_some_and(|e| e == "pack")).unwrap();
    std::fs::write(pack.with_extension("promisor"), "").unwrap();
    repo.git(&["remote", "add", "origin", "file:///nowhere"]);
    repo.git(&["config", "remote.origin.promisor", "true"]);
    repo.git(&["config", "remote.origin.partialclonefilter", "blob:none"]);
    repo.git(&["config", "core.repositoryformatversion", "1"]);
    repo.git(&["config", "extensions.partialClone", "origin"]);
}

/// The same objects in many packs, some twice, some loose.
fn many_packs(repo: &Repo) {
    let objects: Vec<String> = repo
        .git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"])
        .lines()
        .map(str::to_owned)
        .collect();
    for (number, chunk) in objects.chunks(objects.len() / 5 + 1).enumerate() {
        let mut some: BTreeSet<&String> = chunk.iter().collect();
        some.extend(objects.iter().skip(number).step_by(17));
        let list: String = some.into_iter().map(|id| format!("{id}\n")).collect();
        repo.git_with(&["pack-objects", "-q", ".git/objects/pack/pack"], list.as_bytes());
    }
    repo.git(&["multi-pack-index", "write"]);
}

#[test]
fn loose_objects_and_deltas_of_any_depth_give_the_references_secrets() {
    all_layouts(&[], 0x1234_5678_9abc, &["loose", "1", "50", "250"]);
}

#[test]
fn bitmaps_and_packed_references_do_so_too() {
    all_layouts(&[], 0xdead_beef_0042, &["bitmaps", "commit graph"]);
}

#[test]
fn promised_objects_that_are_here_do_so_too() {
    all_layouts(&[], 0x0b0e_5150_0001, &["promised"]);
}

#[test]
fn old_indexes_and_many_packs_do_so_too() {
    all_layouts(&[], 0x7777_0001_1111, &["index version 1", "many packs"]);
}

#[test]
fn sha256_does_so_too() {
    all_layouts(&["--object-format=sha256"], 0xfeed_0000_7001, &["loose", "50"]);
}

#[test]
fn reftables_do_so_too() {
    all_layouts(&["--ref-format=reftable"], 0xbeef_1111_0007, &["50"]);
}
