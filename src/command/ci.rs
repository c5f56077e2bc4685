//! Which commits a CI service runs for, from the variables that it documents.
//!
//! Hands on a [`Guess`]: names of commits, which may not be in the clone. The trap: a push of a new branch, a forced push and
//! a tag have no commit "before" (zeros, or one that was thrown away), and a run by hand or by the clock is for no range at
//! all; what is meant by each is said, and where nothing can be meant, that is an error and not an empty range.
//!
//! Documented at: docs.github.com/actions (variables, webhook payloads), docs.gitlab.com/ci/variables/predefined_variables,
//! support.atlassian.com (Bitbucket Pipelines, variables and secrets), learn.microsoft.com/azure/devops/pipelines/build/variables,
//! Jenkins' git and branch-api plugins (`/env-vars.html` of a server), circleci.com/docs/variables.

use serde_json::Value;

/// What a service says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guess {
    /// Its name.
    pub(super) service: &'static str,
    /// What happened: `a pull request`, `a push to main`.
    pub(super) what: String,
    /// The last commit.
    pub(super) tip: String,
    /// Where the range begins.
    pub(super) from: From,
    /// How its clone gets all commits.
    pub(super) deepen: &'static str,
}

/// Where a range begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    /// At the first of these that is there; the branch is what [`From::OtherBranches`] leaves out when none is.
    Commits(Vec<String>, Option<String>),
    /// At what any branch but this one reaches: it is new, or nothing else is known.
    OtherBranches(Option<String>),
}

/// What became of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// No known service runs this.
    NoService,
    /// A range.
    Range(Guess),
    /// A push that only took something away: its words.
    Nothing(String),
    /// The service says nothing that names a range: its words.
    NoRange(String),
}

/// Asks the environment; `read` gives the content of a file that a variable names.
pub(super) fn find(
    variable: &dyn Fn(&str) -> Option<String>,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Answer {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let is_true = |name: &str| set(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if is_true("GITHUB_ACTIONS") {
        github(&set, read)
    } else if is_true("GITLAB_CI") {
        gitlab(&set)
    } else if set("BITBUCKET_BUILD_NUMBER").is_some() {
        bitbucket(&set)
    } else if is_true("TF_BUILD") {
        azure(&set)
    } else if is_true("CIRCLECI") {
        circle(&set)
    } else if set("JENKINS_URL").is_some() {
        jenkins(&set)
    } else {
        Answer::NoService
    }
}

/// Reads a variable that is set and not empty.
type Set<'a> = &'a dyn Fn(&str) -> Option<String>;

fn github(set: Set<'_>, read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Answer {
    let event = set("GITHUB_EVENT_NAME").unwrap_or_default();
    let payload: Value = set("GITHUB_EVENT_PATH")
        .and_then(|path| read(&path))
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let guess = |what: String, tip: Option<String>, from: From| match tip.or_else(|| set("GITHUB_SHA")) {
        Some(tip) => Answer::Range(Guess {
            service: "GitHub",
            what,
            tip,
            from,
            deepen: "`fetch-depth: 0` at actions/checkout",
        }),
        None => Answer::NoRange("GitHub sets no GITHUB_SHA here".to_owned()),
    };
    match event.as_str() {
        "pull_request" | "pull_request_target" | "pull_request_review" => {
            let branch = set("GITHUB_BASE_REF").or_else(|| text("/pull_request/base/ref"));
            let bases = text("/pull_request/base/sha").into_iter().chain(branch.iter().map(|b| tracking(b)));
            guess(
                "a pull request".to_owned(),
                text("/pull_request/head/sha"),
                From::Commits(bases.collect(), set("GITHUB_HEAD_REF")),
            )
        }
        "merge_group" => {
            let bases = text("/merge_group/base_sha").into_iter().collect();
            guess("a merge queue".to_owned(), text("/merge_group/head_sha"), From::Commits(bases, None))
        }
        "push" => {
            let reference = set("GITHUB_REF").unwrap_or_default();
            let name = set("GITHUB_REF_NAME").unwrap_or_else(|| reference.clone());
            if payload.pointer("/deleted").and_then(Value::as_bool) == Some(true) {
                return Answer::Nothing(format!("the push took {name} away"));
            }
            let branch = reference.strip_prefix("refs/heads/").map(str::to_owned);
            pushed(&name, text("/before"), branch, |what, from| guess(what, text("/after"), from))
        }
        _ => Answer::NoRange(format!("GitHub's event `{event}` names none")),
    }
}

fn gitlab(set: Set<'_>) -> Answer {
    let guess = |what: String, tip: Option<String>, from: From| match tip.or_else(|| set("CI_COMMIT_SHA")) {
        Some(tip) => {
            Answer::Range(Guess { service: "GitLab", what, tip, from, deepen: "the variable `GIT_DEPTH: 0`" })
        }
        None => Answer::NoRange("GitLab sets no CI_COMMIT_SHA here".to_owned()),
    };
    if set("CI_MERGE_REQUEST_IID").is_some() {
        let target = set("CI_MERGE_REQUEST_TARGET_BRANCH_NAME").map(|branch| tracking(&branch));
        let bases = set("CI_MERGE_REQUEST_DIFF_BASE_SHA").into_iter().chain(target).collect();
        let from = From::Commits(bases, set("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"));
        return guess("a merge request".to_owned(), set("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"), from);
    }
    if set("CI_EXTERNAL_PULL_REQUEST_IID").is_some() {
        let bases = set("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA").into_iter().collect();
        let from = From::Commits(bases, set("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME"));
        return guess("a pull request".to_owned(), set("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA"), from);
    }
    let (branch, before) = (set("CI_COMMIT_BRANCH"), set("CI_COMMIT_BEFORE_SHA"));
    let source = set("CI_PIPELINE_SOURCE").unwrap_or_default();
    // Zeros also for what is started by hand or by the clock; on the default branch that means no commit in particular.
    let new = before.as_deref().is_none_or(is_zeros);
    if new && source != "push" && branch.is_some() && branch == set("CI_DEFAULT_BRANCH") {
        return Answer::NoRange(format!("GitLab's pipeline source `{source}` names none"));
    }
    let name = branch.clone().or_else(|| set("CI_COMMIT_REF_NAME")).unwrap_or_default();
    pushed(&name, before, branch, |what, from| guess(what, None, from))
}

fn bitbucket(set: Set<'_>) -> Answer {
    let Some(tip) = set("BITBUCKET_COMMIT") else {
        return Answer::NoRange("Bitbucket sets no BITBUCKET_COMMIT here".to_owned());
    };
    let guess = |what: String, from: From| {
        let tip = tip.clone();
        Answer::Range(Guess { service: "Bitbucket", what, tip, from, deepen: "`clone: depth: full`" })
    };
    let branch = set("BITBUCKET_BRANCH");
    if set("BITBUCKET_PR_ID").is_some() {
        let target = set("BITBUCKET_PR_DESTINATION_BRANCH").map(|branch| tracking(&branch));
        let bases = set("BITBUCKET_PR_DESTINATION_COMMIT").into_iter().chain(target).collect();
        return guess("a pull request".to_owned(), From::Commits(bases, branch));
    }
    let name = branch.clone().or_else(|| set("BITBUCKET_TAG")).unwrap_or_default();
    pushed(&name, None, branch, guess)
}

fn azure(set: Set<'_>) -> Answer {
    let head = set("BUILD_SOURCEVERSION");
    let guess = |what: String, tip: Option<String>, from: From| match tip.or_else(|| head.clone()) {
        Some(tip) => Answer::Range(Guess {
            service: "Azure",
            what,
            tip,
            from,
            deepen: "`fetchDepth: 0` at `checkout: self`",
        }),
        None => Answer::NoRange("Azure sets no BUILD_SOURCEVERSION here".to_owned()),
    };
    let short = |name: String| name.strip_prefix("refs/heads/").map_or(name.clone(), str::to_owned);
    if let Some(target) = set("SYSTEM_PULLREQUEST_TARGETBRANCH") {
        let own = set("SYSTEM_PULLREQUEST_SOURCEBRANCH").map(short);
        let from = From::Commits(vec![tracking(&short(target))], own);
        return guess("a pull request".to_owned(), set("SYSTEM_PULLREQUEST_SOURCECOMMITID"), from);
    }
    let reference = set("BUILD_SOURCEBRANCH").unwrap_or_default();
    let branch = reference.strip_prefix("refs/heads/").map(str::to_owned);
    pushed(&short(reference.clone()), None, branch, |what, from| guess(what, None, from))
}

fn circle(set: Set<'_>) -> Answer {
    let Some(tip) = set("CIRCLE_SHA1") else {
        return Answer::NoRange("CircleCI sets no CIRCLE_SHA1 here".to_owned());
    };
    let branch = set("CIRCLE_BRANCH");
    let name = branch.clone().or_else(|| set("CIRCLE_TAG")).unwrap_or_default();
    pushed(&name, None, branch, |what, from| {
        let tip = tip.clone();
        Answer::Range(Guess { service: "CircleCI", what, tip, from, deepen: "`checkout: method: full`" })
    })
}

fn jenkins(set: Set<'_>) -> Answer {
    let tip = set("GIT_COMMIT").unwrap_or_else(|| "HEAD".to_owned());
    let guess = |what: String, from: From| {
        let (tip, deepen) = (tip.clone(), "the checkout's option \"shallow clone\" switched off");
        Answer::Range(Guess { service: "Jenkins", what, tip, from, deepen })
    };
    let branch = set("BRANCH_NAME").or_else(|| {
        set("GIT_BRANCH").map(|name| name.strip_prefix("origin/").map_or(name.clone(), str::to_owned))
    });
    if let Some(target) = set("CHANGE_TARGET") {
        let from = From::Commits(vec![tracking(&target)], set("CHANGE_BRANCH").or(branch));
        return guess("a pull request".to_owned(), from);
    }
    let name = branch.clone().unwrap_or_default();
    // The previous build may have failed because of a secret, so the last one that succeeded is where it begins.
    pushed(&name, set("GIT_PREVIOUS_SUCCESSFUL_COMMIT"), branch, guess)
}

/// A push to a branch or tag, with the commit that stood there before.
fn pushed(
    name: &str,
    before: Option<String>,
    branch: Option<String>,
    guess: impl FnOnce(String, From) -> Answer,
) -> Answer {
    let what = if name.is_empty() { "a push".to_owned() } else { format!("a push to {name}") };
    match before.filter(|before| !is_zeros(before)) {
        Some(before) => guess(what, From::Commits(vec![before], branch)),
        None => guess(what, From::OtherBranches(branch)),
    }
}

fn tracking(branch: &str) -> String {
    format!("refs/remotes/origin/{branch}")
}

fn is_zeros(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZEROS: &str = "0000000000000000000000000000000000000000";

    fn asked(variables: &[(&str, &str)], event: &str) -> Answer {
        find(
            &|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
            &|path| (path == "event").then(|| event.as_bytes().to_vec()),
        )
    }

    fn range(variables: &[(&str, &str)], event: &str) -> (String, String, From) {
        match asked(variables, event) {
            Answer::Range(guess) => (guess.what, guess.tip, guess.from),
            other => panic!("{variables:?}: {other:?}"),
        }
    }

    fn commits(bases: &[&str], own: Option<&str>) -> From {
        From::Commits(bases.iter().map(|base| (*base).to_owned()).collect(), own.map(str::to_owned))
    }

    fn others(own: Option<&str>) -> From {
        From::OtherBranches(own.map(str::to_owned))
    }

    fn expected(what: &str, tip: &str, from: From) -> (String, String, From) {
        (what.to_owned(), tip.to_owned(), from)
    }

    #[test]
    fn without_a_service_nothing_is_guessed() {
        assert_eq!(asked(&[("CI", "true")], ""), Answer::NoService);
        assert_eq!(asked(&[("GITHUB_ACTIONS", "")], ""), Answer::NoService);
    }

    #[test]
    fn github_names_pull_requests_pushes_and_queues() {
        let github = |event: &'static str, more: &[(&'static str, &'static str)], payload: &str| {
            let mut all = vec![
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_EVENT_NAME", event),
                ("GITHUB_EVENT_PATH", "event"),
                ("GITHUB_SHA", "merge"),
                ("GITHUB_REF", "refs/heads/topic"),
                ("GITHUB_REF_NAME", "topic"),
            ];
            // What stands first counts.
            all.splice(0..0, more.iter().copied());
            asked(&all, payload)
        };
        let ranged = |answer: Answer| match answer {
            Answer::Range(guess) => (guess.what, guess.tip, guess.from),
            other => panic!("{other:?}"),
        };
        let branches = [("GITHUB_BASE_REF", "main"), ("GITHUB_HEAD_REF", "topic")];
        assert_eq!(
            ranged(github(
                "pull_request",
                &branches,
                r#"{"pull_request":{"base":{"sha":"b"},"head":{"sha":"h"}}}"#
            )),
            expected("a pull request", "h", commits(&["b", "refs/remotes/origin/main"], Some("topic")))
        );
        assert_eq!(
            ranged(github("pull_request", &branches, "no json")),
            expected("a pull request", "merge", commits(&["refs/remotes/origin/main"], Some("topic")))
        );
        assert_eq!(
            ranged(github("push", &[], r#"{"before":"b","after":"a","forced":true}"#)),
            expected("a push to topic", "a", commits(&["b"], Some("topic")))
        );
        assert_eq!(
            ranged(github("push", &[], &format!(r#"{{"before":"{ZEROS}","after":"a","created":true}}"#))),
            expected("a push to topic", "a", others(Some("topic")))
        );
        let tag = [("GITHUB_REF", "refs/tags/v1"), ("GITHUB_REF_NAME", "v1")];
        assert_eq!(
            ranged(github("push", &tag, &format!(r#"{{"before":"{ZEROS}","after":"a"}}"#))),
            expected("a push to v1", "a", others(None))
        );
        assert_eq!(
            ranged(github("merge_group", &[], r#"{"merge_group":{"base_sha":"b","head_sha":"h"}}"#)),
            expected("a merge queue", "h", commits(&["b"], None))
        );
        assert_eq!(
            github("push", &[], &format!(r#"{{"before":"b","after":"{ZEROS}","deleted":true}}"#)),
            Answer::Nothing("the push took topic away".to_owned())
        );
        assert!(matches!(github("schedule", &[], "{}"), Answer::NoRange(why) if why.contains("`schedule`")));
    }

    #[test]
    fn gitlab_names_merge_requests_and_pushes() {
        let base = [("GITLAB_CI", "true"), ("CI_COMMIT_SHA", "c"), ("CI_DEFAULT_BRANCH", "main")];
        let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
        let request = with(&[
            ("CI_MERGE_REQUEST_IID", "1"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "b"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
            ("CI_COMMIT_BEFORE_SHA", ZEROS),
        ]);
        let from = commits(&["b", "refs/remotes/origin/main"], Some("topic"));
        assert_eq!(range(&request, ""), expected("a merge request", "c", from));
        let push = [("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BRANCH", "main")];
        let known = with(&[&push[..], &[("CI_COMMIT_BEFORE_SHA", "b")]].concat());
        assert_eq!(range(&known, ""), expected("a push to main", "c", commits(&["b"], Some("main"))));
        let new = with(&[&push[..], &[("CI_COMMIT_BEFORE_SHA", ZEROS)]].concat());
        assert_eq!(range(&new, ""), expected("a push to main", "c", others(Some("main"))));
        let tag =
            with(&[("CI_COMMIT_TAG", "v1"), ("CI_COMMIT_REF_NAME", "v1"), ("CI_COMMIT_BEFORE_SHA", ZEROS)]);
        assert_eq!(range(&tag, ""), expected("a push to v1", "c", others(None)));
        let clock = with(&[
            ("CI_PIPELINE_SOURCE", "schedule"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_COMMIT_BEFORE_SHA", ZEROS),
        ]);
        assert!(matches!(asked(&clock, ""), Answer::NoRange(why) if why.contains("`schedule`")));
    }

    #[test]
    fn the_other_services_name_what_they_can() {
        let request = [
            ("BITBUCKET_BUILD_NUMBER", "1"),
            ("BITBUCKET_COMMIT", "c"),
            ("BITBUCKET_BRANCH", "topic"),
            ("BITBUCKET_PR_ID", "2"),
            ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
            ("BITBUCKET_PR_DESTINATION_COMMIT", "b"),
        ];
        let from = commits(&["b", "refs/remotes/origin/main"], Some("topic"));
        assert_eq!(range(&request, ""), expected("a pull request", "c", from));
        assert_eq!(range(&request[..3], ""), expected("a push to topic", "c", others(Some("topic"))));

        let request = [
            ("TF_BUILD", "True"),
            ("BUILD_SOURCEVERSION", "m"),
            ("BUILD_SOURCEBRANCH", "refs/heads/topic"),
            ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
            ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "c"),
        ];
        let from = commits(&["refs/remotes/origin/main"], None);
        assert_eq!(range(&request, ""), expected("a pull request", "c", from));
        assert_eq!(range(&request[..3], ""), expected("a push to topic", "m", others(Some("topic"))));

        let circle = [("CIRCLECI", "true"), ("CIRCLE_SHA1", "c"), ("CIRCLE_BRANCH", "topic")];
        assert_eq!(range(&circle, ""), expected("a push to topic", "c", others(Some("topic"))));

        let jenkins = [
            ("JENKINS_URL", "https://ci.example"),
            ("GIT_COMMIT", "c"),
            ("GIT_BRANCH", "origin/topic"),
            ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "b"),
            ("GIT_PREVIOUS_COMMIT", "p"),
        ];
        assert_eq!(range(&jenkins, ""), expected("a push to topic", "c", commits(&["b"], Some("topic"))));
        assert_eq!(range(&jenkins[..3], ""), expected("a push to topic", "c", others(Some("topic"))));
        let change = [("JENKINS_URL", "x"), ("CHANGE_TARGET", "main"), ("BRANCH_NAME", "PR-1")];
        let from = commits(&["refs/remotes/origin/main"], Some("PR-1"));
        assert_eq!(range(&change, ""), expected("a pull request", "HEAD", from));
    }
}
