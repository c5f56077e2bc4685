//! Turns `rules/*.toml` into static tables, the keyword automaton among them, so that nothing is parsed, built or
//! compiled when the program starts (`facts`: an automaton over 1,500 keywords takes 2 to 11 ms to build).

#[path = "automaton.rs"]
mod automaton;
#[path = "../src/judge/checks/names.rs"]
#[allow(unreachable_pub)]
mod checks;
#[path = "../src/detect/details.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod details;
#[path = "rarity.rs"]
mod rarity;
#[path = "../src/detect/regexfacts.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod regexfacts;
#[path = "../src/detect/rulefile/mod.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, unused_imports)]
mod rulefile;
#[path = "../src/detect/writing.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod spelling;
#[path = "../src/detect/tables.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod tables;
#[path = "writing.rs"]
mod writing;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use tables::Tables;

fn main() {
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=build");
    link_unwinder();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let rules = read_rules(Path::new("rules")).unwrap_or_else(|problems| {
        for problem in problems {
            println!("cargo::error={problem}");
        }
        process::exit(1)
    });
    let tables = Tables::new(&rules);
    let keywords: Vec<&str> = tables
        .keywords
        .iter()
        .map(|k| &tables.text[k.text.at as usize..k.text.at as usize + usize::from(k.text.len)])
        .collect();
    let rarity = rarity::Rarity::new();
    let spellings = writing::Spellings::new(&rules, &tables, &rarity);
    let automaton = automaton::Automaton::new(&keywords, &spellings.windows, &rarity);
    fs::write(out.join("filter.bin"), &automaton.filter).expect("OUT_DIR is writable");
    fs::write(out.join("next.bin"), &automaton.next).expect("OUT_DIR is writable");
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(tables.details.as_bytes()).expect("a vector takes everything");
    fs::write(out.join("details.bin"), packed.finish().expect("a vector takes everything"))
        .expect("OUT_DIR is writable");
    fs::write(out.join("tables.rs"), source(&tables, &automaton, &spellings)).expect("OUT_DIR is writable");
}

/// Takes the unwinder from the compiler's archive instead of `libgcc_s.so`, where there is one: a library less to load at
/// every start (a tenth of a whole run on a small repository).
fn link_unwinder() {
    let of_target = |name: &str| env::var(name).unwrap_or_default();
    let native = env::var("HOST") == env::var("TARGET");
    if !native || of_target("CARGO_CFG_TARGET_OS") != "linux" || of_target("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    let archive = process::Command::new("cc").arg("-print-file-name=libgcc_eh.a").output();
    let Ok(answer) = archive else { return };
    // The compiler gives the bare name back when it has none.
    let path = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    if let Some(folder) = path.parent().filter(|_| path.is_absolute() && path.exists()) {
        println!("cargo:rustc-link-search=native={}", folder.display());
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// Every rule of every file, in the order of file names; ids are unique over all.
fn read_rules(folder: &Path) -> Result<Vec<rulefile::RuleSource>, Vec<String>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|error| vec![format!("cannot read {}: {error}", folder.display())])?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let mut rules = Vec::new();
    let mut problems = Vec::new();
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files {
        let text =
            fs::read_to_string(&path).map_err(|e| vec![format!("cannot read {}: {e}", path.display())])?;
        match rulefile::parse_file(&text, checks::NAMES) {
            Ok(file) => {
                for rule in file.rules {
                    if let Some(other) = seen.insert(rule.id.clone(), path.clone()) {
                        problems.push(format!(
                            "{}: rule `{}` stands in {} too",
                            path.display(),
                            rule.id,
                            other.display()
                        ));
                    }
                    rules.push(rule);
                }
            }
            Err(found) => problems.extend(found.into_iter().map(|problem| {
                let (line, column) = rulefile::line_column(&text, problem.span.start);
                format!("{}:{line}:{column}: {}", path.display(), problem.message)
            })),
        }
    }
    for rule in &rules {
        for pair in rule.pairs.iter().filter(|pair| !pair.rule.is_empty() && !seen.contains_key(&pair.rule)) {
            problems.push(format!("rule `{}` names an unknown companion `{}`", rule.id, pair.rule));
        }
        for id in &rule.former {
            if let Some(other) = seen.insert(id.clone(), PathBuf::new()) {
                problems.push(format!(
                    "rule `{}`: its former id `{id}` is taken ({})",
                    rule.id,
                    other.display()
                ));
            }
        }
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

/// The tables as Rust source: derived `Debug` output of numbers is Rust.
fn source(tables: &Tables, automaton: &automaton::Automaton, spellings: &writing::Spellings) -> String {
    let mut code = String::new();
    let mut array = |name: &str, kind: &str, len: usize, items: String| {
        let _ = writeln!(code, "pub(crate) static {name}: [{kind}; {len}] = {items};");
    };
    array("ROWS", "Row", tables.rows.len(), format!("{:?}", tables.rows));
    array("LISTS", "Text", tables.lists.len(), format!("{:?}", tables.lists));
    array("CLASSES", "ClassRow", tables.classes.len(), format!("{:?}", tables.classes));
    array("CONTEXTS", "ContextRow", tables.contexts.len(), format!("{:?}", tables.contexts));
    array("LENGTHS", "(u16, u16)", tables.lengths.len(), format!("{:?}", tables.lengths));
    array("SERVICES", "ServiceRow", tables.services.len(), format!("{:?}", tables.services));
    array("SERVICE_CONTEXTS", "u16", tables.service_contexts.len(), format!("{:?}", tables.service_contexts));
    array("PAIRS", "PairRow", tables.pairs.len(), format!("{:?}", tables.pairs));
    array("FILES", "FileRow", tables.files.len(), format!("{:?}", tables.files));
    array("NAMES", "NameRow", tables.names.len(), format!("{:?}", tables.names));
    array("FORMER", "FormerRow", tables.former.len(), format!("{:?}", tables.former));
    array("KEYWORDS", "KeywordRow", tables.keywords.len(), format!("{:?}", tables.keywords));
    array("KEYWORD_RULES", "u16", tables.keyword_rules.len(), format!("{:?}", tables.keyword_rules));
    array("BYTE_CLASSES", "u8", 256, format!("{:?}", automaton.byte_classes));
    array("ROW_OF", "u16", automaton.rows.len(), format!("{:?}", automaton.rows));
    let (classes, targets): (Vec<u8>, Vec<u16>) = automaton.only.iter().copied().unzip();
    array("ONLY_CLASS", "u8", classes.len(), format!("{classes:?}"));
    array("ONLY_NEXT", "u16", targets.len(), format!("{targets:?}"));
    array("FAIL", "u16", automaton.fail.len(), format!("{:?}", automaton.fail));
    array("DEPTHS", "u8", automaton.depths.len(), format!("{:?}", automaton.depths));
    array("MATCHES_AT", "u16", automaton.matches_at.len(), format!("{:?}", automaton.matches_at));
    array("MATCHES", "u16", automaton.matches.len(), format!("{:?}", automaton.matches));
    array("SPELLINGS", "SpellingRow", spellings.rows.len(), format!("{:?}", spellings.rows));
    array("SPELLINGS_AT", "u16", spellings.slots.len(), format!("{:?}", spellings.slots));
    array("SPELLINGS_TEXT", "u8", spellings.text.len(), format!("{:?}", spellings.text));
    let _ = writeln!(code, "pub(crate) static TEXT: &str = {:?};", tables.text);
    let _ = writeln!(code, "pub(crate) const FILE_NAMES: usize = {};", tables.file_names);
    let _ = writeln!(code, "pub(crate) const EXACT_NAMES: usize = {};", tables.exact_names);
    let _ = writeln!(code, "pub(crate) const STRIDE: usize = {};", automaton.stride);
    let _ = writeln!(code, "pub(crate) const MATCH_STATES: u16 = {};", automaton.matches_at.len() - 1);
    let _ = writeln!(code, "pub(crate) const BACK: usize = {};", automaton.back);
    let _ = writeln!(code, "pub(crate) const NEXT_LEN: usize = {};", automaton.next.len());
    code
}
