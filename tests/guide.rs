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
    let file = format!(
        "# This secret is now in a layer\nENV API_KEY={}\nRUN curl -H \"Authorization: $API_KEY\" https://api.example.com/setup\n",
        key()
    );
    assert_eq!(stopped_lines("Dockerfile", &file), [2]);
    // What the guide calls bad: the argument has no value here, which only the image's history will have.
    let file = format!(
        "# BAD: Secret visible in layer\nENV API_KEY={}\n\n# ALSO BAD: Secret in build arg, still in history\nARG API_KEY\n\
         RUN curl -H \"Auth: $API_KEY\" https://api.example.com\n",
        ["secret", "123"].concat()
    );
    assert_eq!(stopped_lines("Dockerfile", &file), [2]);
}

#[test]
fn the_guides_shell_and_local_env_file_are_stopped() {
    assert_eq!(stopped_lines("setup.sh", &format!("export API_KEY={}\n", key())), [1]);
    // A password for localhost that is `pass` is none; the key beside it is one.
    let local = ["postgres:", "//user:pass", "@localhost:5432/db"].concat();
    let file = format!("# .env (add to .gitignore!)\nAPI_KEY={}\nDATABASE_URL={local}\n", key());
    assert_eq!(stopped_lines(".env", &file), [2]);
}

/// The guide's magic has the word `secret` in place of a secret: told, and not stopped.
#[test]
fn the_guides_magic_is_told() {
    let repo = Repo::new();
    repo.stage("a.ipynb", notebook(&["!export API_KEY=secret # Don't do this\n"], &[]));
    let judged = repo.commit();
    assert_eq!(
        (judged.committed, &judged.json["shown"][0]["cell_line"]),
        (Some(true), &1.into()),
        "{judged:#?}"
    );
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

/// A notebook of one code cell, laid out as Jupyter lays it out.
fn notebook(source: &[&str], printed: &[&str]) -> String {
    let lines = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| format!("    {line:?}")).collect();
        lines.join(",\n")
    };
    format!(
        "{{\n \"cells\": [\n  {{\n   \"cell_type\": \"markdown\",\n   \"metadata\": {{}},\n   \"source\": [\n    \"# Report\"\n   ]\n  }},\n  \
         {{\n   \"cell_type\": \"code\",\n   \"execution_count\": 1,\n   \"metadata\": {{}},\n   \"outputs\": [\n    {{\n     \
         \"name\": \"stdout\",\n     \"output_type\": \"stream\",\n     \"text\": [\n{}\n     ]\n    }}\n   ],\n   \"source\": [\n{}\n   ]\n  }}\n ],\n \
         \"metadata\": {{}},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}}\n",
        lines(printed),
        lines(source)
    )
}

/// Stages the text as one file and gives its only finding, and what a person is told.
fn cell_of(path: &str, text: &str) -> (serde_json::Value, String) {
    let repo = Repo::new();
    repo.stage(path, text);
    let judged = repo.commit();
    assert_eq!(
        (judged.committed, judged.json["findings"].as_array().unwrap().len()),
        (Some(false), 1),
        "{judged:#?}"
    );
    (judged.json["findings"][0].clone(), judged.stdout)
}

#[test]
fn a_finding_in_a_notebook_names_its_cell_and_the_way_out() {
    let leak = format!("os.environ['API_KEY'] = '{}'\n", key());
    let (cell, told) = cell_of("a.ipynb", &notebook(&["import os\n", &leak], &["fine\n"]));
    assert_eq!(
        (&cell["cell"], &cell["cell_part"], &cell["cell_line"]),
        (&2.into(), &"input".into(), &2.into())
    );
    assert!(told.contains("= instead: read it from os.environ"), "{told}");
    let printed = format!("API_KEY={}\n", key());
    let (cell, told) = cell_of("a.ipynb", &notebook(&["run()"], &["start\n", "go\n", &printed]));
    assert_eq!(
        (&cell["cell"], &cell["cell_part"], &cell["cell_line"]),
        (&2.into(), &"output".into(), &3.into())
    );
    assert!(told.contains("= instead: clear the cell's output"), "{told}");
    let magic = format!("!export API_KEY={}\n", key());
    assert_eq!(cell_of("a.ipynb", &notebook(&[&magic], &[])).0["cell_line"], 1);
}

#[test]
fn a_notebook_is_judged_by_the_cells_that_changed() {
    let repo = Repo::new();
    let leak = format!("os.environ['API_KEY'] = '{}'\n", key());
    repo.write("a.ipynb", notebook(&[&leak], &["old\n"])).unjudged("with a leak");
    repo.stage("a.ipynb", notebook(&[&leak], &["new output\n"]));
    let judged = repo.commit();
    assert_eq!((judged.committed, judged.status), (Some(true), 0), "{judged:#?}");
}

#[test]
fn pictures_in_outputs_raise_nothing() {
    let picture = harness::made("picture", "iVBORw0KGgo{base64:3000}");
    let text = notebook(&["plot()"], &["x"])
        .replace("\"text\"", &format!("\"data\": {{\"image/png\": \"{picture}\"}},\n     \"text\""));
    assert_eq!(stopped_lines("plot.ipynb", &text), [0; 0]);
}

/// The guide's Kubernetes secret, its value in base64.
fn manifest() -> String {
    use base64::Engine as _;
    let value = base64::engine::general_purpose::STANDARD.encode(key());
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: api-credentials\ntype: Opaque\ndata:\n  api-key: {value}  # base64 encoded\n"
    )
}

#[test]
fn the_guides_kubernetes_secret_is_stopped_and_the_pod_that_uses_it_passes() {
    assert_eq!(stopped_lines("deploy/secret.yaml", &manifest()), [7]);
    let pod = "containers:\n- name: app\n  env:\n  - name: API_KEY\n    valueFrom:\n      secretKeyRef:\n        \
               name: api-credentials\n        key: api-key\n";
    assert_eq!(stopped_lines("deploy/pod.yaml", pod), [0; 0]);
    let both = format!("{}---\n{pod}", manifest());
    assert_eq!(stopped_lines("deploy/all.yaml", &both), [7]);
}

#[test]
fn what_deployments_are_written_in_is_read() {
    let value = |n: usize| harness::made(&format!("deployed {n}"), "{base62:24}");
    let (a, b) = (value(1), value(2));
    for (path, text, lines) in [
        (
            "k8s/env.yaml",
            format!("env:\n- name: DB_PASSWORD\n  value: {a}\n- name: API_KEY\n  value: \"{b}\"\n"),
            vec![3, 5],
        ),
        ("k8s/secret.yaml", format!("kind: Secret\nstringData:\n  password: {a}\n"), vec![3]),
        (
            "compose.yml",
            format!(
                "environment:\n  DB_PASSWORD: {a}\n  OK: ${{DB_PASSWORD}}\n---\nenvironment:\n  - API_TOKEN={b}\n"
            ),
            vec![2, 6],
        ),
        (
            "build/Dockerfile",
            format!("FROM a\nENV DB_PASSWORD {a}\nRUN <<EOT\nexport API_KEY={b}\nEOT\n"),
            vec![2, 4],
        ),
        ("prod.tfvars", format!("db_password = \"{a}\"\n"), vec![1]),
        ("hosts.ini", format!("[web]\nh1 ansible_password={a} ansible_become_pass={b}\n"), vec![2, 2]),
        (
            "chart/values.yaml",
            format!("auth:\n  postgresPassword: {a}\n  existingSecret: my-secret\n"),
            vec![2],
        ),
        (
            "group_vars/vault.yml",
            "db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6634\n".to_owned(),
            vec![],
        ),
    ] {
        assert_eq!(stopped_lines(path, &text), lines, "{path}");
    }
}

#[test]
fn sealed_and_encrypted_secrets_pass() {
    let sealed = harness::made("sealed", "AgB{base62:300}");
    let encrypted =
        harness::made("sops", "ENC[AES256_GCM,data:{base62:24}=,iv:{base62:43}=,tag:{base62:22}==,type:str]");
    let texts = [
        format!("kind: SealedSecret\nspec:\n  encryptedData:\n    api-key: {sealed}\n"),
        format!("kind: Secret\ndata:\n  api-key: {encrypted}\nsops:\n  version: 3.8.1\n"),
    ];
    for text in texts {
        assert_eq!(stopped_lines("deploy/secret.yaml", &text), [0; 0], "{text}");
    }
}

#[test]
fn the_guides_dockerfile_tells_the_way_out() {
    let repo = Repo::new();
    repo.stage("Dockerfile", format!("FROM python:3\nENV API_KEY={}\n", key()));
    let judged = repo.commit();
    assert!(judged.stdout.contains("--mount=type=secret"), "{}", judged.stdout);
    let clean =
        "FROM python:3\nARG API_KEY\nRUN --mount=type=secret,id=api_key pip install app\nENV API_KEY=\n";
    assert_eq!(stopped_lines("Dockerfile", clean), [0; 0]);
    let arg = format!("FROM python:3\nARG API_KEY={}\n", key());
    assert_eq!(stopped_lines("build/Containerfile", &arg), [2]);
}

#[test]
fn the_guides_log_line_is_told_and_blocks_when_that_is_asked_for() {
    let code = "def connect_to_api(api_key):\n    logger.info(f\"Connecting with key: {api_key}\")\n    try:\n        \
                response = client.connect(api_key)\n    except Exception as e:\n        \
                raise Exception(f\"Failed with key {api_key}: {e}\")\n";
    let repo = Repo::new();
    repo.stage("api.py", code);
    let judged = repo.commit();
    assert_eq!(judged.committed, Some(true), "{judged:#?}");
    let shown = judged.json["shown"].as_array().unwrap();
    let lines: Vec<_> =
        shown.iter().map(|one| (one["rule"].as_str().unwrap(), one["line"].as_u64().unwrap())).collect();
    assert_eq!(lines, [("logged-secret", 2), ("logged-secret", 6)]);
    let repo = Repo::new();
    repo.write(".unleak.toml", "[rules]\nblock = [\"logged-secret\"]\n").unjudged("configuration");
    repo.stage("api.py", code);
    let judged = repo.commit();
    assert_eq!(
        (judged.committed, judged.json["findings"].as_array().unwrap().len()),
        (Some(false), 2),
        "{judged:#?}"
    );
    let masked = code.replace("{api_key}", "{api_key[:4]}…");
    assert_eq!(stopped_lines("api.py", &masked), [0; 0]);
}

#[test]
fn the_ways_that_the_guide_recommends_pass() {
    let recommended = [
        (
            "app.py",
            "import os\napi_key = os.environ.get('API_KEY')\nif not api_key:\n    \
             raise ValueError(\"API_KEY environment variable required\")\n",
        ),
        (
            "ask.ipynb",
            "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\"os.environ['API_KEY'] = input('API Key: ')\"]}]}\n",
        ),
        ("aws.py", "secrets = get_secret('my-app/production')\napi_key = secrets['api_key']\n"),
        (".github/workflows/ci.yml", "env:\n  API_KEY: ${{ secrets.API_KEY }}\n"),
        (".gitlab-ci.yml", "deploy:\n  script:\n    - deploy --token \"$DEPLOY_TOKEN\"\n"),
        ("run.sh", "docker run -e API_KEY=\"$API_KEY\" app\nexport DATABASE_URL=\"${DATABASE_URL}\"\n"),
        (".gitignore", ".env\n*.pem\n"),
        (
            "manager.py",
            "import boto3\nimport json\n\ndef get_secret(secret_name):\n    client = boto3.client('secretsmanager')\n    \
             response = client.get_secret_value(SecretId=secret_name)\n    return json.loads(response['SecretString'])\n\n\
             secrets = get_secret('my-app/production')\napi_key = secrets['api_key']\n",
        ),
        (
            ".github/workflows/deploy.yml",
            "steps:\n- run: echo \"::add-mask::$API_KEY\"\n  env:\n    API_KEY: ${{ secrets.API_KEY }}\n",
        ),
        (
            "compose.yaml",
            "services:\n  app:\n    environment:\n      API_KEY_FILE: /run/secrets/api_key\n    secrets: [api_key]\nsecrets:\n  api_key:\n    external: true\n",
        ),
        (
            "Dockerfile",
            "FROM python:3\nRUN --mount=type=secret,id=api_key API_KEY=$(cat /run/secrets/api_key) ./setup\n",
        ),
        (
            ".pre-commit-config.yaml",
            "repos:\n- repo: https://github.com/gitleaks/gitleaks\n  rev: v8.18.0\n  hooks:\n  - id: gitleaks\n",
        ),
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
