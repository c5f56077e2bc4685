//! Secrets in archives that the real tools made: Python's zipfile and tarfile, xz, zstd, ar.
//!
//! The trap: a test that passes because its archive is empty; each asserts the place in the member.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod harness;

use harness::{Judged, Repo, filler, line};

/// Runs Python in the repository, as the tools' own users would.
fn python(repo: &Repo, script: &str, arguments: &[&str]) {
    let output = repo.command("python3").args(["-c", script]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn shell(repo: &Repo, script: &str) {
    let output = repo.command("sh").args(["-ec", script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

const ZIP: &str = "import sys, zipfile\n\
    with zipfile.ZipFile(sys.argv[1], 'w', getattr(zipfile, sys.argv[2])) as z:\n\
    \x20   for name, text in zip(sys.argv[3::2], sys.argv[4::2]): z.writestr(name, text)\n";

const TAR: &str = "import sys, tarfile, io\n\
    with tarfile.open(sys.argv[1], sys.argv[2], format=getattr(tarfile, sys.argv[3])) as t:\n\
    \x20   for name, text in zip(sys.argv[4::2], sys.argv[5::2]):\n\
    \x20       info = tarfile.TarInfo(name); info.size = len(text.encode()); t.addfile(info, io.BytesIO(text.encode()))\n";

/// `member:line:column` of each finding.
fn members(judged: &Judged) -> Vec<String> {
    let findings = judged.json["findings"].as_array().unwrap();
    let place = |f: &serde_json::Value| {
        format!("{}:{}:{}", f["member"].as_str().unwrap_or("-"), f["line"], f["column"])
    };
    findings.iter().map(place).collect()
}

fn limits(judged: &Judged) -> Vec<String> {
    judged.json["limits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["reason"].as_str().unwrap().to_owned())
        .collect()
}

#[track_caller]
fn found(repo: &Repo, expected: &[&str]) -> Judged {
    repo.git(&["add", "-A"]);
    let judged = repo.commit();
    assert_eq!(members(&judged), expected, "{judged:#?}");
    assert_eq!(judged.status, i32::from(!expected.is_empty()));
    judged
}

#[test]
fn each_method_of_zip_is_read() {
    for method in ["ZIP_STORED", "ZIP_DEFLATED", "ZIP_BZIP2"] {
        let repo = Repo::new();
        let text = filler(2) + &line(0);
        python(&repo, ZIP, &["a.whl", method, "ok.txt", "fine", "pkg/app.py", &text]);
        let judged = found(&repo, &["pkg/app.py:3:10"]);
        assert!(judged.stdout.contains("a.whl!pkg/app.py:3:10"), "{judged:#?}");
    }
}

#[test]
fn each_format_and_compression_of_tar_is_read() {
    let long = format!("{}/app.py", "folder/".repeat(30));
    for format in ["USTAR_FORMAT", "GNU_FORMAT", "PAX_FORMAT"] {
        for (mode, name) in [("w", "a.tar"), ("w:gz", "a.tgz"), ("w:bz2", "a.tar.bz2"), ("w:xz", "a.txz")] {
            let repo = Repo::new();
            let member = if format == "USTAR_FORMAT" { "a/app.py" } else { &long };
            python(&repo, TAR, &[name, mode, format, "b.txt", "fine", member, &line(1), "c.txt", "fine"]);
            found(&repo, &[&format!("{member}:1:10")]);
        }
    }
}

#[test]
fn zstd_and_ar_and_debian_packages_are_read() {
    let repo = Repo::new();
    repo.write("etc/app.conf", filler(3) + &line(2)).write("debian-binary", "2.0\n");
    shell(
        &repo,
        "tar cf - etc | zstd -q > data.tar.zst; tar cJf control.tar.xz debian-binary; \
         ar rc a.deb debian-binary control.tar.xz data.tar.zst; rm -r etc debian-binary *.tar.*",
    );
    found(&repo, &["data.tar.zst!etc/app.conf:4:10"]);
}

#[test]
fn a_single_compressed_file_is_called_by_its_stem() {
    let repo = Repo::new();
    repo.write("b.txt", filler(1) + &line(3));
    shell(
        &repo,
        "mkdir d; gzip -c b.txt > d/x.log.gz; gzip -c </dev/null > d/y.gz; cat d/x.log.gz >> d/y.gz; git checkout -q b.txt",
    );
    let judged = found(&repo, &["x.log:2:10", "y:2:10"]);
    assert!(limits(&judged).is_empty());
}

#[test]
fn members_of_members_are_read_and_named() {
    let repo = Repo::new();
    python(&repo, ZIP, &["inner.zip", "ZIP_DEFLATED", "deep/x.env", &line(0)]);
    shell(&repo, "tar czf in.tgz inner.zip; rm inner.zip");
    python(
        &repo,
        "import zipfile; z = zipfile.ZipFile('outer.jar', 'w', zipfile.ZIP_DEFLATED); z.write('in.tgz', 'lib/in.tgz'); z.close()",
        &[],
    );
    shell(&repo, "rm in.tgz");
    found(&repo, &["lib/in.tgz!inner.zip!deep/x.env:1:10"]);
}

/// Word begins a new run wherever it likes, and tables have a cell for each half.
#[test]
fn a_documents_runs_and_cells_are_one_text() {
    let value = harness::made("docx", "{base62:18}");
    for text in [
        format!(
            "<w:p><w:r><w:t>password: </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{value}</w:t></w:r></w:p>"
        ),
        format!("<w:tc><w:p><w:r><w:t>The password is {value}</w:t></w:r></w:p></w:tc>"),
    ] {
        let repo = Repo::new();
        python(&repo, ZIP, &["a.docx", "ZIP_DEFLATED", "word/document.xml", &text]);
        let at = text.find(&value).unwrap() + 1;
        found(&repo, &[&format!("word/document.xml:1:{at}")]);
    }
    let html = format!(
        "<p><b>Password:</b> {value}</p>\n<td><b>Password</b></td>\n<td><code>{value}x</code></td>\n"
    );
    let repo = Repo::new();
    repo.stage("a.html", &html);
    repo.commit().stopped_at(&["a.html:1:21", "a.html:3:11"]);
    let form = "<label>Password:</label> <input type=\"password\" name=\"password\"> <a href=\"/forgot\">Forgot password?</a>\n\
        <b>Token:</b> <i>none</i> <strong>Secret</strong>: <span>required</span>\n";
    repo.git(&["reset", "-q"]);
    repo.stage("form.html", form);
    let judged = repo.commit();
    assert_eq!((judged.status, judged.json["shown"].as_array().unwrap().len()), (0, 0), "{judged:#?}");
}

#[test]
fn what_an_old_version_of_the_archive_had_is_not_added() {
    let repo = Repo::new();
    python(&repo, ZIP, &["a.zip", "ZIP_DEFLATED", "old.py", &line(0)]);
    repo.unjudged("old");
    python(&repo, ZIP, &["a.zip", "ZIP_DEFLATED", "new.txt", "fine", "old.py", &line(0)]);
    found(&repo, &[]);
    python(&repo, ZIP, &["a.zip", "ZIP_DEFLATED", "old.py", &(line(0) + &line(1))]);
    found(&repo, &["old.py:2:10"]);
}

/// An archive is written anew as a whole, so all of its old version was removed: what moves or is copied within it only moved.
#[test]
fn a_secret_that_moved_or_was_copied_within_its_archive_is_not_added() {
    let repo = Repo::new();
    python(&repo, ZIP, &["a.zip", "ZIP_DEFLATED", "old.py", &line(0)]);
    repo.unjudged("old");
    let copied = format!("copy = '{}'\n{}", harness::token(0), line(0));
    python(&repo, ZIP, &["a.zip", "ZIP_DEFLATED", "new.py", &copied]);
    found(&repo, &[]);
}

#[test]
fn an_archive_that_is_only_renamed_passes() {
    let repo = Repo::new();
    python(&repo, ZIP, &["a.zip", "ZIP_DEFLATED", "old.py", &line(0)]);
    repo.unjudged("old");
    repo.git(&["mv", "a.zip", "b.zip"]);
    found(&repo, &[]);
}

#[test]
fn names_that_lead_outside_are_only_names() {
    let repo = Repo::new();
    python(&repo, ZIP, &["a.zip", "ZIP_STORED", "../../evil.py", &line(0), "/etc/abs.py", &line(1)]);
    found(&repo, &["../../evil.py:1:10", "/etc/abs.py:1:10"]);
    assert!(!repo.beside("evil.py").exists());
}

#[test]
fn a_bomb_is_told_as_a_limit_and_the_commit_passes() {
    let repo = Repo::new();
    python(
        &repo,
        "import gzip; f = gzip.open('bomb.gz', 'wb'); [f.write(bytes(1 << 20)) for _ in range(200)]; f.close()",
        &[],
    );
    repo.git(&["add", "-A"]);
    let judged = repo.commit();
    assert_eq!((judged.status, limits(&judged).len()), (0, 1), "{judged:#?}");
    assert!(limits(&judged)[0].contains("more bytes inside it than are searched"));
}

#[test]
fn limits_block_when_the_team_says_so() {
    let repo = Repo::new();
    python(&repo, ZIP, &["a.zip", "ZIP_DEFLATED", "a.txt", "fine"]);
    shell(
        &repo,
        "head -c 60 a.zip > b.zip; rm a.zip; printf '[limits]\\nexceeded = \"block\"\\n' > .unleak.toml",
    );
    repo.git(&["add", "-A"]);
    repo.commit().fails(&["b.zip", "not searched to its end"]);
}

#[test]
fn damage_is_told_and_what_came_before_it_is_judged() {
    let repo = Repo::new();
    python(&repo, TAR, &["a.tar", "w", "GNU_FORMAT", "x.py", &line(0), "y.py", &filler(500)]);
    shell(&repo, "head -c 2000 a.tar > cut.tar; rm a.tar");
    let judged = found(&repo, &["x.py:1:10"]);
    assert!(limits(&judged)[0].contains("cut short"), "{judged:#?}");
}

#[test]
fn encrypted_members_are_a_limit() {
    let repo = Repo::new();
    python(&repo, ZIP, &["a.zip", "ZIP_STORED", "ok.py", &line(0), "shut.bin", "xxxxxxxx"]);
    // The flag in both headers of the second member is what a reader goes by.
    python(
        &repo,
        "d = bytearray(open('a.zip', 'rb').read())\n\
         i = d.rfind(b'PK\\1\\2'); d[i + 8] |= 1; j = d.rfind(b'PK\\3\\4'); d[j + 6] |= 1\n\
         open('a.zip', 'wb').write(d)",
        &[],
    );
    let judged = found(&repo, &["ok.py:1:10"]);
    assert_eq!(limits(&judged), ["not searched to its end: encrypted members"]);
}

#[test]
fn a_file_that_only_begins_like_an_archive_is_judged_as_text() {
    let repo = Repo::new();
    repo.write("a.zip", format!("PK\x03\x04\n{}", line(0)));
    found(&repo, &["-:2:10"]);
}

#[test]
fn streams_of_a_pdf_are_inflated() {
    let repo = Repo::new();
    repo.write("text", line(0));
    python(
        &repo,
        "import zlib\n\
         s = zlib.compress(b'BT /F1 12 Tf (' + open('text', 'rb').read() + b') Tj ET')\n\
         open('a.pdf', 'wb').write(b'%PDF-1.4\\n1 0 obj\\n<</Length ' + str(len(s)).encode() + b'/Filter/FlateDecode>>\\nstream\\n' + s + b'\\nendstream\\nendobj\\n%%EOF')",
        &[],
    );
    shell(&repo, "rm text");
    found(&repo, &["stream 1:1:24"]);
}

#[test]
fn sqlite_and_bytecode_need_no_parser() {
    let repo = Repo::new();
    repo.write("m.py", line(0))
        .write("in.sql", format!("create table t(a); insert into t values('{}');", line(1).trim()));
    shell(
        &repo,
        "sqlite3 a.db < in.sql; python3 -m py_compile m.py; mv __pycache__/*.pyc m.pyc; rm -r __pycache__ in.sql m.py",
    );
    repo.git(&["add", "-A"]);
    let judged = repo.commit();
    let paths: Vec<&str> =
        judged.json["findings"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["a.db", "m.pyc"], "{judged:#?}");
}

#[test]
fn a_keystore_in_an_archive_is_told_by_its_name_and_content() {
    let repo = Repo::new();
    python(
        &repo,
        "import zipfile\n\
         with zipfile.ZipFile('a.zip', 'w') as z:\n\
         \x20   z.writestr('app/release.jks', b'\\xfe\\xed\\xfe\\xed\\0\\0\\0\\2\\0\\0\\0\\1' + bytes(range(200)))\n\
         \x20   z.writestr('app/empty.jks', b'')",
        &[],
    );
    found(&repo, &["app/release.jks:null:null"]);
}
