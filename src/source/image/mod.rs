//! Container images: archives of `docker save` and OCI layouts, as a file, a folder or standard input.
//!
//! Hands on: [`Image`]s, their layers in order, each with the instruction that made it, and what their configuration says. No
//! daemon, no registry, no network. Sources: the OCI image specification 1.1 (image-layout.md, manifest.md, config.md), and
//! Docker's image specification 1.2 for `manifest.json`.

mod store;

use serde_json::Value;

pub use store::{Opened, Store, clean};

/// Manifests and configurations have a few KiB; larger ones are not read.
const MOST_DOCUMENT: u64 = 16 << 20;

/// An index may lead to an index.
const MOST_INDEXES: usize = 4;

/// One image of an archive.
#[derive(Debug, Default)]
pub struct Image {
    /// The configuration's digest, or its name where it has none.
    pub config: String,
    /// Texts of the configuration, by what they are.
    pub texts: Vec<Words>,
    /// The layers, the lowest first.
    pub layers: Vec<LayerPart>,
}

/// A text of an image's configuration.
#[derive(Debug)]
pub struct Words {
    /// `Env`, `Cmd`, `Labels`, `history 3`.
    pub name: String,
    /// What it says, a line each.
    pub text: String,
    /// The instruction, for history.
    pub instruction: String,
}

/// A layer of an image.
#[derive(Debug)]
pub struct LayerPart {
    /// The name of its part in the store.
    pub part: Vec<u8>,
    /// `sha256:…` where it is known.
    pub digest: String,
    /// What made it.
    pub instruction: String,
}

/// Something of an image that cannot be read, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name in the image.
    pub part: String,
    /// Why.
    pub reason: String,
}

/// Every image that a store holds.
///
/// # Errors
/// In words, when it is no image at all.
pub fn images(store: &Store, missing: &mut Vec<Missing>) -> Result<Vec<Image>, String> {
    let mut images = Vec::new();
    if let Some(index) = document(store, b"index.json")? {
        oci(store, &index, 0, &mut images, missing);
    } else if let Some(manifest) = document(store, b"manifest.json")? {
        for entry in manifest.as_array().into_iter().flatten() {
            images.push(docker(store, entry, missing));
        }
    } else {
        return Err("it has neither an index.json nor a manifest.json".to_owned());
    }
    Ok(images)
}

fn document(store: &Store, name: &[u8]) -> Result<Option<Value>, String> {
    let Some(content) = store.whole(name, MOST_DOCUMENT)? else { return Ok(None) };
    let name = String::from_utf8_lossy(name);
    serde_json::from_slice(&content).map(Some).map_err(|error| format!("{name} is no JSON ({error})"))
}

/// The document of a digest, or a note that it is missing.
fn needed(store: &Store, name: &str, part: &[u8], missing: &mut Vec<Missing>) -> Option<Value> {
    let reason = match document(store, part) {
        Ok(Some(value)) => return Some(value),
        Ok(None) => "it is not in the image".to_owned(),
        Err(reason) => reason,
    };
    missing.push(Missing { part: name.to_owned(), reason });
    None
}

/// Follows an index's manifests, other indexes too.
fn oci(store: &Store, index: &Value, depth: usize, images: &mut Vec<Image>, missing: &mut Vec<Missing>) {
    for manifest in list(index, "manifests") {
        let digest = text(manifest, "digest");
        let Some(found) = needed(store, digest, &blob(digest), missing) else { continue };
        if found.get("manifests").is_some() {
            if depth < MOST_INDEXES {
                oci(store, &found, depth + 1, images, missing);
            } else {
                let reason = "indexes lead to indexes without end".to_owned();
                missing.push(Missing { part: digest.to_owned(), reason });
            }
            continue;
        }
        let config = found.get("config").map(|config| text(config, "digest")).unwrap_or_default();
        let layers = list(&found, "layers").map(|layer| text(layer, "digest").to_owned());
        let layers = layers.map(|digest| (blob(&digest), digest)).collect();
        images.push(image(store, config, &blob(config), layers, missing));
    }
}

/// An entry of `manifest.json`.
fn docker(store: &Store, entry: &Value, missing: &mut Vec<Missing>) -> Image {
    let config = text(entry, "Config");
    let layers = list(entry, "Layers").filter_map(Value::as_str);
    let layers = layers.map(|name| (name.as_bytes().to_vec(), digest_of(name))).collect();
    image(store, config, config.as_bytes(), layers, missing)
}

fn image(
    store: &Store,
    config: &str,
    part: &[u8],
    layers: Vec<(Vec<u8>, String)>,
    missing: &mut Vec<Missing>,
) -> Image {
    let said = needed(store, config, part, missing).unwrap_or_default();
    let made: Vec<&str> = list(&said, "history")
        .filter(|step| step.get("empty_layer").and_then(Value::as_bool) != Some(true))
        .map(|step| text(step, "created_by"))
        .collect();
    let diffs: Vec<&str> = said
        .get("rootfs")
        .map(|rootfs| list(rootfs, "diff_ids").filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let layers = layers.into_iter().enumerate().map(|(at, (part, digest))| LayerPart {
        digest: if digest.is_empty() {
            diffs.get(at).copied().unwrap_or_default().to_owned()
        } else {
            digest
        },
        part,
        instruction: made.get(at).copied().unwrap_or_default().to_owned(),
    });
    Image { config: digest_of(config), layers: layers.collect(), texts: words(&said) }
}

/// What the configuration says that a person wrote.
fn words(said: &Value) -> Vec<Words> {
    let mut words = Vec::new();
    let mut add = |name: &str, lines: Vec<String>, instruction: &str| {
        if !lines.is_empty() {
            let text = lines.join("\n") + "\n";
            words.push(Words { name: name.to_owned(), text, instruction: instruction.to_owned() });
        }
    };
    let strings = |of: &Value, key: &str| -> Vec<String> {
        list(of, key).filter_map(Value::as_str).map(str::to_owned).collect()
    };
    if let Some(config) = said.get("config") {
        add("Env", strings(config, "Env"), "");
        for key in ["Entrypoint", "Cmd", "OnBuild", "Shell"] {
            let parts = strings(config, key);
            add(key, if parts.is_empty() { parts } else { vec![parts.join(" ")] }, "");
        }
        let health = config.get("Healthcheck").map(|health| strings(health, "Test")).unwrap_or_default();
        add("Healthcheck", if health.is_empty() { health } else { vec![health.join(" ")] }, "");
        let labels = config.get("Labels").and_then(Value::as_object).into_iter().flatten();
        let labels = labels.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
        add("Labels", labels.collect(), "");
    }
    for (at, step) in list(said, "history").enumerate() {
        for key in ["created_by", "comment", "author"] {
            let line = text(step, key);
            let name = if key == "created_by" { "history" } else { key };
            if !line.is_empty() {
                add(&format!("{name} {}", at + 1), vec![line.to_owned()], text(step, "created_by"));
            }
        }
    }
    words
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Where the blob of a digest lies: `blobs/sha256/…`.
fn blob(digest: &str) -> Vec<u8> {
    format!("blobs/{}", digest.replacen(':', "/", 1)).into_bytes()
}

/// The digest that a part's name holds: `blobs/sha256/…`, `….json`, `…/layer.tar`; empty when there is none.
fn digest_of(name: &str) -> String {
    let hex = name
        .split(['/', ':', '.'])
        .find(|part| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .filter(|_| !name.ends_with("layer.tar"));
    hex.map(|hex| format!("sha256:{hex}")).unwrap_or_default()
}
