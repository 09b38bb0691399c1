#!/usr/bin/env python3
"""Measures dateline and other taggers in one run, on the same files.

    rivals.py --dateline NAME=BIN … --jars FOLDER --spacy NAME=MODEL … FILE.tsv[.gz] …

FILEs have token<TAB>tag lines (BIO2, PER ORG LOC), blank lines between sentences and
perhaps -DOCSTART- lines. All taggers get these tokens and sentences. Prints a Markdown table of
exact-span F1 (all, PER, ORG, LOC) and tokens a second of processor time on one core, start-up left
out: for spaCy and Stanford over the files once, for dateline (the whole of `extract`, with linking)
over the files many times less the time of an empty input. spaCy's names lose "the" in front and
"'s" behind, which its training data counts in and these files do not.
"""
import argparse
import collections
import gzip
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
CRF = "edu/stanford/nlp/models/ner/english.all.3class.distsim.crf.ser.gz"
LETTERS = {"P": "PER", "G": "ORG", "L": "LOC"}
ONE = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", GOMAXPROCS="1")


def read(path):
    """Lines of tokens and tags: sentences, each a list of (token, tag)."""
    opener = gzip.open if str(path).endswith(".gz") else open
    sentences, s = [], []
    with opener(path, "rt", encoding="utf-8", newline="\n") as f:
        for line in [*f, "\n"]:
            line = line.rstrip("\r\n")
            if line.strip():
                token, _, tag = line.partition("\t")
                s.append((token, tag))
            elif s:
                sentences.append(s)
                s = []
    return sentences


def spans(tags):
    found, start, kind = set(), 0, None
    for i, t in enumerate([*tags, "O"]):
        if kind and (t[0] != "I" or t[2:] != kind):
            found.add((start, i, kind))
            kind = None
        if t != "O" and kind is None:
            start, kind = i, t[2:]
    return {s for s in found if s[2] in LETTERS.values()}


def scores(gold, told):
    n = collections.Counter()
    for g, t in zip(gold, told, strict=True):
        for kind in ("", *LETTERS.values()):
            a = {s for s in g if kind in ("", s[2])}
            b = {s for s in t if kind in ("", s[2])}
            n.update({(kind, "right"): len(a & b), (kind, "all"): len(a) + len(b)})
    return [200 * n[k, "right"] / max(n[k, "all"], 1) for k in ("", "PER", "ORG", "LOC")]


class Files:
    """The files' sentences, one after another."""

    def __init__(self, paths):
        self.names, self.sentences, self.of = [], [], []
        for p in paths:
            self.names.append(re.sub(r"\.tsv(\.gz)?$", "", pathlib.Path(p).name))
            for s in read(p):
                if s[0][0] != "-DOCSTART-":
                    self.sentences.append([(re.sub(r"\s", "_", w), t) for w, t in s])
                    self.of.append(len(self.names) - 1)
        self.gold = [spans([t for _, t in s]) for s in self.sentences]
        self.tokens = sum(map(len, self.sentences))

    def write(self, path):
        """In the form of prepare.py, tokens parted by blanks."""
        lines = (" ".join(w for w, _ in s) for s in self.sentences)
        text = "\n\n".join(lines).replace("\\", "\\\\").replace("\n", "\\n")
        with gzip.open(path, "wt", encoding="utf-8", newline="\n") as f:
            f.write(f"all\tall\t{text}\n")

    def report(self, told):
        for i, name in enumerate(self.names):
            here = [k for k, f in enumerate(self.of) if f == i]
            yield name, scores([self.gold[k] for k in here], [told[k] for k in here])


def speed(stderr):
    found = re.findall(r"(\d+) a second of CPU", stderr)
    if not found:
        sys.exit(stderr)
    return int(found[-1])


def spacy(files, model, folder):
    files.write(folder / "in.gz")
    run = [sys.executable, HERE / "label_spacy.py", "--tokens", model, folder / "in.gz", folder / "out.gz"]
    done = subprocess.run(run, env=ONE, capture_output=True, text=True, check=False)
    starts, ends, at = {}, {}, 0
    for k, s in enumerate(files.sentences):
        for i, (w, _) in enumerate(s):
            starts[at] = (k, i)
            at += len(w.encode())
            ends[at] = (k, i + 1)
            at += 1
        at += 1
    told = [set() for _ in files.sentences]
    rate = speed(done.stderr)
    with gzip.open(folder / "out.gz", "rt", encoding="utf-8") as f:
        for x in f.read().rstrip("\n").partition("\t")[2].split():
            a, b, kind = x.split(",")
            if kind in LETTERS:
                (k, i), (_, j) = starts[int(a)], ends[int(b)]
                words = files.sentences[k]
                i += words[i][0].lower() == "the"
                j -= words[j - 1][0] in ("'s", "’s")
                if i < j:
                    told[k].add((i, j, LETTERS[kind]))
    return told, rate


def stanford(files, jars, folder):
    files.write(folder / "in.gz")
    run = ["java", "-Xmx2g", "-XX:+UseSerialGC", "-cp", f"{jars}/*", HERE / "Label.java", "--tokens", folder / "in.gz", folder / "out.gz", CRF]
    done = subprocess.run(run, env=ONE, capture_output=True, text=True, check=False)
    rate, told = speed(done.stderr), []
    with gzip.open(folder / "out.gz", "rt", encoding="utf-8") as f:
        for s in f.read().partition("\t")[2].split("| ")[1:]:
            letters = [t.rsplit(",", 1)[1] for t in s.split()]
            tags = ["O" if x not in LETTERS else f"I-{LETTERS[x]}" for x in letters]
            told.append(spans(tags))
    return told, rate


def processor(run, source, target):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(source, "rb") as i, open(target, "wb") as o:
        subprocess.run(run, env=ONE, stdin=i, stdout=o, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def dateline(files, paths, binary, folder, times=10):
    """Takes the files as they are, with the borders of their documents."""
    run, parts = [binary, "extract", "--conll"], []
    for p in paths:
        named = any(s[0][0] == "-DOCSTART-" for s in read(p))
        for s in read(p):
            if s[0][0] != "-DOCSTART-":
                parts += [] if named else ["-DOCSTART-\tO\n\n"]
                parts += [re.sub(r"\s", "_", w) + "\n" for w, _ in s] + ["\n"]
            else:
                parts.append("-DOCSTART-\tO\n\n")
    whole = "".join(parts)
    for name, text in (("none", ""), ("once", whole), ("many", whole * times)):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    processor(run, folder / "once", folder / "out")
    told = [spans([t for _, t in s]) for s in read(folder / "out") if s[0][0] != "-DOCSTART-"]
    idle = processor(run, folder / "none", folder / "void")
    busy = processor(run, folder / "many", folder / "void")
    return told, int(files.tokens * times / max(busy - idle, 1e-3))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--dateline", metavar="NAME=BIN", action="append", default=[])
    p.add_argument("--jars", metavar="FOLDER")
    p.add_argument("--spacy", metavar="NAME=MODEL", action="append", default=[])
    p.add_argument("files", nargs="+")
    a = p.parse_args()
    files, table = Files(a.files), []
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        for s in a.spacy:
            name, _, model = s.partition("=")
            table.append((name, *spacy(files, model, folder)))
        if a.jars:
            table.append(("Stanford CRF, 3 class", *stanford(files, a.jars, folder)))
        for d in a.dateline:
            name, _, binary = d.partition("=")
            table.append((name, *dateline(files, a.files, binary, folder)))
    print("| file | " + " | ".join(name for name, _, _ in table) + " |")
    print("|---" * (len(table) + 1) + "|")
    columns = [list(files.report(told)) for _, told, _ in table]
    for i, name in enumerate(files.names):
        cells = ("{:.1f} ({:.0f} / {:.0f} / {:.0f})".format(*c[i][1]) for c in columns)
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("| tokens a second and core | " + " | ".join(f"{rate:,}" for _, _, rate in table) + " |")


if __name__ == "__main__":
    main()
