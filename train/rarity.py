#!/usr/bin/env python3
"""How often plain text has each window of four bytes, by the slot of the prefilter's bitmap: written to build/rarity.bin.

Usage: train/rarity.py FOLDER... [--out build/rarity.bin] [--megabytes N]

The build script takes each keyword's rarest window by it, so that the bitmap lets little through. The hash is that of
`build/windows.rs`; a slot's value is the binary logarithm of how often it was met, less 3 (what is met less often than 16 times costs nothing), and
the file is packed (raw deflate). Any text will do that is like what people commit: sources of several languages, minified JavaScript, JSON, logs, prose. Needs numpy.
"""
import argparse, os, pathlib, random, zlib
import numpy as np

TOP = pathlib.Path(__file__).resolve().parent.parent
SLOTS = 1 << 18


def files(folders, megabytes):
    """Files of each folder in a random order that is always the same, an equal share of bytes from each."""
    for folder in folders:
        every = sorted(path for path in pathlib.Path(folder).rglob("*") if ".git" not in path.parts and path.is_file() and not path.is_symlink())
        random.Random(1).shuffle(every)
        left = megabytes * 1_000_000 // len(folders)
        for path in every:
            if left <= 0: break
            data = path.read_bytes()[:1_000_000]
            if b"\0" in data[:8000]: continue
            left -= len(data)
            yield data


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("folders", nargs="+"); a.add_argument("--out", default=TOP / "build/rarity.bin"); a.add_argument("--megabytes", type=int, default=120)
    o = a.parse_args()
    counts, total = np.zeros(SLOTS, dtype=np.int64), 0
    for data in files(o.folders, o.megabytes):
        b = np.frombuffer(data, dtype=np.uint8).astype(np.uint64) | 0x20
        if len(b) < 4: continue
        windows = b[:-3] | b[1:-2] << np.uint64(8) | b[2:-1] << np.uint64(16) | b[3:] << np.uint64(24)
        slots = (windows * np.uint64(0x9E3779B1) & np.uint64(0xFFFFFFFF)) >> np.uint64(14)
        counts += np.bincount(slots.astype(np.int64), minlength=SLOTS)
        total += len(data)
    levels = np.maximum(np.floor(np.log2(counts + 1)) - 3, 0).astype(np.uint8)
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = pack.compress(levels.tobytes()) + pack.flush()
    pathlib.Path(o.out).write_bytes(packed)
    print(f"{total / 1e6:.0f} MB, {np.count_nonzero(counts)} of {SLOTS} slots met, {len(packed)} bytes")


main()
