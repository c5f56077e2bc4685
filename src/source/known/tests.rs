#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

use super::*;

fn request<'a>(home: &Path, top: &Path, ignored: &'a dyn Fn(&Path) -> bool) -> Request<'a> {
    Request {
        home: Some(home.to_path_buf()),
        top: Some(top.to_path_buf()),
        folders: vec![PathBuf::from("app")],
        ignored,
        files: Vec::new(),
        command: Vec::new(),
        variable: &|_| None,
    }
}

fn values(read: &Values) -> Vec<(&str, String)> {
    read.values.iter().map(|k| (k.file.as_str(), String::from_utf8_lossy(&k.value).into_owned())).collect()
}

#[test]
fn home_and_ignored_env_files_are_read() {
    let (home, top) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(home.path().join(".netrc"), "machine h login u password pw1").unwrap();
    std::fs::create_dir(top.path().join("app")).unwrap();
    std::fs::create_dir(top.path().join("other")).unwrap();
    std::fs::write(top.path().join(".env"), "A=top").unwrap();
    std::fs::write(top.path().join("app/.env"), "A=app").unwrap();
    std::fs::write(top.path().join("other/.env"), "A=other").unwrap();
    std::fs::write(top.path().join("app/.env.local"), "A=tracked").unwrap();
    let ignored = |path: &Path| path.ends_with(".env");
    let read = read(&request(home.path(), top.path(), &ignored));
    assert_eq!(
        values(&read),
        [(".env", "top".to_owned()), ("app/.env", "app".to_owned()), ("~/.netrc", "pw1".to_owned())]
    );
    assert!(read.skipped.is_empty(), "{:?}", read.skipped);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_or_too_large_is_said_and_not_waited_for() {
    let (home, top) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(home.path().join(".npmrc"), vec![b'x'; LARGEST as usize + 1]).unwrap();
    let made = std::process::Command::new("mkfifo").arg(home.path().join(".netrc")).status().unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink("/dev/zero", top.path().join(".env")).unwrap();
    let read = read(&request(home.path(), top.path(), &|_| true));
    assert_eq!(values(&read), []);
    assert_eq!(
        read.skipped,
        [
            "known values: .env is not read: it is no regular file",
            "known values: ~/.netrc is not read: it is no regular file",
            "known values: ~/.npmrc is not read: it is larger than 256 KB"
        ]
    );
}

#[test]
fn a_variable_and_the_users_own_files_name_others() {
    let (home, top) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let elsewhere = home.path().join("elsewhere");
    std::fs::write(&elsewhere, "h:1:d:u:pw2").unwrap();
    std::fs::write(home.path().join("mine"), "TOKEN=pw3").unwrap();
    let variable = |name: &str| (name == "PGPASSFILE").then(|| elsewhere.clone().into_os_string());
    let mut asked = request(home.path(), top.path(), &|_| false);
    asked.variable = &variable;
    asked.files = vec!["~/mine".to_owned(), "~/gone".to_owned()];
    let read = read(&asked);
    assert_eq!(
        values(&read),
        [(elsewhere.to_str().unwrap(), "pw2".to_owned()), ("~/mine", "pw3".to_owned())]
    );
    assert_eq!(read.skipped, ["known values: ~/gone is not read: there is no such file"]);
}

#[cfg(unix)]
#[test]
fn a_command_gives_values_or_says_why_not() {
    let (home, top) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut asked = request(home.path(), top.path(), &|_| false);
    asked.command = ["sh", "-c", "echo TOKEN=pw4; echo \"dir=$GIT_DIR\""].map(str::to_owned).to_vec();
    assert_eq!(values(&read(&asked)), [("your own command", "pw4".to_owned())]);
    asked.command = ["sh", "-c", "exit 3"].map(str::to_owned).to_vec();
    assert!(read(&asked).failed.unwrap().contains("`sh` failed"));
    asked.command = vec!["/no/such/program".to_owned()];
    assert!(read(&asked).failed.unwrap().contains("cannot be run"));
}

#[test]
fn variables_name_one_file_several_or_a_folder() {
    let (home, top) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| home.path().join(name);
    std::fs::write(at("one"), "token: pw5").unwrap();
    std::fs::write(at("two"), "token: pw6").unwrap();
    std::fs::create_dir(at("docker")).unwrap();
    std::fs::write(at("docker/config.json"), "{\"auths\": {\"r\": {\"password\": \"pw7\"}}}").unwrap();
    let variable = |name: &str| match name {
        "KUBECONFIG" => Some(std::env::join_paths([at("one"), at("gone"), at("two")]).unwrap()),
        "DOCKER_CONFIG" => Some(at("docker").into_os_string()),
        // Where the program runs is no place of this person's.
        "NETRC" => Some("relative".into()),
        _ => None,
    };
    let mut asked = request(home.path(), top.path(), &|_| false);
    asked.variable = &variable;
    let read = read(&asked);
    let found: Vec<_> = read.values.iter().map(|known| known.value.as_slice()).collect();
    assert_eq!(found, [b"pw5", b"pw6", b"pw7"]);
    assert!(read.skipped.is_empty(), "{:?}", read.skipped);
}

#[cfg(unix)]
#[test]
fn what_another_user_owns_is_not_read() {
    let (home, top) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = home.path().join(".netrc");
    std::fs::write(&file, "machine h login u password pw8").unwrap();
    // Who may not give a file away reads one of the system's instead.
    if std::os::unix::fs::chown(&file, Some(54_321), None).is_err() {
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &file).unwrap();
    }
    let read = read(&request(home.path(), top.path(), &|_| false));
    assert_eq!(values(&read), []);
    assert_eq!(read.skipped, ["known values: ~/.netrc is not read: another user owns it"]);
}
