//! What is carried over is held against what a search of the whole finds, under random edits.

use super::*;
use crate::shape::{Random, generate};

struct Dice(u64);

impl Dice {
    fn next(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }
}

fn line(dice: &mut Dice) -> Vec<u8> {
    const SHAPES: [&str; 25] = [
        "print(api_password)\n",
        "log.info(\n  \"x\",\n  db_password,\n)\n",
        "Acme API key\n{hex:32}\n",
        "a={lower:8}&key={base62:20};b(c,\"{lower:30}\",[password:\"{base62:20}\"]);",
        "<td>Password</td>\n\n\n\n<td>{base62:20}</td>\n",
        "password =\n\n\n\n\n\n '{base62:20}'\n",
        "set_secret(a,\n b,\n c,\n d,\n e,\n '{base62:40}')\n",
        "'{base62:20}' ==\n\n  password\n",
        "Authorization: Bearer {base62:40}\n",
        "circleci = \"{hex:40}\"\n",
        "\n\n\n",
        "token = \"ghp_{base62:30}{check:github-crc32}\"\n",
        "password: {base62:22}\n",
        "    \"api_key\": \"{hex:40}\",\n",
        "DB_PASSWORD={base62:18}\n",
        "url = postgres://app:{base62:16}@db.corp.internal/x\n",
        "-----BEGIN RSA PRIVATE KEY-----\n{base64:64}\n{base64:64}\n{base64:64}\n-----END RSA PRIVATE KEY-----\n",
        "data: {b64:password = {base62:24}}\n",
        "secrets = [\n  \"{base62:24}\",\n  \"{base62:30}\",\n]\n",
        "password = '''\n{base62:30}\n'''\n",
        "<key>password</key>\n<string>{base62:20}</string>\n",
        "name: DB_PASSWORD\n  value: {base62:24}\n",
        "key token password secret auth credentials\n",
        "let {lower:8} = compute_{lower:6}({digits:3}, key);\n",
        "some plain text that says nothing at all, {lower:30}\n",
    ];
    let shape = SHAPES[dice.next(31).min(SHAPES.len() - 1)];
    generate(shape, &mut Random::new("filter", dice.next(1 << 30) as u64)).unwrap()
}

/// An edited copy, and the steps that make it.
fn edited(base: &[u8], dice: &mut Dice) -> (Vec<u8>, Vec<Op>) {
    let (mut out, mut ops, mut at) = (Vec::new(), Vec::new(), 0);
    for _ in 0..1 + dice.next(4) {
        let next = at + dice.next(base.len() - at + 1);
        if next > at {
            out.extend_from_slice(&base[at..next]);
            ops.push(Op::Copy { from: at, len: next - at });
        }
        at = next;
        match dice.next(5) {
            // A few bytes, whole lines, or nothing but a seam.
            0 => insert(
                &mut out,
                &mut ops,
                [b"x", &b"\""[..], b"=", b"7", b"\n", b" unleak:allow"][dice.next(6)],
            ),
            1 => insert(&mut out, &mut ops, &line(dice)),
            2 => at = base.len().min(at + 1 + dice.next(40)),
            3 => {
                // A piece from elsewhere.
                let from = dice.next(base.len().max(1));
                let len = dice.next(300).min(base.len() - from);
                if len > 0 {
                    out.extend_from_slice(&base[from..from + len]);
                    ops.push(Op::Copy { from, len });
                }
            }
            _ => at = base.len().min(at + 1),
        }
    }
    if at < base.len() {
        out.extend_from_slice(&base[at..]);
        ops.push(Op::Copy { from: at, len: base.len() - at });
    }
    (out, ops)
}

fn insert(out: &mut Vec<u8>, ops: &mut Vec<Op>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
    ops.push(Op::Insert { len: bytes.len() });
}

#[test]
fn what_is_carried_over_is_what_would_be_found() {
    let rules = RuleSet::default();
    let state = RandomState::new();
    let mut filter = Filter::new(&rules, Limits::default(), &state, 0, 1);
    let mut found = 0;
    for seed in 1..14u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut content: Vec<u8> = (0..20 + dice.next(60)).flat_map(|_| line(&mut dice)).collect();
        let mut marks = filter.whole(&content, true);
        for step in 0..30 {
            let (next, ops) = edited(&content, &mut dice);
            let made = filter.made(&next, &marks, content.len(), &ops, true);
            let whole = filter.whole(&next, true);
            let values: HashMap<u32, u64> = filter.values.iter().map(|v| (v.id, v.number)).collect();
            let set = |marks: &Marks| {
                let mut set: Vec<(u32, u64)> = marks.likely.iter().map(|l| (l.at, values[&l.id])).collect();
                set.sort_unstable();
                set.dedup();
                set
            };
            let (carried, all) = (set(&made), set(&whole));
            let missed: Vec<_> = all.iter().filter(|one| !carried.contains(one)).collect();
            assert!(missed.is_empty(), "seed {seed}, step {step}: {missed:?} in {ops:?}");
            // Where nothing is made from it, the same is likely.
            let values = |marks: &Marks| -> Vec<u32> { set(marks).iter().map(|one| one.0).collect() };
            let last = filter.made(&next, &marks, content.len(), &ops, false);
            assert_eq!(values(&last), values(&made), "seed {seed}, step {step}: {ops:?}");
            let plain = |hits: &[Hit]| -> Vec<Hit> {
                let plain = hits.iter().filter(|hit| !hit.is_encoded());
                plain.map(|hit| hit.measured(&rules, &next)).collect()
            };
            assert_eq!(plain(&made.near), plain(&whole.near), "seed {seed}, step {step}: {ops:?}");
            assert_eq!(plain(&made.far), plain(&whole.far), "seed {seed}, step {step}: {ops:?}");
            found += set(&whole).len();
            (content, marks) = (next, made);
        }
    }
    assert!(found > 1_500, "only {found}");
}

#[test]
fn what_is_judged_in_parts_is_what_is_judged_in_all() {
    use crate::engine::inspect_parts;
    let rules = RuleSet::default();
    let state = RandomState::new();
    let mut filter = Filter::new(&rules, Limits::default(), &state, 0, 1);
    let (mut found, mut spared) = (0, 0);
    for seed in 1..12u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut text = Vec::new();
        for _ in 0..1 + dice.next(3) {
            let filler = [
                &b"let x = compute(key, token);\n"[..],
                b"nothing at all stands here\n",
                b"if(a.key){b(c.password,d)}else{e.token=f(1)};",
            ];
            text.extend(filler[dice.next(3)].repeat(dice.next(10_000)));
            text.extend((0..1 + dice.next(4)).flat_map(|_| line(&mut dice)));
        }
        let parts = filter.whole(&text, false).parts(text.len());
        let judged = |parts: Parts| {
            let budget = Budget::new(Limits::default(), text.len() as u64);
            let mut judged = inspect_parts(&rules, &text, parts, &budget).unwrap().judge(&rules, b"src/b.py");
            judged.retain(|one| one.confidence >= judge::SHOWN);
            judged
        };
        assert_eq!(judged(parts), judged(Parts::ALL), "seed {seed}");
        found += judged(parts).len();
        let looked_at: usize = parts.ranges(text.len()).iter().map(Range::len).sum();
        spared += text.len() - looked_at;
    }
    assert!(found > 10 && spared > 1 << 20, "{found} found, {spared} bytes spared");
}
