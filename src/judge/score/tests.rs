use super::*;
use crate::detect::{assignment, header, url};

/// The highest confidence of any candidate in `text`, as a file at `path`.
fn best(text: &str, path: &str) -> f64 {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let hits = |keyword: &str| {
        let keyword = keyword.to_lowercase();
        lower.match_indices(&keyword).map(|(at, k)| at..at + k.len()).collect::<Vec<_>>()
    };
    for keyword in assignment::KEYWORDS {
        hits(keyword).into_iter().for_each(|at| assignment::find(text.as_bytes(), at, &mut found));
    }
    for keyword in url::KEYWORDS {
        hits(keyword).into_iter().for_each(|at| url::find(text.as_bytes(), at, &mut found));
    }
    for keyword in header::KEYWORDS {
        hits(keyword).into_iter().for_each(|at| header::find(text.as_bytes(), at, &mut found));
    }
    found.iter().map(|f| judge(text.as_bytes(), path.as_bytes(), f).confidence).fold(0.0, f64::max)
}

#[track_caller]
fn blocks(text: &str, path: &str) {
    let confidence = best(text, path);
    assert!(confidence >= BLOCKS[1], "{confidence:.3}: {text}");
}

#[track_caller]
fn passes(text: &str, path: &str) {
    let confidence = best(text, path);
    assert!(confidence < BLOCKS[1], "{confidence:.3}: {text}");
}

#[test]
fn the_leaks_of_the_guide_block() {
    blocks("API_KEY=sk-live-abc123\n", ".env");
    blocks("# .env contains:\nDATABASE_URL=postgres://admin:supersecret@prod-db:5432/app\n", ".env");
    blocks("FROM x\nENV API_KEY=secret123\nARG API_KEY\n", "Dockerfile");
    blocks("ENV API_KEY=sk-live-abc123\n", "Dockerfile");
    blocks(
        "  \"source\": [\n    \"import os\\n\",\n    \"os.environ['API_KEY'] = 'sk-live-abc123'\\n\"\n",
        "a.ipynb",
    );
    let shown = best("   \"!export API_KEY=secret\\n\"\n", "a.ipynb");
    assert!(shown >= SHOWN, "{shown:.3}");
}

#[test]
fn passwords_in_urls_and_connection_strings_block() {
    for scheme in ["postgres", "mysql", "mongodb+srv", "redis", "amqp", "https", "ftp"] {
        blocks(&format!("url = \"{scheme}://app:mX9{}@db.internal/app\"\n", "kq2Lw7"), "src/db.py");
    }
    blocks(&format!("\"Server=sql;User Id=sa;Password=mX9{};\"\n", "kq2Lw7"), "Startup.cs");
    blocks(&format!("url=jdbc:mysql://db/app?user=app&password=mX9{}\n", "kq2Lw7"), "application.properties");
}

#[test]
fn authorization_headers_block() {
    use base64::Engine as _;
    let basic = base64::engine::general_purpose::STANDARD.encode("ops:rT7vLq2xW");
    blocks(&format!("curl -H \"Authorization: Basic {basic}\" https://api.corp.io\n"), "deploy.sh");
    let key = base64::engine::general_purpose::STANDARD.encode(format!("{}:", "q8ZtW4vKx2LmN7rB5yHc"));
    blocks(&format!("curl -H \"Authorization: Basic {key}\" https://api.corp.io\n"), "deploy.sh");
    blocks(
        &format!("curl -H \"Authorization: Bearer {}\" https://api.corp.io\n", "q8ZtW4vKx2LmN7rB5yHc"),
        "deploy.sh",
    );
}

#[test]
fn placeholders_and_references_pass() {
    for text in [
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "API_KEY=<YOUR_KEY>",
        "password: changeme",
        "password: ${DB_PASSWORD}",
        "DATABASE_URL=postgres://user:pass@localhost:5432/db",
        "api_key = os.environ['API_KEY']",
        "api_key = os.environ.get('API_KEY')",
        "const key = process.env.API_KEY;",
        "os.environ['API_KEY'] = input('API Key: ')",
        "api_key = secrets['api_key']",
        "password: string;",
        "token = self.get_token()",
        "RUN curl -H \"Authorization: $API_KEY\" https://api.example.com/setup",
        "password: {{ vault_password }}",
        "PASSWORD=%s",
        "key: my-app/production",
        "client_secret: ENC[AES256_GCM,data:abcd,iv:ef,tag:gh,type:str]",
        "\"LABEL_PASSWORD\": \"Passwort eingeben\"",
        "<input type=\"password\" name=\"password\" class=\"form-control\">",
        "token_url: https://auth.corp.io/oauth/token",
        "password_hash: $2b$12$KIXq1wJ8pT9m2Yb4sZ0n5u",
    ] {
        for path in [".env", "app.py", "config.yml"] {
            passes(&format!("{text}\n"), path);
        }
    }
}

/// Strictness is ordered, whatever was learned.
const _: () = assert!(BLOCKS[0] > BLOCKS[1] && BLOCKS[1] > BLOCKS[2] && BLOCKS[2] >= SHOWN && SHOWN > 0.0);

#[test]
fn more_evidence_means_no_less_confidence() {
    let points: Vec<f64> = (-80..80).map(|n| probability(n * 100)).collect();
    assert!(points.is_sorted() && points[0] > 0.0 && points[points.len() - 1] < 1.0);
}

#[test]
fn verdicts_of_tests_are_no_passwords() {
    passes("PASS: gas/x86/align-17\nPASS: gas/x86/align-18\n", "check.log");
    passes("FAIL: lib/a3\nPASS: io-9xQ7t4\n", "check.log");
    passes("PASS: kq2Lw7/mX9.exp: next over call\n", "check.log");
    let password = format!("PASS: mX9{}\n", "kq2Lw7");
    blocks(&format!("USER: app\n{password}"), "notes.txt");
}

#[test]
fn passwords_that_people_choose_block_where_nothing_else_stands() {
    blocks("define('DB_PASSWORD', 'Dragon#2491');\n", "wp-config.php");
    blocks("requirepass river175\n", "conf/redis.conf");
    blocks("smtp.login('ops@corp.io', 'Garden!3464')\n", "app/mail.py");
    passes("define('DB_PASSWORD', 'password');\n", "wp-config.php");
    passes("smtp.login('ops@corp.io', 'secret1')\n", "app/mail.py");
}

#[test]
fn words_in_tests_are_told_and_chance_blocks() {
    passes("connect(username=\"slowdive\", password=\"pygmalion\")\n", "tests/test_client.py");
    passes("x = 'redis://u:hunter2@cache.corp.io/1'\n", "tests/test_x.py");
    blocks(&format!("password = \"mX9{}\"\n", "kq2Lw7vT"), "tests/test_client.py");
    passes("x = 'postgres://scott:tiger@db.corp.io/x'\n", "src/db.py");
}

#[test]
fn words_of_a_language_are_no_names() {
    passes(
        "ac_fn_c_check_member \"$LINENO\" \"struct passwd\" \"pw_gecos\" \"ac_cv_member\" \"#include <pwd.h>\n",
        "configure",
    );
    passes("FOR /F \"usebackq tokens=*\" %%i IN (`\"%vs_where%\" -latest`) DO x\n", "env.bat");
    passes("\0LOGINDISABLED\0AUTH=CRAM-MD5\0be more verbose\0\n", "imap-send");
}

#[test]
fn what_commands_and_calls_take_for_a_password_blocks_when_people_chose_it() {
    for text in [
        "echo 'app:River#175' | chpasswd\n",
        "sshpass -p river175 ssh app@h\n",
        "htpasswd -b .htpasswd app Garden3464\n",
        "net use X: \\\\srv\\share Garden3464 /user:app\n",
        "smbclient //srv/x -U app%river175\n",
        "auth = HTTPBasicAuth('app', 'Garden3464')\n",
        "requests.get(url, auth=('app', 'river175'))\n",
        "new Sequelize('db', 'app', 'river175', {})\n",
        "$c = mysqli_connect('h', 'app', 'river175', 'db');\n",
        "CREATE USER app IDENTIFIED BY 'river175';\n",
    ] {
        blocks(text, "src/deploy.sh");
    }
    for text in [
        "sshpass -p password ssh app@h\n",
        "sshpass -p $PW ssh app@h\n",
        "auth = HTTPBasicAuth('user', 'pass')\n",
        "jwt.sign(payload, 'secret')\n",
        "--password=PASSWORD\n",
        "zip -P changeme x.zip x\n",
    ] {
        passes(text, "src/deploy.sh");
    }
    passes("requests.get(url, auth=('app', 'river17'))\n", "tests/test_http.py");
    let cipher = format!("<KeyName>k</KeyName>\n<CipherValue>mX9{}</CipherValue>\n", "kq2Lw7vTz8Qa");
    passes(&cipher, "doc.xml");
}
