//! The examples of the guide on secrets management that the product puts into practice: its leaks are stopped, the ways
//! it recommends pass.
//!
//! The trap: the guide's values are joined from pieces here, or this file could not be committed.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use harness::Repo;

/// The guide's API key.
fn key() -> String {
    ["sk-", "live-", "abc123"].concat()
}

/// The guide's database URL.
fn url() -> String {
    ["postgres:", "//admin:", "supersecret", "@prod-db:5432/app"].concat()
}

/// Stages the text as one file and says in which lines secrets are found; also that the commit followed.
fn stopped_lines(path: &str, text: &str) -> Vec<u64> {
    let repo = Repo::new();
    repo.stage(path, text);
    let judged = repo.commit();
    let findings = judged.json["findings"].as_array().unwrap();
    assert_eq!(judged.committed, Some(findings.is_empty()), "{judged:#?}");
    findings.iter().map(|finding| finding["line"].as_u64().unwrap()).collect()
}

#[test]
fn the_guides_leak_in_source_is_stopped() {
    let source = format!("import requests\n\nAPI_KEY = \"{}\"\n\ndef call():\n    pass\n", key());
    assert_eq!(stopped_lines("app.py", &source), [3]);
}

#[test]
fn the_guides_env_file_is_stopped() {
    let env = format!("API_KEY={}\nDATABASE_URL={}\n", key(), url());
    assert_eq!(stopped_lines(".env", &env), [1, 2]);
}

#[test]
fn the_guides_image_is_stopped() {
    let file = format!("FROM python:3\nENV API_KEY={}\nRUN curl https://api.example.com/setup\n", key());
    assert_eq!(stopped_lines("Dockerfile", &file), [2]);
}

#[test]
fn the_guides_notebook_is_stopped() {
    let cell = format!(
        "{{\"cells\": [{{\"cell_type\": \"code\", \"source\": [\n\"import os\\n\",\n\
         \"os.environ['API_KEY'] = '{}'\\n\"\n]}}]}}\n",
        key()
    );
    assert_eq!(stopped_lines("analysis.ipynb", &cell), [3]);
}

#[test]
fn the_ways_that_the_guide_recommends_pass() {
    let recommended = [
        (
            "app.py",
            "import os\napi_key = os.environ.get('API_KEY')\nif not api_key:\n    \
             raise ValueError(\"API_KEY environment variable required\")\n",
        ),
        ("aws.py", "secrets = get_secret('my-app/production')\napi_key = secrets['api_key']\n"),
        (".github/workflows/ci.yml", "env:\n  API_KEY: ${{ secrets.API_KEY }}\n"),
        (".gitlab-ci.yml", "deploy:\n  script:\n    - deploy --token \"$DEPLOY_TOKEN\"\n"),
        ("run.sh", "docker run -e API_KEY=\"$API_KEY\" app\nexport DATABASE_URL=\"${DATABASE_URL}\"\n"),
        (".gitignore", ".env\n*.pem\n"),
        ("log.py", "logger.info(f\"Connecting with key: {api_key}\")\n"),
    ];
    for (path, text) in recommended {
        assert_eq!(stopped_lines(path, text), [0; 0], "{path}");
    }
}

#[test]
fn placeholders_and_examples_of_documentation_pass() {
    let local = ["postgres:", "//user:pass", "@localhost:5432/db"].concat();
    let aws = ["AKIA", "IOSFODNN7", "EXAMPLE"].concat();
    let text = format!(
        "API_KEY=<YOUR_KEY>\nPASSWORD=changeme\nTOKEN=${{VAR}}\nDATABASE_URL={local}\n\
         AWS_ACCESS_KEY_ID={aws}\nSECRET_KEY=your-secret-here\nDB_PASSWORD=\n"
    );
    assert_eq!(stopped_lines(".env.example", &text), [0; 0]);
}
