#!/usr/bin/env python3
"""Learns what innocent text looks like: character trigrams and words of code and prose.

Usage: language.py OUT_DIR SOURCE_DIR...      writes trigrams.bin and words.bin

trigrams.bin: for each pair of preceding character classes the cost of the next one in 1/16 bit, one byte each, 44*44*44.
words.bin: 32,768 slots of 16 bits, open addressing; a slot holds the high half of the word's FNV-1a hash with its lowest
bit set. Words come from the sources and, when the package is installed, from zxcvbn's frequency lists of English.
"""
import collections, math, os, re, sys

CLASSES = 44
TEXT = {".py", ".rs", ".js", ".ts", ".md", ".txt", ".rst", ".c", ".h", ".toml", ".json", ".pl", ".pm", ".sh", ".rb", ".go", ".java", ".html", ".yml"}


def code(byte):
    """The class of a byte; must agree with `class` in src/judge/score/language.rs."""
    c = chr(byte)
    if c.isalpha() and byte < 128: return ord(c.lower()) - 97
    if c.isdigit() and byte < 128: return 26 + ord(c) - 48
    return {"_": 36, "-": 37, ".": 38, "/": 39, " ": 40}.get(c, 41 if byte < 128 else 42)


def fnv(word):
    h = 0x811C9DC5
    for b in word: h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
    return h


def main():
    out, sources = sys.argv[1], sys.argv[2:]
    counts, words, size = collections.Counter(), collections.Counter(), 0
    for root in sources:
        for folder, _, files in os.walk(root):
            for name in sorted(files):
                if os.path.splitext(name)[1] not in TEXT: continue
                try: data = open(os.path.join(folder, name), "rb").read(60000)
                except OSError: continue
                size += len(data)
                # A text that holds no long random run: hashes and tables of data would teach the wrong thing.
                for m in re.finditer(rb"[A-Za-z][A-Za-z0-9_.\-/ ]{2,60}", data):
                    piece = m.group()
                    if re.search(rb"[0-9a-fA-F]{16}|[A-Za-z0-9]{40}", piece): continue
                    row = [43, 43] + [code(b) for b in piece] + [43]
                    for i in range(2, len(row)): counts[row[i - 2] * 1936 + row[i - 1] * 44 + row[i]] += 1
                    for w in re.findall(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", piece):
                        if 3 <= len(w) <= 16: words[w.lower()] += 1
    print(f"{size/1e6:.0f} MB, {len(words)} words", file=sys.stderr)
    context, single = collections.Counter(), collections.Counter()
    pair, before = collections.Counter(), collections.Counter()
    for k, n in counts.items():
        context[k // 44] += n; pair[k % 1936] += n; before[k // 44 % 44] += n; single[k % 44] += n
    total = sum(single.values())
    table = bytearray(44 ** 3)
    for a in range(44):
        for b in range(44):
            for c in range(44):
                p1 = (single[c] + 1) / (total + 44)
                p2 = (pair[b * 44 + c] + 40 * p1) / (before[b] + 40)
                p3 = (counts[a * 1936 + b * 44 + c] + 20 * p2) / (context[a * 44 + b] + 20)
                table[a * 1936 + b * 44 + c] = min(255, round(-math.log2(p3) * 16))
    open(f"{out}/trigrams.bin", "wb").write(table)
    chosen = [w for w, n in words.most_common(9000) if n >= 20]
    try:
        from zxcvbn import frequency_lists
        lists = frequency_lists.FREQUENCY_LISTS
        for name, n in (("english_wikipedia", 12000), ("us_tv_and_film", 4000), ("male_names", 900), ("female_names", 1500)):
            chosen += [w.encode() for w in lists[name][:n] if 3 <= len(w) <= 16 and w.isascii() and w.isalpha()]
    except ImportError:
        print("zxcvbn is not installed: words of the sources only", file=sys.stderr)
    # Three letters are a word by chance too often: only the commonest.
    common = {w for w, _ in words.most_common(900)}
    vowels = re.compile(rb"[aeiouy]")
    chosen = [w for w in dict.fromkeys(chosen) if (len(w) > 3 or w in common) and vowels.search(w)]
    slots = [0] * 32768
    for w in chosen:
        h = fnv(w); at = h & 32767
        while slots[at]: at = (at + 1) & 32767
        slots[at] = h >> 16 | 1
    print(f"{len(chosen)} words kept", file=sys.stderr)
    open(f"{out}/words.bin", "wb").write(b"".join(s.to_bytes(2, "little") for s in slots))


main()
