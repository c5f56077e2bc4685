#!/usr/bin/env python3
"""Learns the scorer's weights from labelled candidates and writes src/judge/score/model.rs.

Usage: fit.py HALF_DIR CANDIDATES.jsonl --score SCORE_PY [--human FILE]... [--clean FILE]... [--program FILE] [--out MODEL_RS] [--show N] [--c C]
  HALF_DIR     the unpacked benchmark half (labels.jsonl, data/); CANDIDATES.jsonl from `cargo run --example candidates`
  --human-dir    the folder that train/human.py wrote
  --human      candidates of files with passwords that people choose (train/human.py): true, and reported on their own
  --clean      candidates of published source without secrets: false, and counted in blocks per 100,000 lines
  --program    what the whole program finds in the half: its findings that no weight decides are added to the out-of-fold ones
  --score      the benchmark's score.py, for labelled and strict figures

Cross-validated by repository, out of fold: no fold's figures come from weights that saw the repository (each human or
clean file's top folder is a repository too). The threshold of each strictness is read off the out-of-fold curve. numpy, scikit-learn.
"""
import argparse, collections, importlib.util, json, math, re, zlib
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

IGNORED = {"UUID", "Nonce", "Salt", "AWS S3 Bucket", "Firebase Domain", "Tencent WeChat API App ID", "Other"}
FOLDS = 5
# Rules whose every candidate is judged by weights.
ASSIGNED = {"generic-password", "generic-secret", "url-password", "authorization-header"}


def labelled(half, rows):
    """1, 0, None (do not learn) and whether a labelled place is touched, for each candidate."""
    places = collections.defaultdict(list)
    with open(f"{half}/labels.jsonl", encoding="utf8") as f:
        for r in map(json.loads, f):
            for n in range(r["line_start"], r["line_end"] + 1): places[r["path"], n].append(r)
    out = []
    for r in rows:
        here = places.get((r["path"], r["line"]), [])
        true = [p for p in here if p["label"] == "T" and set(p["category"].split(":")) - IGNORED]
        if true:
            # Columns are bytes, labels characters: near enough to tell which value of a line is meant.
            a, b = r["column"] - 1, r["column"] - 1 + len(r["value"])
            on = any(p["value_start"] < 0 or p["line_start"] != p["line_end"] or (p["value_start"] - 60 < b and a < p["value_end"] + 60) for p in true)
            out.append((1 if on else None, True))
        elif here and all(not set(p["category"].split(":")) - IGNORED for p in here): out.append((None, True))
        else: out.append((0, bool(here)))
    return out


def load(path):
    with open(path, encoding="utf8") as f: rows = [json.loads(l) for l in f]
    return [r for r in rows if "path" in r], rows[-1]


def matrix(rows, count):
    indptr, indices = [0], []
    for r in rows:
        indices += r["features"]; indptr.append(len(indices))
    return csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(rows), count))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("half"); a.add_argument("candidates"); a.add_argument("--human", action="append", default=[]); a.add_argument("--clean", action="append", default=[])
    a.add_argument("--human-dir"); a.add_argument("--program"); a.add_argument("--score", required=True); a.add_argument("--out"); a.add_argument("--show", type=int, default=0); a.add_argument("--c", type=float, default=0.15); a.add_argument("--precision", type=float, default=0.95)
    a.add_argument("--human-weight", type=float, default=0.25); a.add_argument("--clean-weight", type=float, default=0.5); a.add_argument("--seed", type=int, default=0)
    o = a.parse_args()
    bench, total = load(o.candidates)
    count = total["features"]
    labels = labelled(o.half, bench)
    rows, y, w, group, source = [], [], [], [], []
    def add(r, label, weight, g, s):
        rows.append(r); y.append(label); w.append(weight); group.append(g); source.append(s)
    for r, (label, seen) in zip(bench, labels):
        # What nobody labelled was mostly not looked at: half a vote.
        add(r, label, 1.0 if seen else 0.5, r["path"].split("/")[1], "bench")
    for path in o.human:
        for r in load(path)[0]:
            if r["path"].endswith(".secret"): continue
            true = open(f"{o.human_dir}/{r['path'].split('/')[0]}.secret", encoding="utf8").read()
            if r["value"] == true: add(r, 1, o.human_weight, r["path"].split("/")[0], "human")
    lines = 0
    for path in o.clean:
        clean, total = load(path); lines += total["lines"]
        for r in clean: add(r, 0, o.clean_weight, r["path"].split("/")[0] + "/" + "/".join(r["path"].split("/")[1:2]), "clean")
    good = np.array([isinstance(r["features"], list) for r in rows])
    source, group = np.array(source), np.array(group)
    for r, g in zip(rows, good):
        if not g: r["features"] = []
    X = matrix(rows, count)
    learn = good & np.array([l is not None for l in y]); Y = np.array([l or 0 for l in y]); W = np.array(w)
    # A repository with a thousand alike candidates is one voice, not a thousand.
    for label in (0, 1):
        size = collections.Counter(group[learn & (Y == label) & (source == "bench")])
        for n in np.flatnonzero(learn & (Y == label) & (source == "bench")): W[n] *= min(1.0, (40 / size[group[n]]) ** 0.5)
    fold = np.array([zlib.crc32(f"{o.seed}{g}".encode()) % FOLDS for g in group])
    def fit(mask):
        # Weights over groups that say the same thing are shared out by the penalty.
        m = LogisticRegression(C=o.c, solver="liblinear", max_iter=300, tol=1e-4); m.fit(X[mask], Y[mask], sample_weight=W[mask]); return m
    margin = np.full(len(rows), -30.0)
    for k in range(FOLDS):
        m = fit(learn & (fold != k)); at = good & (fold == k)
        if at.any(): margin[at] = m.decision_function(X[at])
    # What stands above the weights in the judge: what is raised (relative to the threshold), and what is told at most.
    least = np.array([r["least"] / 1000 if g and r.get("least") is not None else -np.inf for r, g in zip(rows, good)])
    at_most_told = np.array([bool(r.get("told")) for r in rows])
    def stands(t): return np.where(at_most_told, np.minimum(margin, t - 0.001), np.maximum(margin, t + least))
    # Calibrated on benchmark and clean source as they come, human files as they are weighted.
    seen = learn & (source != "clean")
    platt = LogisticRegression(C=1e6).fit(margin[seen, None], Y[seen], sample_weight=np.where(source[seen] == "human", 0.2, 1.0))
    def sure(t): return float(platt.predict_proba([[t]])[0, 1])
    # Thresholds: by place, as the benchmark counts.
    spec = importlib.util.spec_from_file_location("score", o.score); score = importlib.util.module_from_spec(spec); spec.loader.exec_module(score)
    b = source == "bench"
    # Of the whole program only what no weight decides: a format, a block, a proof. A key that its service's name gives away is
    # looked up where a weight lets it through, so it counts with its candidate.
    own = {(r["path"], r["line"], r["column"]) for r in bench}
    others = []
    if o.program:
        with open(o.program, encoding="utf8") as f: told = [json.loads(l) for l in f]
        others = [r for r in told if r.get("line") and ((r["path"], r["line"], r["column"]) not in own or r["confidence"] >= 0.94 and r["rule"] not in ASSIGNED and any("format" in w or "holds" in w for w in r["reasons"]))]
    def at(t, others=others):
        judged = stands(t)
        findings = others + [dict(path=r["path"], line=r["line"], end_line=r["end_line"], column=r["column"], rule="generic") for r, m, s in zip(rows, judged, source) if s == "bench" and m >= t]
        s = score.score(o.half, findings)
        human = [m >= t for m, src in zip(judged, source) if src == "human"]
        s["human"] = float(np.mean(human)) if human else 0.0
        s["clean"] = sum(m >= t for m, src in zip(judged, source) if src == "clean") / max(lines, 1) * 1e5
        return s
    curve = []
    print("margin  conf  precision recall F1   strictP strictF1  human  blocks/100k clean lines")
    for t in np.arange(-2, 4.01, 0.25):
        s = at(t); curve.append((t, s))
        print(f"{t:6.2f} {sure(t):.3f}   {s['precision']:.3f}   {s['recall']:.3f} {s['f1']:.3f}  {s['strict_precision']:.3f}  {s['strict_f1']:.3f}   {s['human']:.3f}  {s['clean']:.2f}")
    def threshold(p): return next((t for t in np.arange(0, 3, 0.1) if at(t)["precision"] >= p), 3.0)
    blocks = threshold(o.precision)
    relaxed, strict = blocks + 1.0, blocks - 1.0
    s = at(blocks)
    print(f"blocks at margin {blocks:.2f}: precision {s['precision']:.3f} recall {s['recall']:.3f} F1 {s['f1']:.3f} strict {s['strict_precision']:.3f} {s['strict_f1']:.3f} human {s['human']:.3f} clean {s['clean']:.2f}")
    if others:
        s = at(blocks, [])
        print(f"the generic judge alone: precision {s['precision']:.3f} recall {s['recall']:.3f} F1 {s['f1']:.3f} strict {s['strict_precision']:.3f} {s['strict_f1']:.3f}")
    final = fit(learn)
    if o.show:
        rng = np.random.default_rng(1)
        def show(title, mask):
            ids = np.flatnonzero(mask); print(f"== {title}: {len(ids)}")
            for n in rng.permutation(ids)[: o.show]:
                r = rows[n]; print(f"{margin[n]:6.2f} {r['path'][-60:]}:{r['line']} {r['form']} {r['name'][-30:]} | {r['value'][:70]}")
        margin = stands(blocks)
        touched = np.array([l[1] for l in labels] + [False] * (len(rows) - len(labels)))
        show("missed", b & (Y == 1) & learn & (margin < blocks)); show("false, labelled", b & (Y == 0) & learn & touched & (margin >= blocks))
        show("false, unlabelled", b & (Y == 0) & learn & ~touched & (margin >= blocks)); show("clean source", (source == "clean") & (margin >= blocks))
        show("human missed", (source == "human") & (margin < blocks))
    if o.out:
        points = [(m, sure(m)) for m in np.arange(-6, 6.01, 0.5)]
        # A straight step between equal neighbours would make ties; confidence rises a little everywhere.
        table, last = [], 0
        for m, p in points:
            last = max(last + 1, round(p * 1000)); table.append((round(m * 1000), min(last, 999)))
        def confidence(t):
            t = round(t * 1000)
            for (m0, p0), (m1, p1) in zip(table, table[1:]):
                if m0 <= t <= m1: return (p0 + (p1 - p0) * (t - m0) / (m1 - m0)) / 1000
            return table[-1][1] / 1000 if t > 0 else table[0][1] / 1000
        weights = [round(x * 1000) for x in final.coef_[0]]
        with open(o.out, "w") as f:
            f.write("//! Written by `train/fit.py`; do not edit. Weights in 1/1000 nat, in the order of `features::GROUPS`.\n\n")
            f.write("/// Confidences that block: relaxed, balanced, strict.\n")
            f.write(f"pub(super) const BLOCKS: [f64; 3] = [{confidence(relaxed):.4f}, {confidence(blocks):.4f}, {confidence(strict):.4f}];\n")
            f.write(f"/// The confidence from which a candidate is shown.\npub(super) const SHOWN: f64 = {confidence(blocks - 1.75):.4f};\n")
            f.write("/// What a sum of weights means: (sum, probability in 1/1000).\n")
            f.write(f"pub(super) static CALIBRATION: [(i32, i32); {len(table)}] = [\n    " + ", ".join(f"({m}, {p})" for m, p in table) + ",\n];\n")
            f.write(f"/// The sums at which balanced blocks, and from which a candidate is shown.\npub(super) const BLOCK_SUM: i32 = {round(blocks * 1000)};\npub(super) const SHOWN_SUM: i32 = {round((blocks - 1.75) * 1000)};\n")
            f.write(f"pub(super) const BIAS: i32 = {round(final.intercept_[0] * 1000)};\n")
            f.write("#[rustfmt::skip]\npub(super) static WEIGHTS: [i32; super::COUNT] = [\n")
            for n in range(0, len(weights), 16): f.write("    " + ", ".join(map(str, weights[n : n + 16])) + ",\n")
            f.write("];\n")


if __name__ == "__main__": main()
