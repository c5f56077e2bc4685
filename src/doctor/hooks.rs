//! Which hook git would run here for each name, through whom, and what is known to be missing from it.
//!
//! Hands on [`examine`] and the [`Hook`]s. The trap: git looks in one folder only, that of the narrowest `core.hooksPath`, so
//! what lies in any other may look installed and never runs.

use std::path::{Path, PathBuf};

use super::manager::{Manager, Script, framework_ids, yaml_block};
use super::programs::same;
use super::{Level, Report, shown};
use crate::git::{Repository, find_program};
use crate::install::{self, executable, global};
use crate::report::escape;

const TOPIC: &str = "hooks";

/// Hooks of a work tree in which unleak can judge, and what is not judged without.
const NAMES: [(&str, &str); 4] = [
    ("pre-commit", "commits"),
    ("pre-merge-commit", "merges without conflicts"),
    ("commit-msg", "commit messages"),
    ("pre-push", "pushes"),
];

/// Larger files are no scripts.
const MOST_BYTES: u64 = 1024 * 1024;

/// One hook name, and what git would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// `pre-commit`.
    pub name: &'static str,
    /// Where git looks.
    pub path: PathBuf,
    /// Whose it is; `None` when there is none.
    pub manager: Option<Manager>,
    /// Whether it reaches unleak, as far as reading tells; `None` when it does not tell.
    pub calls: Option<bool>,
}

/// Looks at every hook of the repository.
pub(super) fn examine(repository: &Repository, report: &mut Report) {
    let folder = match repository.hooks_dir() {
        Ok(folder) => folder,
        Err(error) => return report.add(TOPIC, Level::Problem, error.to_string()),
    };
    scopes(report);
    report.add(TOPIC, Level::Good, format!("git looks for hooks in {}", shown(&folder)));
    let names: &[(&str, &str)] =
        if repository.top().is_none() { &[("pre-receive", "pushes to this server")] } else { &NAMES };
    for &(name, what) in names {
        let hook = Look { repository, report, name, what }.at(folder.join(name));
        report.hooks.push(hook);
    }
    let own = repository.common_dir().join("hooks");
    let is_global = global::folder().is_ok_and(|ours| same(&ours, &folder));
    if !same(&own, &folder) && !is_global {
        for (name, _) in names {
            if own.join(name).is_file() {
                report.add(
                    TOPIC,
                    Level::Note,
                    format!("{} never runs: core.hooksPath leads elsewhere", shown(&own.join(name))),
                );
            }
        }
    }
}

/// Outside a repository: whether the user's global installation stands.
pub(super) fn examine_global(report: &mut Report) {
    scopes(report);
}

/// Where `core.hooksPath` is set, and which of the values counts.
fn scopes(report: &mut Report) {
    let Some(git) = find_program("git") else { return };
    let mut command = std::process::Command::new(git);
    command.args(["config", "--show-scope", "--show-origin", "-z", "--get-all", "core.hooksPath"]);
    let Ok(output) = command.stdin(std::process::Stdio::null()).output() else { return };
    let fields: Vec<String> = output.stdout.split(|&b| b == 0).map(escape).collect();
    let values: Vec<&[String]> = fields.chunks_exact(3).collect();
    let Some(last) = values.last() else { return };
    report.add(
        TOPIC,
        Level::Good,
        format!("core.hooksPath is {}, set in {} ({})", last[2], last[1], last[0]),
    );
    for value in &values[..values.len() - 1] {
        if value[2] != last[2] {
            let why = if value[0] == last[0] { "a later value" } else { "a narrower scope" };
            report.add(
                TOPIC,
                Level::Note,
                format!(
                    "core.hooksPath {}, set in {} ({}), does not count: {why} wins",
                    value[2], value[1], value[0]
                ),
            );
        }
    }
    let ours = global::folder().ok().filter(|folder| folder.is_dir());
    if let Some(ours) = ours
        && last[2] != escape(ours.as_os_str().as_encoded_bytes())
    {
        report.add(TOPIC, Level::Note, format!("the hooks of `unleak install --global` in {} are not asked here: a core.hooksPath of the repository beats the global one", shown(&ours)));
    }
}

/// One look at one hook.
struct Look<'a> {
    repository: &'a Repository,
    report: &'a mut Report,
    name: &'static str,
    what: &'static str,
}

impl Look<'_> {
    fn add(&mut self, level: Level, text: impl AsRef<str>) {
        let text = format!("{}: {}", self.name, text.as_ref());
        self.report.add(TOPIC, level, text);
    }

    /// How bad it is when this hook does not judge.
    fn lack(&self) -> Level {
        if matches!(self.name, "pre-commit" | "pre-receive") { Level::Problem } else { Level::Note }
    }

    fn at(&mut self, path: PathBuf) -> Hook {
        let (name, what, lack) = (self.name, self.what, self.lack());
        let none = |path| Hook { name, path, manager: None, calls: Some(false) };
        let Ok(metadata) = path.metadata() else {
            self.add(
                lack,
                format!("there is none, so {what} are not judged: unleak install{}", self.option()),
            );
            return none(path);
        };
        if !metadata.is_file() {
            self.add(Level::Problem, format!("{} is no file, so git runs nothing", shown(&path)));
            return none(path);
        }
        if !install::is_executable(&metadata) {
            self.add(
                Level::Problem,
                format!("{} cannot be executed, so git ignores it: chmod +x", shown(&path)),
            );
            return none(path);
        }
        let Some(text) = read(&path) else {
            self.add(
                Level::Note,
                format!("{} is no script that can be read: only --canary tells what it does", shown(&path)),
            );
            return Hook { name, path, manager: Some(Manager::Plain), calls: None };
        };
        let manager = install::written_by(text.as_bytes()).unwrap_or_else(|| Manager::of(&text));
        let calls = match manager {
            Manager::Unleak | Manager::UnleakEdited => self.ours(&text, manager, &path),
            Manager::UnleakGlobal => self.global(&text, &path),
            Manager::PreCommit | Manager::Prek => self.framework(&text, manager, &path),
            Manager::Husky => self.husky(&path),
            Manager::Lefthook => self.lefthook(),
            Manager::Overcommit => self.overcommit(),
            Manager::Plain => Some(self.script(&text, &path, false)),
        };
        match calls {
            Some(true) => self.add(
                Level::Good,
                format!("git runs {} ({}), which calls unleak", shown(&path), manager.name()),
            ),
            Some(false) => self.add(
                lack,
                format!(
                    "git runs {} ({}), which does not name unleak, so {what} are not judged",
                    shown(&path),
                    manager.name()
                ),
            ),
            None => self.add(
                lack.min(Level::Note),
                format!(
                    "git runs {} ({}); only --canary tells whether it reaches unleak",
                    shown(&path),
                    manager.name()
                ),
            ),
        }
        Hook { name, path, manager: Some(manager), calls }
    }

    fn option(&self) -> String {
        if install::DEFAULT_HOOKS.contains(&self.name) {
            String::new()
        } else {
            format!(" --hook {}", self.name)
        }
    }

    fn ours(&mut self, text: &str, manager: Manager, path: &Path) -> Option<bool> {
        if manager == Manager::UnleakEdited {
            self.add(Level::Note, "the hook was edited since `unleak install` wrote it");
        }
        self.program(text);
        let kept = path.with_file_name(format!("{}.before-unleak", self.name));
        if kept.is_file() {
            self.add(Level::Good, format!("{} runs first", shown(&kept)));
        }
        Some(true)
    }

    /// The program that a hook of ours names.
    fn program(&mut self, text: &str) {
        let Some(program) = install::program_of(text.as_bytes()) else { return };
        let here = executable::locate().ok();
        if !program.is_file() {
            self.add(Level::Note, format!("it names {}, which is gone: it takes the unleak that it finds on PATH or in the usual places, and blocks where there is none. `unleak install` writes it anew", shown(&program)));
        } else if program.metadata().is_ok_and(|m| !install::is_executable(&m) || m.len() == 0) {
            self.add(Level::Problem, format!("it names {}, which cannot be executed", shown(&program)));
        } else if here.is_some_and(|here| !same(&here, &program)) {
            self.add(Level::Note, format!("it calls another unleak than this one: {}", shown(&program)));
        }
    }

    fn global(&mut self, text: &str, path: &Path) -> Option<bool> {
        let own = self.repository.common_dir().join("hooks").join(self.name);
        if own.is_file() && own != path {
            self.add(Level::Good, format!("{} runs first", shown(&own)));
        }
        if install::judges(text.as_bytes()) {
            self.program(text);
            return Some(true);
        }
        Some(read(&own).is_some_and(|text| Script::read(&text, false).calls))
    }

    fn framework(&mut self, text: &str, manager: Manager, path: &Path) -> Option<bool> {
        let legacy = path.with_file_name(format!("{}.legacy", self.name));
        if read(&legacy).is_some_and(|text| install::written_by(text.as_bytes()).is_some()) {
            return Some(true);
        }
        let named = text
            .split_whitespace()
            .find_map(|word| word.trim_matches(['(', ')', '\'', '"']).strip_prefix("--config="));
        let top = self.repository.top()?;
        let mut files = vec![named.unwrap_or(".pre-commit-config.yaml").to_owned()];
        if manager == Manager::Prek {
            files.extend(["prek.toml".to_owned(), ".pre-commit-config.yml".to_owned()]);
        }
        let Some((file, configuration)) = files.iter().find_map(|f| Some((f, read(&top.join(f))?))) else {
            self.add(
                Level::Problem,
                format!(
                    "{} has no {} here, and blocks every commit",
                    manager.name(),
                    escape(files[0].as_bytes())
                ),
            );
            return Some(false);
        };
        if file.ends_with(".toml") {
            return if configuration.contains("unleak") { None } else { Some(false) };
        }
        let ids = framework_ids(&configuration);
        let stages = yaml_block(&configuration, "default_stages").concat();
        let offered = |stage: &Option<String>| match stage {
            Some(stages) => stages.contains(self.name),
            // Without stages the published hook's own hold, or all.
            None => stages.is_empty() || stages.contains(self.name),
        };
        let reaches = ids.iter().any(|(_, stages)| offered(stages));
        if !reaches && !ids.is_empty() {
            self.add(self.lack(), format!("{} has unleak, but not in this stage", escape(file.as_bytes())));
        }
        if self.name == "pre-push" && reaches {
            self.add(Level::Note, format!("{} offers a hook only the first ref of a push, and nothing for a push from a root commit: `unleak install --hook pre-push` beside it judges all", manager.name()));
        }
        Some(reaches)
    }

    fn husky(&mut self, path: &Path) -> Option<bool> {
        let script = path.parent()?.parent()?.join(self.name);
        let Some(text) = read(&script) else {
            self.add(self.lack(), format!("there is no {}, so husky does nothing", shown(&script)));
            return Some(false);
        };
        if let Some(home) = std::env::home_dir()
            && home.join(".config/husky/init.sh").is_file()
        {
            self.add(
                Level::Note,
                "~/.config/husky/init.sh runs before each of husky's hooks, and may switch them off",
            );
        }
        Some(self.script(&text, &script, true))
    }

    fn lefthook(&mut self) -> Option<bool> {
        let top = self.repository.top()?;
        let stems = ["lefthook", ".lefthook", ".config/lefthook", "lefthook-local", ".lefthook-local"];
        let mut reaches = Some(false);
        for stem in stems {
            for ending in ["yml", "yaml", "toml", "json", "jsonc"] {
                let Some(text) = read(&top.join(format!("{stem}.{ending}"))) else { continue };
                if !ending.starts_with('y') {
                    reaches = if text.contains("unleak") { None } else { reaches };
                    continue;
                }
                let block = yaml_block(&text, self.name).join("\n");
                if block.contains("unleak") {
                    reaches = Some(true);
                    for (setting, effect) in [
                        (
                            "stage_fixed: true",
                            "a command may stage again what nobody has judged: let unleak's be a script, which runs after all commands",
                        ),
                        ("parallel: true", "other commands may stage while unleak judges"),
                        (
                            "piped: true",
                            "an earlier command that fails keeps unleak from running; the commit is blocked then",
                        ),
                        ("skip:", "`skip` may leave unleak out"),
                        ("only:", "`only` may leave unleak out"),
                    ] {
                        if block.contains(setting) {
                            self.add(Level::Note, format!("lefthook: {effect}"));
                        }
                    }
                }
            }
        }
        reaches
    }

    fn overcommit(&mut self) -> Option<bool> {
        let text = read(&self.repository.top()?.join(".overcommit.yml"))?;
        if text.contains("unleak") { None } else { Some(false) }
    }

    /// A script that a person wrote.
    fn script(&mut self, text: &str, path: &Path, strict: bool) -> bool {
        let script = Script::read(text, strict);
        if let Some((line, how)) = script.loses {
            self.add(Level::Problem, format!("{}:{line}: unleak's verdict is lost: {how}", shown(path)));
        }
        if let Some(line) = script.restages {
            self.add(
                Level::Note,
                format!(
                    "{}:{line}: may stage again after unleak has judged: let unleak be the last",
                    shown(path)
                ),
            );
        }
        script.calls
    }
}

/// A file's text; `None` when it is not there, is no file, too large or no UTF-8.
fn read(path: &Path) -> Option<String> {
    path.metadata().ok().filter(|m| m.is_file() && m.len() <= MOST_BYTES)?;
    String::from_utf8(std::fs::read(path).ok()?).ok()
}
