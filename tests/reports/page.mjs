// Loads the page in a real browser and checks that nothing in it runs but its own script, and that the filters work.
//
//   node page.mjs PAGE SECRETS SCREENSHOT      needs playwright-core and a Chromium, named by CHROMIUM
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(`${process.cwd()}/`)("playwright-core");
const [page_file, secrets_file, screenshot] = process.argv.slice(2);
const secrets = readFileSync(secrets_file, "utf8").split("\n").filter((line) => line);
const url = pathToFileURL(page_file).href;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

const open = async (javaScriptEnabled) => {
  const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 1200, height: 1600 } });
  const page = await context.newPage();
  const seen = { dialogs: [], errors: [], requests: [] };
  page.on("dialog", (dialog) => { seen.dialogs.push(dialog.message()); dialog.dismiss(); });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") seen.errors.push(message.text()); });
  page.on("request", (request) => seen.requests.push(request.url()));
  await page.goto(url);
  return { page, seen };
};

const { page, seen } = await open(true);
const rows = page.locator("tr[data-rule]");
const visible = async () => rows.evaluateAll((all) => all.filter((row) => row.offsetParent !== null).length);
const count = () => page.locator("#count").textContent();
const total = await rows.count();
const groups = await page.locator("tbody.secret").count();
assert.equal(groups, secrets.length, "each secret is told once");
assert.ok(total > groups, "a secret has several places");
assert.equal(await count(), `${groups} of ${groups} secrets, ${total} of ${total} places`);

// What is hostile is text.
const body = await page.locator("body").textContent();
for (const text of ["<img src=x onerror=alert(1)", "<script>alert(1)", "onmouseover='alert(1)", "javascript:alert(1)", "<svg onload="]) {
  assert.ok(body.includes(text), `${text} is shown`);
}
assert.ok(!secrets.some((secret) => readFileSync(page_file, "utf8").includes(secret)), "no whole secret is in the page");
const dom = await page.evaluate(() => ({
  scripts: document.scripts.length,
  foreign: document.querySelectorAll("img, svg, iframe, object, embed, link, base").length,
  handlers: [...document.querySelectorAll("*")].flatMap((e) => e.getAttributeNames()).filter((name) => name.startsWith("on")),
  links: [...document.links].map((a) => a.protocol),
}));
assert.deepEqual([dom.scripts, dom.foreign, dom.handlers], [1, 0, []]);
assert.ok(dom.links.every((protocol) => /^https?:$/.test(protocol)), String(dom.links));
await page.screenshot({ path: screenshot });

// Each filter hides what it says and nothing else.
let tried = 0;
for (const name of ["severity", "rule", "author", "head"]) {
  const select = page.locator(`select[name=${name}]`);
  const values = await select.locator("option").evaluateAll((all) => all.map((option) => option.value).filter((value) => value));
  const present = await rows.evaluateAll((all, name) => [...new Set(all.map((row) => row.dataset[name]))].filter((v) => v), name);
  assert.deepEqual([...values].sort(), [...present].sort(), name);
  if (values.length < 2) continue;
  for (const value of values) {
    await select.selectOption(value);
    const expected = await rows.evaluateAll((all, [name, value]) => all.filter((row) => row.dataset[name] === value).length, [name, value]);
    assert.ok(expected > 0 && expected < total);
    assert.equal(await visible(), expected, `${name}=${value}`);
    tried += 1;
  }
  await select.selectOption("");
}
assert.ok(tried >= 6, "severity, rule and author have a choice");
await page.fill("input[name=text]", "WIDE/");
assert.equal(await visible(), 3);
assert.match(await count(), /^3 of /);
await page.fill("input[name=text]", "no such text");
assert.equal(await visible(), 0);
await page.fill("input[name=text]", "");
assert.equal(await visible(), total);

assert.deepEqual(seen.dialogs, []);
assert.deepEqual(seen.errors, []);
assert.deepEqual(seen.requests, [url]);
assert.equal(await page.evaluate(() => window.pwned), undefined);

// Even what got into the page would not run: its policy names one script.
await page.evaluate(() => {
  const script = document.createElement("script");
  script.textContent = "window.pwned = 1";
  document.body.append(script);
  document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.pwned = 1'>");
});
await page.waitForTimeout(300);
assert.equal(await page.evaluate(() => window.pwned), undefined);
assert.ok(seen.errors.some((error) => error.includes("Content Security Policy")), "the policy said no");

const plain = await open(false);
const plain_rows = plain.page.locator("tr[data-rule]");
assert.equal(await plain_rows.count(), total);
assert.ok(await plain_rows.last().isVisible() && !(await plain.page.locator("form").isVisible()), "a plain table without the script");
await browser.close();
console.log(`ok    the page: ${groups} secrets at ${total} places, ${tried} filter values, nothing ran`);
