#!/usr/bin/env python3
"""Learns how surprising a pair of characters is in names and words that people write.

Usage: pairs.py OUT FOLDER...   (folders of source code, for instance installed packages)

Writes 40 x 40 bytes: for each pair of character classes the surprise of the second after the first, in eighths of a bit, at
most 255. Classes: a to z (case folded), 0 to 9, `_-.` as one, everything else, and the two ends of a word; must agree with
src/judge/score/pairs.rs.
"""
import math, pathlib, re, sys

CLASSES = 40
END = 39

def class_of(byte):
    c = chr(byte).lower()
    if "a" <= c <= "z": return ord(c) - 97
    if "0" <= c <= "9": return 26 + ord(c) - 48
    return 36 if c in "_-." else 37

def main():
    out, folders = sys.argv[1], sys.argv[2:]
    counts = [[0.3] * CLASSES for _ in range(CLASSES)]
    words = set()
    for folder in folders:
        files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in {".py", ".rs", ".js", ".ts", ".go", ".c", ".h", ".md", ".txt", ".toml", ".rb"} and p.is_file())
        for path in files[:6000]:
            if path.stat().st_size > 300_000: continue
            # A random token that a test holds must not teach that random is usual.
            for word in re.findall(rb"[A-Za-z][A-Za-z0-9_.-]{3,39}", path.read_bytes()):
                if len(re.findall(rb"[0-9]", word)) * 4 <= len(word): words.add(word)
    for word in sorted(words):
        last = END
        for byte in word:
            now = class_of(byte)
            counts[last][now] += 1
            last = now
        counts[last][END] += 1
    table = bytearray()
    for row in counts:
        total = sum(row)
        table += bytes(min(255, round(-8 * math.log2(n / total))) for n in row)
    pathlib.Path(out).write_bytes(table)
    print(f"{len(words)} words, {len(table)} bytes")

main()
