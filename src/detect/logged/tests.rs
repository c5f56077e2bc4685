use super::*;

/// The call that is found in a text, by any of the rule's keywords.
fn found(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let lower = text.to_ascii_lowercase();
    for keyword in [
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "secret",
        "token",
        "api_key",
        "apikey",
        "private_key",
        "privatekey",
        "_pass",
        "credentials",
    ] {
        for (at, _) in lower.match_indices(keyword) {
            find(text.as_bytes(), at..at + keyword.len(), &mut out);
        }
    }
    out.first().map(|found| text[found.value.clone()].to_owned())
}

#[test]
fn calls_that_print_a_secret_are_found_in_every_language() {
    let mut missed = Vec::new();
    for line in [
        "logger.info(f\"Connecting with key: {api_key}\")",
        "    raise Exception(f\"Failed with key {api_key}: {e}\")",
        "print(password)",
        "print('pw', user.password)",
        "logging.debug(\"token=%s\", access_token)",
        "log.info(\"x\", api_key=api_key)",
        "self.logger.warning('bad ' + self.client_secret)",
        "print(os.environ['DB_PASSWORD'])",
        "print(os.getenv(\"API_KEY\"))",
        "print(f'{cfg[\"a\"]} {db_password!r}')",
        "console.log(`token ${accessToken}`);",
        "console.error('auth', { apiKey });",
        "throw new Error(`login failed for ${password}`);",
        "console.log(JSON.stringify(clientSecret))",
        "fmt.Printf(\"%s\", cfg.Password)",
        "log.Println(\"key\", apiKey)",
        "return fmt.Errorf(\"bad token %q\", accessToken)",
        "slog.Info(\"msg\", \"t\", authToken)",
        "System.out.println(\"pw=\" + password);",
        "LOG.debug(\"using {}\", user.getName(), apiSecret.toString());",
        "throw new IllegalStateException(\"key \" + privateKey);",
        "Log.d(TAG, \"pw \" + userPassword)",
        "puts api_key",
        "Rails.logger.info \"key #{api_key}\"",
        "raise ArgumentError, \"bad #{client_secret}\"",
        "Console.WriteLine($\"pw {password}\");",
        "_logger.LogInformation(\"pw {P}\", password);",
        "throw new InvalidOperationException($\"{settings.ApiKey}\");",
        "error_log(\"pw $password\");",
        "var_dump($dbPassword);",
        "$this->logger->info('x', ['p' => $this->password]);",
        "println!(\"{password}\");",
        "tracing::info!(\"{}\", api_key);",
        "bail!(\"bad key {api_key:?}\")",
        "dbg!(&client_secret);",
        "echo \"token is $GITHUB_TOKEN\"",
        "echo ${DB_PASSWORD}",
        "  printf '%s\\n' \"$API_KEY\" >&2",
        "logger.info(\n    \"key %s\",\n    api_key,\n",
        "print(\"token:\", token)",
        "log.error(\"bad secret {}\".format(client_secret))",
        "warnings.warn(f\"key {private_key}\")",
        "winston.info('auth', { token })",
        "logger.Info(\"x\", zap.String(\"token\", token))",
        "logger.debug(\"key=\" + config.getApiKey());",
        "p api_key",
        "println!(\"token: {token}\");",
        "tracing::debug!(?api_key, \"x\");",
        "  - run: echo ${{ secrets.API_KEY }}",
        "    - echo \"$DB_PASSWORD\"",
        "  script: echo $API_KEY",
    ] {
        missed.extend(found(line).is_none().then_some(line));
    }
    assert_eq!(missed, [""; 0]);
}

#[test]
fn what_is_masked_measured_or_only_spoken_of_is_not() {
    let mut wrong = Vec::new();
    for line in [
        "raise ValueError(\"API_KEY environment variable required\")",
        "print(\"Enter password: \")",
        "logger.info(\"wrong password for %s\", user)",
        "logger.info(f\"password {mask(password)}\")",
        "print(len(api_key))",
        "logger.info('key %s…', api_key[:4])",
        "console.log(`len ${password.length}`)",
        "console.log(password ? 'set' : 'unset')",
        "console.log(!!apiKey, apiKey !== undefined)",
        "print(api_key is None)",
        "fmt.Println(hash(password))",
        "fmt.Println(len(cfg.Password))",
        "logger.info(sha256(api_key).hexdigest())",
        "print(token)",
        "print(max_tokens, next_token, csrf_token)",
        "log.debug(password_hash, token_type, secret_name)",
        "dialog.info(password)",
        "catalog.debug(api_key)",
        "password = login(password)",
        "connect(user, password)",
        "echo \"$API_KEY\" | docker login --password-stdin",
        "echo \"$DB_PASSWORD\" > file",
        "echo \"::add-mask::$API_KEY\"",
        "echo 'set $API_KEY first'",
        "echo password",
        "echo ${#API_KEY} ${API_KEY:+set} ${API_KEY:0:4}",
        "print('{api_key}')",
        "println!(\"the password is wrong\")",
        "console.log('${password}')",
        "throw new PasswordError(code)",
        "logger.info(get_user(password))",
        "fmt.Fprintf(w, password)",
        "log.info(\"x\", password=None)",
        "print(password == other)",
        "# print(password) is wrong",
        "print('unexpected token', token)",
        "println!(\"token {token} at line {line}\");",
        "raise SyntaxError('bad token ' + token)",
        "print('token', token.text)",
        "print(get_token())",
        "- run: echo ${{ secrets.API_KEY && 'set' }}",
        "- echo \"::add-mask::$API_KEY\"",
    ] {
        wrong.extend(found(line).map(|_| line));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_call_reaches_to_the_end_of_its_line() {
    assert_eq!(found("x = 1\n  print(password)  \ny").as_deref(), Some("print(password)"));
}

#[test]
fn a_minified_line_costs_a_window() {
    let line = "print(password);".repeat(100_000);
    assert!(found(&line[..200]).is_some());
    let mut out = Vec::new();
    let at = line.len() / 2;
    let at = at + line[at..].find("password").unwrap();
    find(line.as_bytes(), at..at + 8, &mut out);
    assert!(out.is_empty());
}
