//! Turns `rules/*.toml` into static tables, what the prefilter looks up among them, so that nothing is parsed, built or
//! compiled when the program starts.

#[path = "../src/judge/checks/names.rs"]
#[allow(unreachable_pub)]
mod checks;
#[path = "../src/detect/details.rs"]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod details;
mod linking;
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
#[path = "windows.rs"]
mod windows;
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
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    linking::choose(&out);
    let rules = read_rules(Path::new("rules")).unwrap_or_else(|problems| {
        for problem in problems {
            println!("cargo::error={problem}");
        }
        process::exit(1)
    });
    let tables = Tables::new(&rules);
    let keywords: Vec<&[u8]> = tables
        .keywords
        .iter()
        .map(|k| &tables.text.as_bytes()[k.text.at as usize..k.text.at as usize + usize::from(k.text.len)])
        .collect();
    let rarity = rarity::Rarity::new();
    let spellings = writing::Spellings::new(&rules, &tables);
    let windows = windows::Windows::new(&keywords, &spellings.texts(&tables), &rarity);
    fs::write(out.join("filter.bin"), &windows.filter).expect("OUT_DIR is writable");
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(tables.details.as_bytes()).expect("a vector takes everything");
    fs::write(out.join("details.bin"), packed.finish().expect("a vector takes everything"))
        .expect("OUT_DIR is writable");
    fs::write(out.join("tables.rs"), source(&tables, &windows, &spellings)).expect("OUT_DIR is writable");
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
fn source(tables: &Tables, windows: &windows::Windows, spellings: &writing::Spellings) -> String {
    let mut code = String::new();
    let mut array = |name: &str, kind: &str, len: usize, items: String| {
        let _ = writeln!(code, "pub(crate) static {name}: [{kind}; {len}] = {items};");
    };
    array("ROWS", "Row", tables.rows.len(), format!("{:?}", tables.rows));
    array("LISTS", "Text", tables.lists.len(), format!("{:?}", tables.lists));
    array("CLASSES", "ClassRow", tables.classes.len(), format!("{:?}", tables.classes));
    array("CONTEXTS", "ContextRow", tables.contexts.len(), format!("{:?}", tables.contexts));
    array("FORMS", "FormRow", tables.forms.len(), format!("{:?}", tables.forms));
    array("SHORT_FORMS", "u64", tables.short_forms.len(), format!("{:?}", tables.short_forms));
    array("LENGTHS", "(u16, u16)", tables.lengths.len(), format!("{:?}", tables.lengths));
    array("SERVICES", "ServiceRow", tables.services.len(), format!("{:?}", tables.services));
    array("SERVICE_CONTEXTS", "u16", tables.service_contexts.len(), format!("{:?}", tables.service_contexts));
    array("PAIRS", "PairRow", tables.pairs.len(), format!("{:?}", tables.pairs));
    array("FILES", "FileRow", tables.files.len(), format!("{:?}", tables.files));
    array("NAMES", "NameRow", tables.names.len(), format!("{:?}", tables.names));
    array("FORMER", "FormerRow", tables.former.len(), format!("{:?}", tables.former));
    array("KEYWORDS", "KeywordRow", tables.keywords.len(), format!("{:?}", tables.keywords));
    array("KEYWORD_RULES", "u16", tables.keyword_rules.len(), format!("{:?}", tables.keyword_rules));
    let places: Vec<String> = windows
        .places
        .iter()
        .map(|p| format!("Place {{ window: {}, back: {}, text: {} }}", p.window, p.back, p.text))
        .collect();
    array("PLACES", "Place", places.len(), format!("[{}]", places.join(", ")));
    array("PLACES_AT", "u16", windows.slots.len(), format!("{:?}", windows.slots));
    array("SPELLINGS", "SpellingRow", spellings.rows.len(), format!("{:?}", spellings.rows));
    array("SPELLINGS_TEXT", "u8", spellings.text.len(), format!("{:?}", spellings.text));
    let _ = writeln!(code, "pub(crate) static TEXT: &str = {:?};", tables.text);
    let _ = writeln!(code, "pub(crate) const FILE_NAMES: usize = {};", tables.file_names);
    let _ = writeln!(code, "pub(crate) const EXACT_NAMES: usize = {};", tables.exact_names);
    code
}
