//! `unleak image`: images put together after the OCI specification and validated by real tools where those are installed, and
//! archives as `docker save` writes them.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use std::process::Output;

use harness::{Repo, UNLEAK, line, token};
use serde_json::Value;

/// Builds an OCI layout in `oci` and its tape archive, out of `[instruction, compression, [[path, text], …]]` layers, and what
/// `docker save` makes of the same in `docker.tar`. A text of null is a whiteout.
const BUILD: &str = r#"
import gzip, hashlib, io, json, os, subprocess, sys, tarfile
spec = json.load(open(sys.argv[1]))
os.makedirs('oci/blobs/sha256', exist_ok=True)
def blob(data):
    name = hashlib.sha256(data).hexdigest()
    open('oci/blobs/sha256/' + name, 'wb').write(data)
    return 'sha256:' + name, len(data)
layers, history, diffs, plain = [], [], [], []
for instruction, compression, files in spec['layers']:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.PAX_FORMAT) as t:
        for path, text in files:
            folder, name = os.path.split(path)
            if text is None: path, text = os.path.join(folder, '.wh.' + name), ''
            info = tarfile.TarInfo(path); info.size = len(text.encode())
            t.addfile(info, io.BytesIO(text.encode()))
    data = out.getvalue()
    plain.append(data)
    diffs.append('sha256:' + hashlib.sha256(data).hexdigest())
    packed, kind = data, 'application/vnd.oci.image.layer.v1.tar'
    if compression == 'gzip': packed, kind = gzip.compress(data, mtime=0), kind + '+gzip'
    if compression == 'zstd': packed, kind = subprocess.run(['zstd', '-qc'], input=data, stdout=subprocess.PIPE, check=True).stdout, kind + '+zstd'
    digest, size = blob(packed)
    layers.append({'mediaType': kind, 'digest': digest, 'size': size})
    history += [{'created_by': instruction}, {'created_by': 'ENV A=b', 'empty_layer': True}]
config = json.dumps({'architecture': 'amd64', 'os': 'linux', 'config': spec['config'], 'rootfs': {'type': 'layers', 'diff_ids': diffs}, 'history': history}).encode()
config_digest, size = blob(config)
manifest = json.dumps({'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'config': {'mediaType': 'application/vnd.oci.image.config.v1+json', 'digest': config_digest, 'size': size}, 'layers': layers}).encode()
digest, size = blob(manifest)
entry = {'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'digest': digest, 'size': size, 'annotations': {'org.opencontainers.image.ref.name': 'latest'}}
json.dump({'schemaVersion': 2, 'manifests': [entry, entry]}, open('oci/index.json', 'w'))
json.dump({'imageLayoutVersion': '1.0.0'}, open('oci/oci-layout', 'w'))
with tarfile.open('oci.tar', 'w') as t: t.add('oci', arcname='.')
with tarfile.open('docker.tar', 'w') as t:
    def put(name, data):
        info = tarfile.TarInfo(name); info.size = len(data); t.addfile(info, io.BytesIO(data))
    put(config_digest[7:] + '.json', config)
    names = []
    for at, data in reversed(list(enumerate(plain))):
        put('%064d/layer.tar' % at, data)
    names = ['%064d/layer.tar' % at for at in range(len(plain))]
    put('manifest.json', json.dumps([{'Config': config_digest[7:] + '.json', 'RepoTags': ['a:latest'], 'Layers': names}]).encode())
"#;

fn build(repo: &Repo, spec: &Value) {
    repo.write("spec.json", spec.to_string());
    let made = repo.command("python3").args(["-c", BUILD, "spec.json"]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn judge(repo: &Repo, image: &str) -> (Value, Output) {
    let mut command = repo.command(UNLEAK);
    command.args(["image", "--format=json", image]);
    let output = command.output().unwrap();
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (json, output)
}

/// `member:line instruction visible` of each finding.
fn places(json: &Value) -> Vec<String> {
    let place = |f: &Value| {
        format!(
            "{}:{} {} {}",
            f["member"].as_str().unwrap_or("-"),
            f["line"],
            f["layer_instruction"].as_str().unwrap_or("-"),
            f["layer_visible"]
        )
    };
    let mut places: Vec<String> = json["findings"].as_array().unwrap().iter().map(place).collect();
    places.sort();
    places
}

fn spec() -> Value {
    serde_json::json!({
        "config": {
            "Env": ["PATH=/bin", format!("GITHUB_TOKEN={}", token(4))],
            "Cmd": ["serve", "--token", token(5)],
            "Labels": {"note": format!("token {}", token(6))},
        },
        "layers": [
            ["COPY base /", "gzip", [["etc/ok", "fine"], ["app/.env", line(0)], ["old/x.py", line(1)], ["opt/a", line(2)]]],
            ["RUN clean", "zstd", [["app/.env", null], ["old/.wh..wh..opq", ""], ["etc/new", "fine"]]],
            [format!("RUN curl -H 'Authorization: token {}' x", token(7)), "none", [["srv/b.py", line(3)]]],
        ],
    })
}

fn expected() -> Vec<String> {
    let mut places = vec![
        "app/.env:1 COPY base / false".to_owned(),
        "old/x.py:1 COPY base / false".to_owned(),
        "opt/a:1 COPY base / true".to_owned(),
        "Env:2 - true".to_owned(),
        "Cmd:1 - true".to_owned(),
        "Labels:1 - true".to_owned(),
    ];
    places.sort();
    places
}

#[test]
fn every_layer_and_the_configuration_of_each_form_is_judged() {
    let repo = Repo::new();
    build(&repo, &spec());
    let outputs = ["oci", "oci.tar", "docker.tar"].map(|image| judge(&repo, image));
    for (json, output) in &outputs {
        assert_eq!(output.status.code(), Some(1), "{json:#}");
        let places = places(json);
        for place in expected() {
            assert!(places.contains(&place), "{place} is not in {places:#?}");
        }
        let last = |place: &String| place.starts_with("srv/b.py:1 RUN curl");
        assert_eq!(places.iter().filter(|place| last(place)).count(), 1, "{places:#?}");
        assert!(places.iter().any(|place| place.starts_with("history 5:1 RUN curl")), "{places:#?}");
        let text = json.to_string() + &String::from_utf8_lossy(&output.stderr);
        assert!(!(0..8).any(|n| text.contains(&token(n))), "a whole secret is printed");
        assert_eq!(json["summary"]["complete"], true, "{json:#}");
    }
    // The index names the same manifest twice: nothing is read or told twice.
    assert_eq!(places(&outputs[0].0).len(), places(&outputs[2].0).len());
}

#[test]
fn an_image_comes_from_standard_input_and_compressed_too() {
    let repo = Repo::new();
    build(&repo, &spec());
    let script = format!("gzip -c docker.tar > d.tgz; cat docker.tar | '{UNLEAK}' image --format=json -");
    let piped = repo.command("sh").args(["-c", &script]).output().unwrap();
    let piped: Value = serde_json::from_slice(&piped.stdout).unwrap();
    let plain = places(&judge(&repo, "docker.tar").0);
    assert_eq!(places(&piped), plain);
    assert_eq!(places(&judge(&repo, "d.tgz").0), plain);
}

#[test]
fn a_missing_layer_is_a_loss_and_the_rest_is_judged() {
    let repo = Repo::new();
    build(&repo, &spec());
    let (json, _) = judge(&repo, "oci");
    let gone = json["findings"].as_array().unwrap().iter().find(|f| f["member"] == "opt/a").unwrap();
    let digest = gone["layer"].as_str().unwrap().replace("sha256:", "");
    std::fs::remove_file(repo.top().join("oci/blobs/sha256").join(&digest)).unwrap();
    let (json, output) = judge(&repo, "oci");
    assert_eq!(output.status.code(), Some(2));
    assert!(json["losses"][0]["reason"].as_str().unwrap().contains(&digest), "{json:#}");
    assert!(places(&json).iter().any(|place| place.starts_with("srv/b.py")), "{json:#}");
}

#[test]
fn what_is_no_image_is_said_and_status_2() {
    let repo = Repo::new();
    repo.write("x.tar", "no tape").write("folder/a", "");
    for (image, why) in
        [("x.tar", "no archive"), ("folder", "neither an index.json"), ("gone", "No such file")]
    {
        let (json, output) = judge(&repo, image);
        assert_eq!(output.status.code(), Some(2), "{json:#}");
        assert!(json["losses"][0]["reason"].as_str().unwrap().contains(why), "{json:#}");
    }
}

#[cfg(unix)]
#[test]
fn a_layout_that_points_outside_is_refused() {
    let repo = Repo::new();
    build(&repo, &spec());
    repo.write("outside.json", "{}");
    std::fs::remove_file(repo.top().join("oci/index.json")).unwrap();
    std::os::unix::fs::symlink(repo.top().join("outside.json"), repo.top().join("oci/index.json")).unwrap();
    let (json, output) = judge(&repo, "oci");
    assert_eq!(output.status.code(), Some(2), "{json:#}");
    assert!(json["losses"][0]["reason"].as_str().unwrap().contains("no file of the image"), "{json:#}");
}

/// What umoci builds, and what skopeo makes of the layout that these tests build, where they are installed.
#[test]
fn images_of_the_real_tools_are_judged() {
    let repo = Repo::new();
    build(&repo, &spec());
    let has = |tool: &str| {
        let there = repo.command(tool).arg("--version").output().is_ok_and(|o| o.status.success());
        // CI installs them, so there a missing one is a failure; on a contributor's machine it is said.
        assert!(there || std::env::var_os("CI").is_none(), "{tool} is not installed");
        if !there {
            eprintln!("not tried, {tool} is not installed");
        }
        there
    };
    if has("skopeo") {
        let copied = repo
            .command("skopeo")
            .args(["--insecure-policy", "copy", "-q", "oci:oci:latest", "oci-archive:skopeo.tar:a"])
            .output()
            .unwrap();
        assert!(copied.status.success(), "the layout is wrong: {}", String::from_utf8_lossy(&copied.stderr));
        let places = places(&judge(&repo, "skopeo.tar").0);
        for place in expected() {
            assert!(places.contains(&place), "{place} is not in {places:#?}");
        }
    }
    if has("umoci") {
        repo.write("rootfs/app/secret.py", line(0));
        let script = "umoci init --layout u && umoci new --image u:t && umoci insert --rootless --image u:t rootfs /srv \
                      && umoci config --image u:t --config.env \"TOKEN=$1\"";
        let made = repo.command("sh").args(["-ec", script, "sh", &token(1)]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let places = places(&judge(&repo, "u").0);
        assert!(places.iter().any(|place| place.starts_with("srv/app/secret.py:1")), "{places:#?}");
        assert!(places.iter().any(|place| place.starts_with("Env:")), "{places:#?}");
    }
}
