use super::*;

/// Every value found in `text`, with its name and form.
fn found(text: &str) -> Vec<(String, String, Form)> {
    let lower = text.to_ascii_lowercase();
    let mut hits: Vec<Range<usize>> = KEYWORDS
        .iter()
        .flat_map(|k| {
            lower.match_indices(&k.to_lowercase()).map(|(at, _)| at..at + k.len()).collect::<Vec<_>>()
        })
        .collect();
    hits.sort_by_key(|h| (h.start, h.end));
    hits.dedup();
    let mut out = Vec::new();
    for hit in hits {
        find(text.as_bytes(), hit, &mut out);
    }
    out.into_iter().map(|f| (text[f.name].to_owned(), text[f.value].to_owned(), f.form)).collect()
}

/// The values alone, without those that are only mentioned.
fn values(text: &str) -> Vec<String> {
    found(text).into_iter().filter(|found| found.2 != Form::Mention).map(|(_, value, _)| value).collect()
}

#[track_caller]
fn one(text: &str, name: &str, value: &str, form: Form) {
    assert_eq!(found(text), [(name.to_owned(), value.to_owned(), form)], "{text}");
}

#[test]
fn literals_after_every_sign() {
    one("password = \"v4lue\"", "password", "v4lue", Form::Assigned);
    one("password := 'v4lue'", "password", "v4lue", Form::Assigned);
    one(":password => 'v4lue'", "password", "v4lue", Form::Assigned);
    one("this.password=`v4lue`", "this.password", "v4lue", Form::Assigned);
    one("password: 'v4lue',", "password", "v4lue", Form::Entry);
    one("{\"api_key\" : \"v4lue\"}", "api_key", "v4lue", Form::Entry);
    one("$pw['password'] = 'v4lue';", "password", "v4lue", Form::Assigned);
    one("char password[32] = \"v4lue\";", "password", "v4lue", Form::Assigned);
    one("if (password === 'v4lue')", "password", "v4lue", Form::Compared);
    one("password: str = \"v4lue\"", "password", "v4lue", Form::Assigned);
    one("let password: &'static str = \"v4lue\";", "password", "v4lue", Form::Assigned);
    one("var password string = \"v4lue\"", "password", "v4lue", Form::Assigned);
    one("password = b'v4lue'", "password", "v4lue", Form::Assigned);
    one("Password = @\"v4lue\";", "Password", "v4lue", Form::Assigned);
    one("password =\n    'v4lue'", "password", "v4lue", Form::Assigned);
    one("password = (\n 'v4lue'\n)", "password", "v4lue", Form::Assigned);
    one("password = \"\"\"v4lue\"\"\"", "password", "v4lue", Form::Assigned);
    one("PASSWORD ::= 'v4lue'", "PASSWORD", "v4lue", Form::Assigned);
    one("PASSWORD :::= 'v4lue'", "PASSWORD", "v4lue", Form::Assigned);
}

#[test]
fn literals_in_brackets_and_raw_ones() {
    for literal in [
        "%q(v4lue)",
        "%Q{v4lue}",
        "%(v4lue)",
        "q{v4lue}",
        "qq(v4lue)",
        "~s(v4lue)",
        "[[v4lue]]",
        "r#\"v4lue\"#",
    ] {
        one(&format!("password = {literal}"), "password", "v4lue", Form::Assigned);
    }
    assert!(found("password = %q('a' + b)").iter().all(|(_, value, _)| value != "'a' + b"));
    assert_eq!(found("password = q(\n)"), []);
}

#[test]
fn escaped_and_encoded_quotes() {
    one(r#"x = "{\"password\": \"v4lue\"}""#, "password", "v4lue", Form::Entry);
    one(r#""os.environ['API_KEY'] = 'v4lue'\n""#, "API_KEY", "v4lue", Form::Assigned);
    one("{&quot;password&quot;: &quot;v4lue&quot;}", "password", "v4lue", Form::Entry);
    one("{&#34;password&#34;: &#34;v4lue&#34;}", "password", "v4lue", Form::Entry);
    one("password = 'a\\'b'", "password", "a\\'b", Form::Assigned);
}

#[test]
fn lines_of_configuration() {
    one("API_KEY=v4lue", "API_KEY", "v4lue", Form::Line);
    one("export API_KEY=v4lue # note", "API_KEY", "v4lue", Form::Line);
    one("ENV API_KEY=v4lue", "API_KEY", "v4lue", Form::Line);
    one("setx API_KEY v4lue", "API_KEY", "v4lue", Form::Blank);
    one("ENV API_KEY v4lue", "API_KEY", "v4lue", Form::Blank);
    one("  db.password = v4l;ue", "db.password", "v4l;ue", Form::Line);
    one("    - password: v4lue", "password", "v4lue", Form::Yaml);
    one("password: |\n  v4lue\n", "password", "v4lue", Form::Block);
    one("password: >-\n  v4lue\n", "password", "v4lue", Form::Block);
    one("machine h login u password v4lue", "password", "v4lue", Form::Blank);
    one("requirepass v4lue", "requirepass", "v4lue", Form::Blank);
}

#[test]
fn values_inside_a_line() {
    one("x?access_token=v4lue&y=1", "access_token", "v4lue", Form::Inline);
    one("Server=x;User Id=sa;Password=v4lue;Timeout=3", "Password", "v4lue", Form::Inline);
    one("run: DB_PASSWORD=v4lue make", "DB_PASSWORD", "v4lue", Form::Inline);
    one("curl -H \"X-Auth-Token: v4lue\" x", "X-Auth-Token", "v4lue", Form::Header);
    one("{user: u, password: v4lue}", "password", "v4lue", Form::Inline);
    one("`docker run --password=v4lue img`", "password", "v4lue", Form::Flag);
    one("mysql --user=root --password v4lue -e x", "password", "v4lue", Form::Flag);
    one("[\"--password\", \"v4lue\"]", "password", "v4lue", Form::Flag);
}

#[test]
fn commands() {
    one("$ mysql -u root -pv4lue app", "-p", "v4lue", Form::Flag);
    one("sshpass -p 'v4lue' ssh host", "-p", "v4lue", Form::Flag);
    one("curl -u admin:v4lue http://x", "-u", "v4lue", Form::Flag);
    one("curl -u v4lue: http://x", "-u", "v4lue", Form::Flag);
    one("ALTER USER x IDENTIFIED BY 'v4lue';", "IDENTIFIED", "v4lue", Form::Sql);
    one("IDENTIFIED WITH caching_sha2_x BY 'v4lue'", "IDENTIFIED", "v4lue", Form::Sql);
    one("CREATE ROLE x PASSWORD 'v4lue';", "PASSWORD", "v4lue", Form::Sql);
    one("jdbc:oracle:thin:scott/v4lue@db:1521", "thin:", "v4lue", Form::Url);
}

#[test]
fn elements_attributes_and_pairs() {
    one("<password>v4lue</password>", "password", "v4lue", Form::Element);
    one("<key>Password</key>\n<string>v4lue</string>", "Password", "v4lue", Form::Element);
    one("<add name=\"Password\" value=\"v4lue\"/>", "Password", "v4lue", Form::Pair);
    one("<input type=\"password\" value=\"v4lue\">", "password", "v4lue", Form::Pair);
    one("<property name=\"password\">v4lue</property>", "password", "v4lue", Form::Element);
    one("<user password=\"v4lue\"/>", "password", "v4lue", Form::Assigned);
    one("- name: DB_PASSWORD\n  value: v4lue\n", "DB_PASSWORD", "v4lue", Form::Pair);
    one("{\"name\": \"DB_PASSWORD\",\n \"value\": \"v4lue\"}", "DB_PASSWORD", "v4lue", Form::Pair);
}

#[test]
fn calls_lists_and_fallbacks() {
    one("set_password('v4lue')", "set_password", "v4lue", Form::Argument);
    one("setPassword(u, \"v4lue\");", "setPassword", "v4lue", Form::Argument);
    one("password = new SecureString(\"v4lue\")", "password", "v4lue", Form::Wrapped);
    one("key := []byte(\"v4lue\")", "key", "v4lue", Form::Wrapped);
    one("Tokens: []string{\"v4lue\"},", "Tokens", "v4lue", Form::Listed);
    one("create(name: 'x', password: 'v4lue')", "password", "v4lue", Form::Entry);
    one("tokens = [\"v4lue\"]", "tokens", "v4lue", Form::Listed);
    one("password = process.env.X || 'v4lue'", "password", "v4lue", Form::Fallback);
    one("PASSWORD: ${DB_PASS:-v4lue}", "PASSWORD", "v4lue", Form::Fallback);
    one("os.getenv('API_KEY', 'v4lue')", "API_KEY", "v4lue", Form::Argument);
    one("define('DB_PASSWORD', 'v4lue');", "DB_PASSWORD", "v4lue", Form::Argument);
    let login = found("login(\"u\", \"v4lue\")");
    assert!(login.contains(&("login".into(), "v4lue".into(), Form::Argument)), "{login:?}");
}

#[test]
fn values_of_json_in_a_literal_and_of_web_keys() {
    let nested = found(r#""apitoken": "{\"a\":\"v4lue\",\"b\":\"w5lue\"}""#);
    assert_eq!(nested.len(), 2, "{nested:?}");
    one(
        "{ \"kty\": \"EC\", \"d\": \"abcdefghijklmnopq\", \"x\": \"y\" }",
        "kty",
        "abcdefghijklmnopq",
        Form::Jwk,
    );
    assert_eq!(found("{ kty: 'EC', x: 'abcdefghijklmnopq' }"), []);
}

#[test]
fn prose_and_other_languages() {
    one("the password is v4lue.", "password", "v4lue", Form::Prose);
    one("**Password:** v4lue", "Password", "v4lue", Form::Yaml);
    one("contraseña: v4lue", "contraseña", "v4lue", Form::Yaml);
    one("пароль: v4lue", "пароль", "v4lue", Form::Yaml);
    one("密码：v4lue", "密码", "v4lue", Form::Yaml);
    one("Kennwort ist v4lue-9", "Kennwort", "v4lue-9", Form::Prose);
}

#[test]
fn what_has_no_value_beside_it_is_none() {
    for text in [
        "password",
        "the password field",
        "password =",
        "password: \n",
        "fn token(&self)",
        "use auth::token;",
        "password: \"\"",
        "",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn no_input_panics_at_any_cut() {
    let text = "password: [\"a\\\"b\", {{x}}] ${T:-v}<key>pass</key>\\u0022 密码：x IDENTIFIED BY 'x' mysql -p'x' login(\"a\",";
    let bytes = text.as_bytes();
    for cut in 0..bytes.len() {
        for (from, to) in [(0, cut), (cut, bytes.len())] {
            let part = &bytes[from..to];
            for start in 0..part.len().saturating_sub(3) {
                find(part, start..start + 3, &mut Vec::new());
            }
        }
    }
}

#[test]
fn sentences_and_results_of_calls_are_no_values() {
    for text in [
        "you can give a token (e.g. for checkout) as `card: {x: y}`",
        "fix parsing of keys ([`8d09bfe6`](https://h.io/commit/8d09bfe6d8))",
        "sign('', 'test_secret') => 'f7f9bd47fb987337b5796fdc1fdb9ba2'",
        "case Token::Key: { return 'x'; }",
        "resource \"key\" { kind = 'x' }",
        "redis-cli -h host ping",
    ] {
        // What is only mentioned is for rules of services to judge.
        let assigned: Vec<_> = found(text).into_iter().filter(|f| f.2 != Form::Mention).collect();
        assert_eq!(assigned, [], "{text}");
    }
    one("config('password') => 'v4lue'", "password", "v4lue", Form::Assigned);
}

mod ways;

/// What stands where a value may stand, and is none: nothing is handed on that a person would call one.
#[test]
fn what_looks_like_these_ways_and_holds_no_value() {
    let mut wrong = Vec::new();
    for text in [
        "- password - the user's password\n",
        "| password | the password of the user |\n",
        "| Password | Meaning |\n|----------|---------|\n",
        "foo(user, password)\nbar(user, secret)\n",
        "import user,password\n\nx = 1\n",
        "INSERT INTO users (name, password) SELECT a, b FROM t;\n",
        "{password, Rest}",
        "const {password, other} = x;",
        "  -p, --password   asks for it\n",
        "echo \"done\" | tee log; sudo -S\n",
        "echo \"$PW\" > file\nchpasswd < file\n",
        "zip -r out.zip dir\n",
        "net use\nnet use X: /delete\n",
        "net user\n",
        "mongo --port 27017 db\n",
        "a key identified by %NAME\n",
        "KEY `FK12ab34` (`app_id`)\n",
        "run `mysql -u root -p` and then x\n",
        "jwt.sign(payload, key, { expiresIn: '1h' })\n",
        "createHmac('sha256', key)\n",
        "btoa('hello')\n",
        "type Way = 'by_pass' | 'zip_ab12';\n",
        "Buffer.from('ab:cd', 'hex')\n",
        "{'_x': 'pass',\n '_y': z}\n",
        "config_keys | selectattr('name', 'match')\n",
        "wachtwoord is gewijzigd\n",
        "password = prod ? read() : ask()\n",
        "DbPassword:\n    Type: String\n    NoEcho: true\n",
        "\"adminPassword\": { \"type\": \"securestring\" }\n",
        "tokens:\n  - name: x\n    id: y\n",
        "the password and the user\n",
        "Password for the user:\n",
        "send \"hello\\r\"\n",
        "openssl x509 -passin env:PW -in a\n",
        "private Token token2;\n",
    ] {
        wrong.extend(found(text).into_iter().filter(|f| f.2 != Form::Mention).map(|f| (text, f)));
    }
    assert_eq!(wrong, []);
}

/// What once was taken for a value: the rest of a list of words, ports, another command's input, prose below a table.
#[test]
fn what_stands_near_a_name_is_not_its_value() {
    for text in [
        "const WORDS: [&str; 2] = [\n    \"pass\",\n    \"other7word\",\n];\n",
        "docker run --name mongo -p 27017:27017/tcp mongo:4\n",
        "docker run --name mysql -p3306:3306/tcp\n",
        "echo \"Login7\"; cat t | docker login -u x --password-stdin\n",
    ] {
        assert_eq!(values(text), [""; 0], "{text}");
    }
    let below = "password | note\n---|---\nfirst | x\n\nSee below.\n\ndeploy-2f4k\n";
    assert_eq!(values(below), ["first"]);
    let call = "set(\n  \"password\",\n  \"other7word\",\n)\n";
    assert_eq!(values(call), ["other7word"]);
    assert_eq!(values("htpasswd -bBC 10 .htpasswd bob other7word\n"), ["other7word"]);
}

#[test]
fn a_message_before_a_name_is_no_type_of_another() {
    for text in ["AuthError: refused api_key='v4lue'", "AuthError\x1b[0m: refused api_key='v4lue'"] {
        assert!(found(text).contains(&("api_key".to_owned(), "v4lue".to_owned(), Form::Assigned)), "{text}");
    }
    one("password: unsigned char = 'v4lue'", "password", "v4lue", Form::Assigned);
}

/// Each hit makes few candidates, whatever stands around it: they cost memory until they are judged.
#[test]
fn a_text_of_nothing_but_names_makes_few_candidates() {
    for text in ["| password |\n|--|\n| x |\n| x |\n", "zip -P ", "rar a -p1 -p2 -p3 ", "curl -u a:b -u c:d "]
    {
        let text = text.repeat(4000);
        let candidates = found(&text).len();
        assert!(candidates * 6 < text.len(), "{candidates} in {} bytes: {}", text.len(), &text[..20]);
    }
}

#[test]
fn each_row_of_a_table_is_read() {
    let values = |text: &str| found(text).into_iter().map(|(_, value, _)| value).collect::<Vec<_>>();
    assert_eq!(values("id,password,x\n1,v4lue,a\n2,\"w5,lue\",b\n3,x6lue\n"), ["v4lue", "w5,lue"]);
    assert_eq!(
        values("| a | token |\n|:--|--:|\n| b | `v4lue` |\n| c | w5lue |\n\n| d | x6lue |\n"),
        ["v4lue", "w5lue"]
    );
    let sql = "INSERT INTO `users` (`a`, `password`) VALUES\n ('x, y', 'v4lue'),\n (f('z'), 'w5lue');\n";
    assert_eq!(values(sql), ["v4lue", "w5lue"]);
}
