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
    one("Kennwort ist v4lue", "Kennwort", "v4lue", Form::Prose);
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

/// The ways of writing a value that the project promises, each with the value alone: how it is told apart is tested above.
#[test]
fn every_way_of_writing_is_reached() {
    for text in [
        "- name: DB_PASSWORD\n  value: v4lue-91\n",
        "{\"name\": \"DB_PASSWORD\",\n \"value\": \"v4lue-91\"}",
        "<add key=\"DbPassword\" value=\"v4lue-91\" />",
        "<property name=\"password\">v4lue-91</property>",
        "<server password=\"v4lue-91\"/>",
        "<input name=\"api_key\" value=\"v4lue-91\">",
        "password: |\n  v4lue-91\n",
        "password: >-\n  v4lue-91\n",
        "{user: x, password: v4lue-91}",
        "CREATE USER x IDENTIFIED BY 'v4lue-91';",
        "ALTER ROLE x PASSWORD 'v4lue-91';",
        "set_password('v4lue-91')",
        "login(\"user\", \"v4lue-91\")",
        "connect(user='x', password='v4lue-91')",
        "def f(password='v4lue-91'):",
        "sshpass -p v4lue-91 ssh h",
        "mysql -u root -pv4lue-91 db",
        "curl -u user:v4lue-91 https://h",
        "tool --password v4lue-91",
        "tool --password=v4lue-91",
        "ENV API_KEY v4lue-91",
        "ENV API_KEY=v4lue-91",
        "!export API_KEY=v4lue-91",
        "%env API_KEY=v4lue-91",
        "the password is `v4lue-91`",
        "password = \"v4lue-91\" + suffix",
        "Password=v4lue-91;Server=sql",
        "contraseña = 'v4lue-91'",
        "senha: 'v4lue-91'",
        "Kennwort: v4lue-91",
        "mot_de_passe = 'v4lue-91'",
        "пароль: v4lue-91",
        "密码：v4lue-91",
        "psw = 'v4lue-91'",
        "X-Api-Key: v4lue-91",
        "machine h login u password v4lue-91",
        "os.environ['API_KEY'] = 'v4lue-91'",
        "\"os.environ['API_KEY'] = 'v4lue-91'\\n\",",
        "password == \"v4lue-91\"",
        "token -> \"v4lue-91\"",
        "public string Password { get; set; } = \"v4lue-91\";",
        "variable \"db_password\" {\n  type = string\n  default = \"v4lue-91\"\n}",
        "$password = ConvertTo-SecureString \"v4lue-91\" -AsPlainText -Force",
        "if (\"v4lue-91\" == password) {",
        "if ('v4lue-91' === this.token) {",
        "%env API_KEY v4lue-91",
        "\"%set_env API_KEY v4lue-91\\n\"",
        "setx API_KEY v4lue-91",
        "password: !!str v4lue-91",
        "password:: 'v4lue-91',",
        "curl -uuser:v4lue-91 https://h",
        "sshpass -p'v4lue-91' ssh h",
        "docker login -u me -p v4lue-91 registry",
        "redis-cli -h h -a v4lue-91 ping",
        "sqlcmd -S h -U sa -P v4lue-91",
        "ldapsearch -D cn=x -w v4lue-91",
        "DriverManager.getConnection(\"jdbc:x\", \"root\", \"v4lue-91\")",
        "new PDO(\"pgsql:host=h\", \"u\", \"v4lue-91\")",
        "smtp.PlainAuth(\"\", \"u\", \"v4lue-91\", \"h\")",
        "mdp = 'v4lue-91'",
        "schluessel = 'v4lue-91'",
        "geheimnis: v4lue-91",
        "chave_api = 'v4lue-91'",
        "llave = 'v4lue-91'",
        "jeton = 'v4lue-91'",
    ] {
        let values: Vec<String> = found(text).into_iter().map(|(_, value, _)| value).collect();
        assert!(values.iter().any(|value| value == "v4lue-91"), "{text}: {values:?}");
    }
}
