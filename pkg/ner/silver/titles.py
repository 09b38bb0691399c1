#!/usr/bin/env python3
"""Labels headlines by what their articles say.

    titles.py ARTICLES.jsonl.gz OUT.jsonl.gz LABELLED.jsonl.gz …

The teachers are poor at Title Case, so a headline gets the names that merge.py found in
its article, spelt alike (capitals aside where the headline is all capitals), with the kind that
most mentions have. A capitalised word is `unsure` when no article's name explains it and, where
the articles write it with a capital, it is often part of a name or hardly known: it may be one
that stands in the headline alone.
"""
import collections
import gzip
import json
import re
import sys

WORD = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*\.?|[^\w\s]")
PREFIX = re.compile(r"^(?:OPINION|ANALYSIS|Opinion|Analysis|Perspective|UPDATE \d)\s*[:|-]\s*")
SUFFIX = re.compile(r"\s+[|–—-]\s+(?:CNN\S*|Fox News|The \w+(?: \w+)?|POLITICO|NPR|Reuters|[\w ]*News)$")


def words(s):
    """Words with their character offsets; a final full stop stays only in abbreviations."""
    for m in WORD.finditer(s):
        w = m.group()
        if w.endswith(".") and not re.fullmatch(r"(?:\w\.)+|Sen\.|Rep\.|Gov\.|Gen\.|Dr\.|Mr\.|Ms\.|Mrs\.|St\.", w):
            w = w[:-1]
        if w.endswith(("'s", "’s")):
            w = w[:-2]
        yield m.start(), m.start() + len(w), w


def label(title, kinds, named):
    fold = str.upper if title.isupper() else str
    names = collections.defaultdict(list)
    for s, c in kinds.items():
        parts = tuple(fold(w) for _, _, w in words(s))
        if parts and (len(s) > 2 or s.isupper()):
            names[parts[0]].append((parts, c.most_common(1)[0]))
    for v in names.values():
        v.sort(key=lambda x: (-len(x[0]), -x[1][1]))
    found = list(words(title))
    spans, unsure, i = [], [], 0
    while i < len(found):
        a, b, w = found[i]
        for parts, (kind, _) in names.get(fold(w), ()):
            if tuple(fold(x) for _, _, x in found[i : i + len(parts)]) == parts:
                i += len(parts)
                spans.append((a, found[i - 1][1], kind))
                break
        else:
            if w[:1].isupper() and len(w) > 1 and named(w):
                unsure.append((a, b))
            i += 1
    return spans, unsure


def main(articles, target, *labelled):
    bodies, inside, seen = {}, collections.Counter(), collections.Counter()
    for path in labelled:
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                d = json.loads(line)
                raw, kinds = d["text"].encode(), collections.defaultdict(collections.Counter)
                for a, b, kind, _ in d["spans"]:
                    name = raw[a:b].decode()
                    kinds[name][kind] += 1
                    inside.update(name.split())
                    if kind == "PER" and " " in name:
                        kinds[name.split(" ")[-1]][kind] += 1
                bodies[d["doc"]] = d["source"], kinds
                seen.update(w for _, _, w in words(d["text"]))

    def named(w):
        n = seen[w] + seen[w.lower()]
        return n < 5 or inside[w] > 0.25 * n

    n = 0
    with gzip.open(articles, "rt", encoding="utf-8") as f, open(target, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        for line in f:
            r = json.loads(line)
            title = SUFFIX.sub("", PREFIX.sub("", " ".join((r["title"] or "").split())))
            if str(r["id"]) not in bodies or len(title) < 20:
                continue
            source, kinds = bodies[str(r["id"])]
            spans, unsure = label(title, kinds, named)
            at = lambda i: len(title[:i].encode())
            record = {"doc": f"{r['id']}-title", "source": source, "text": title,
                      "spans": [[at(a), at(b), k, 2] for a, b, k in spans], "unsure": [[at(a), at(b)] for a, b in unsure]}
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            n += 1
    print(f"{target}: {n} headlines", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
