//! Text that holds a secret for somebody else: documents that run, manifests and states of deployments, logs.
//!
//! Each file is judged where it lies, and the lines of its secrets are compared. The trap: the values are made here, random as
//! generators make them, or this file could not be committed.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::{Repo, UNLEAK, made};
use serde_json::{Value, json};

fn value(n: usize) -> String {
    made(&format!("format {n}"), "{base62:26}")
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// Judges the file in its folder: the lines of what blocks (0: the file itself), each once, and the whole report.
fn told(path: &str, text: &str) -> (Vec<u64>, Value) {
    let repo = Repo::new();
    repo.write(path, text);
    let output = repo.command(UNLEAK).args(["paths", "--format", "json", path]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let mut lines: Vec<u64> = findings.iter().map(|f| f["line"].as_u64().unwrap_or(0)).collect();
    lines.sort_unstable();
    lines.dedup();
    let status = i32::from(!lines.is_empty());
    assert_eq!(
        (output.status.code(), report["losses"].as_array().unwrap().len()),
        (Some(status), 0),
        "{report:#}"
    );
    (lines, report)
}

#[track_caller]
fn on_lines(path: &str, text: &str, lines: &[u64]) {
    let (found, report) = told(path, text);
    assert_eq!(found, lines, "{path}: {report:#}\n{text}");
}

#[test]
fn documents_that_run_are_text_with_places() {
    let (a, b) = (value(1), value(2));
    let markdown = format!(
        "---\ntitle: Report\noutput: html_document\n---\n\nText.\n\n```{{r setup}}\nSys.setenv(API_KEY = \"{a}\")\n```\n\n\
         Of `r nrow(query(connect(password = \"{b}\")))` rows.\n"
    );
    on_lines("report.Rmd", &markdown, &[9, 12]);
    let quarto = format!(
        "---\ntitle: Report\nformat: html\n---\n\n```{{python}}\n#| echo: false\nimport os\nos.environ['API_KEY'] = '{a}'\n```\n"
    );
    on_lines("report.qmd", &quarto, &[9]);
    let percent = format!(
        "# ---\n# jupyter:\n#   jupytext:\n#     formats: ipynb,py:percent\n# ---\n\n# %% [markdown]\n# # Setup\n\n# %%\nimport os\n\
         os.environ['API_KEY'] = '{a}'\n\n# %%\n# !export DB_PASSWORD={b}\n"
    );
    on_lines("report.py", &percent, &[12, 15]);
    let light = format!("# # Setup\n\n# + tags=[\"parameters\"]\ndb_password = \"{a}\"\n# -\n");
    on_lines("light.py", &light, &[4]);
    let text = format!(
        "---\njupyter:\n  jupytext:\n    formats: ipynb,md\n---\n\n```python\napi_key = '{a}'\n```\n"
    );
    on_lines("report.md", &text, &[8]);
    let clean = "```{r}\nkey <- Sys.getenv(\"API_KEY\")\ncon <- connect(password = rstudioapi::askForPassword())\n```\n";
    on_lines("clean.Rmd", clean, &[]);
}

#[test]
fn logins_of_registries_are_read_as_files_and_in_secrets() {
    let login = base64(&format!("robot:{}", value(3)));
    let config = json!({"auths": {"registry.example.org": {"auth": login}}});
    let flat = json!({"registry.example.org": {"auth": login, "email": "robot@example.org"}});
    let named = json!({"auths": {"registry.example.org": {"username": "robot", "password": value(3), "auth": login}}});
    on_lines(".docker/config.json", &format!("{config:#}\n"), &[4]);
    on_lines(".dockerconfigjson", &config.to_string(), &[1]);
    on_lines(".dockercfg", &format!("{flat:#}"), &[3]);
    let manifest = |kind: &str, key: &str, content: &Value| {
        let data = base64(&content.to_string());
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pull\ntype: kubernetes.io/{kind}\ndata:\n  {key}: {data}\n"
        )
    };
    on_lines("pull.yaml", &manifest("dockerconfigjson", ".dockerconfigjson", &config), &[7]);
    on_lines("named.yaml", &manifest("dockerconfigjson", ".dockerconfigjson", &named), &[7]);
    on_lines("old.yaml", &manifest("dockercfg", ".dockercfg", &flat), &[7]);
    let plain = format!(
        "kind: Secret\ntype: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: '{config}'\n"
    );
    on_lines("plain.yaml", &plain, &[4]);
    let json = json!({"apiVersion": "v1", "data": {".dockerconfigjson": base64(&config.to_string())}, "kind": "Secret"});
    on_lines("pull.json", &format!("{json:#}\n"), &[4]);
    let (_, report) = told("pull.yaml", &manifest("dockerconfigjson", ".dockerconfigjson", &config));
    assert_eq!(report["findings"][0]["rule"], "docker-config-auth");
}

#[test]
fn secrets_stand_in_lists_documents_and_in_what_was_last_applied() {
    let (a, b) = (value(4), value(5));
    let applied = json!({"apiVersion": "v1", "data": {"password": base64(&a)}, "kind": "Secret", "metadata": {"name": "x"}});
    let yaml = format!(
        "apiVersion: v1\ndata:\n  mode: {}\nkind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {applied}\n",
        base64("fast")
    );
    on_lines("applied.yaml", &yaml, &[8]);
    let deployed = json!({"kind": "Deployment", "spec": {"containers": [{"env": [{"name": "DB_PASSWORD", "value": a}]}]}});
    let yaml = format!(
        "kind: Deployment\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {deployed}\n"
    );
    on_lines("deployed.yaml", &yaml, &[5]);
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  data:\n    password: {}\n- apiVersion: v1\n  data:\n    token: {}\n  kind: Secret\n",
        base64(&a),
        base64(&b)
    );
    on_lines("list.yaml", &list, &[7, 10]);
    let documents = format!(
        "kind: ConfigMap\ndata:\n  mode: fast\n---\nkind: Secret\ndata: {{password: {}}}\n---\n# another\nkind: Secret\nstringData:\n  password: {b}\n",
        base64(&a)
    );
    let (lines, report) = told("documents.yaml", &documents);
    assert_eq!(lines, [6, 11], "{report:#}");
    assert!(
        report["findings"][0]["reasons"].to_string().contains("Kubernetes Secret's base64"),
        "{report:#}"
    );
}

#[test]
fn what_sops_and_sealed_secrets_encrypted_passes_and_what_they_left_open_does_not() {
    let encrypted =
        made("sops", "ENC[AES256_GCM,data:{base62:24}=,iv:{base62:43}=,tag:{base62:22}==,type:str]");
    let sealed = ["AgA", "AgC", "AQB"].map(|start| made("sealed", &format!("{start}{{base62:300}}")));
    on_lines(
        "db.yaml",
        &format!("password: {encrypted}\nsops:\n  version: 3.9.0\n  mac: {encrypted}\n"),
        &[],
    );
    on_lines("prod.env", &format!("DB_PASSWORD={encrypted}\nsops_version=3.9.0\n"), &[]);
    on_lines("db.json", &format!("{{\n \"password\": \"{encrypted}\"\n}}\n"), &[]);
    on_lines(
        "sealed.yaml",
        &format!(
            "kind: SealedSecret\nspec:\n  encryptedData:\n    password: {}\n",
            sealed.join("\n    password: ")
        ),
        &[],
    );
    on_lines("half.yaml", &format!("password: {encrypted}\napi_key: {}\n", value(6)), &[2]);
    on_lines("half.env", &format!("DB_PASSWORD={encrypted}\nAPI_KEY={}\n", value(6)), &[2]);
}

#[test]
fn compose_inventories_variables_and_charts_are_read() {
    let (a, b, c) = (value(7), value(8), value(9));
    let compose = format!(
        "services:\n  db:\n    environment:\n      DB_PASSWORD: {a}\n      MODE: fast\n  web:\n    environment:\n      - API_TOKEN={b}\n      - \"SECRET_KEY={c}\"\n      - KEY=${{KEY}}\n"
    );
    on_lines("compose.yaml", &compose, &[4, 8, 9]);
    let variables =
        format!("db_password = \"{a}\"\nregion = \"eu\"\ntokens = {{\n  api_token = \"{b}\"\n}}\n");
    on_lines("prod.tfvars", &variables, &[1, 4]);
    on_lines("prod.auto.tfvars.json", &format!("{{\n  \"db_password\": \"{a}\"\n}}\n"), &[2]);
    let inventory = format!(
        "[web]\nh1 ansible_host=192.0.2.1 ansible_password={a}\n[web:vars]\nansible_become_password={b}\n"
    );
    on_lines("inventory.ini", &inventory, &[2, 4]);
    let inventory = format!(
        "all:\n  hosts:\n    h1:\n      ansible_host: 192.0.2.1\n      ansible_password: {a}\n  vars:\n    ansible_become_pass: {b}\n"
    );
    on_lines("inventory.yaml", &inventory, &[5, 7]);
    let chart = format!(
        "auth:\n  rootPassword: \"{a}\"\n  existingSecret: app\nenv:\n  - name: API_KEY\n    value: {b}\nextraEnv:\n  SECRET_TOKEN: {c}\n"
    );
    on_lines("chart/values.yaml", &chart, &[2, 6, 8]);
}

#[test]
fn what_terraforms_state_calls_sensitive_is_told_beside_the_state() {
    let state = |attributes: Value, outputs: Value| {
        json!({"version": 4, "terraform_version": "1.9.0", "outputs": outputs, "resources": [{"type": "aws_db_instance", "instances":
            [{"attributes": attributes, "sensitive_attributes": [[{"type": "get_attr", "value": "word"}]]}]}]})
    };
    let line_of = |text: &str, part: &str| text[..text.find(part).unwrap()].lines().count() as u64;
    let outputs = json!({"dsn": {"value": "kept by nobody else", "type": "string", "sensitive": true}, "open": {"value": "db.example.org", "type": "string"}});
    let text = format!("{:#}\n", state(json!({"id": "db-1", "word": "sky over the hill 7"}), outputs));
    let expected = [0, line_of(&text, "kept by"), line_of(&text, "sky over")];
    on_lines("terraform.tfstate", &text, &expected);
    let (_, report) = told("terraform.tfstate", &text);
    assert_eq!(report["findings"][1]["rule"], "terraform-sensitive-value", "{report:#}");
    // Without anything sensitive the state as a whole is told, as ever.
    on_lines("terraform.tfstate", &format!("{:#}\n", state(json!({"id": "db-1"}), json!({}))), &[0]);
}

#[test]
fn logs_are_read_in_urls_headers_traces_and_json_lines() {
    let (a, b, c) = (value(10), value(11), value(12));
    let urls = format!(
        "2026-01-01T00:00:00Z INFO GET https://api.example.com/v1/x?api_key={a}&y=1 200\n\
         2026-01-01T00:00:01Z DEBUG connecting to {}app:{b}@db.internal:5432/app\n\
         192.0.2.7 - - [01/Jan/2026] \"GET /login?access_token={c} HTTP/1.1\" 200 12 \"-\" \"curl\"\n\
         192.0.2.7 - - [01/Jan/2026] \"GET /login?page=2 HTTP/1.1\" 200 12 \"-\" \"curl\"\n",
        ["postgres:", "//"].concat()
    );
    on_lines("urls.log", &urls, &[1, 2, 3]);
    let headers = format!(
        "> GET / HTTP/1.1\n> Authorization: Bearer {a}\n> X-Api-Key: {b}\n> Authorization: Basic {}\n\
         headers={{'Authorization': 'Bearer {a}', 'Accept': '*/*'}}\n\
         send: b'GET / HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer {c}\\r\\n\\r\\n'\n< HTTP/1.1 200 OK\n",
        base64(&format!("bob:{c}"))
    );
    on_lines("headers.log", &headers, &[2, 3, 4, 5, 6]);
    let traces = format!(
        "Traceback (most recent call last):\n  File \"app.py\", line 3, in connect\n    client = Client(api_key=\"{a}\", region=\"eu\")\n\
         ValueError: no such region\nException in thread \"main\" java.sql.SQLException: Access denied for \
         jdbc:postgresql://db/app?user=app&password={b}\n\tat com.example.Db.open(Db.java:12)\n\
         Error: connect ECONNREFUSED {}app:{c}@cache.internal:6379\n    at Object.<anonymous> (/app/index.js:3:9)\n",
        ["redis:", "//"].concat()
    );
    on_lines("traces.log", &traces, &[3, 5, 7]);
    let url = ["postgres:", "//app:", &c, "@db.internal/app"].concat();
    let lines = [
        json!({"level": "info", "msg": "start", "api_key": a}),
        json!({"level": "info", "msg": json!({"password": b}).to_string()}),
        json!({"level": "info", "url": url}),
        json!({"headers": {"authorization": format!("Bearer {a}")}}),
        json!({"env": ["MODE=fast", format!("DB_PASSWORD={b}")]}),
        json!({"msg": format!("retry with token={c} failed")}),
        json!({"level": "info", "msg": "token refreshed", "user": "bob", "key": "cache/42"}),
    ];
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    on_lines("lines.jsonl", &lines, &[1, 2, 3, 4, 5, 6]);
}
