#!/usr/bin/env python3
"""Makes one set of labels out of what the teachers said.

    merge.py OUT TEXTS.tsv.gz MAIN.gz [OTHER.gz …] [spacy:NAMES.gz …]

Writes OUT.jsonl.gz and OUT.heldout.jsonl.gz, one document a line:
{"doc", "source", "text", "spans": [[start, end, kind, votes], …], "unsure": [[start, end], …]},
bytes of the UTF-8 text, kinds PER, ORG and LOC. Whole outlets are held out, those whose name's
SHA-256 is low (about one document in twelve); of a set without outlets, whole documents.

MAIN (labels of Label.java) decides; its slips are mended by what it says elsewhere in the
document and in all texts (see Document). The others vote: `unsure` is where none of them
agrees with MAIN and one has another kind or border, and what two of them, or the only one, call a
name and MAIN does not. Where MAIN alone sees a name it is trusted: of 61 doubtful organisations that
were read, 43 were right ("GOP", "Taliban", "Facebook"), and of 87 stretches that MAIN alone did not
see, some 30 were names. Names that the others usually agree about are never unsure.
"""
import collections
import gzip
import hashlib
import json
import re
import sys

KINDS = {"P": "PER", "G": "ORG", "L": "LOC"}
SHARE = 0.75  # of a name's mentions in a document that decide about the rest …
LEAST = 3  # … given this many
BRACKETS = 50  # as many mentions counts "European Union (EU)" for EU
RARE = 0.1  # a kind that a name has less often than this in all texts is a slip
KNOWN = 0.5  # a name about which others agree more often than this is never unsure
HELD = 0.08

# What MAIN takes for names and is none: laws and programmes, peoples, faiths, parties' adjectives.
NEVER = set(
    "Obamacare ObamaCare Medicare Medicaid Islam Christianity Judaism DACA ACA Republican Democrat "
    "Democratic GDP CEO CFO COVID COVID-19 Covid AIDS HIV TV DNA Brexit Christmas Thanksgiving "
    "Easter Ramadan Bible Koran Quran Nobel Earth Internet Web Constitution".split()
) | {"Social Security", "World War II", "World War I", "Cold War", "Affordable Care Act"}
PARTY_STATE = re.compile(r"^[RDI]-[A-Z]")
TITLE = re.compile(
    r"^(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Rev|Prof|President|Senator|Judge|Justice|Sir|"
    r"Minister|King|Queen|Pope|Prince|Princess|Secretary|Speaker|General|Chancellor)\.?$"
)
OFFICES = {"Secretary", "Minister", "Secretaries", "Ministers", "secretary", "minister"}
PORTFOLIOS = set("State Defense Defence Interior Justice Finance Foreign Treasury Commerce Energy Health Trade Labor Labour "
                 "Agriculture Education Transport Transportation Homeland Environment Information Oil".split())
QUOTES = set("\"'“”‘’")
KEPT_TITLE = {"Prince", "Princess", "King", "Queen", "Pope", "Judge", "Justice", "General"}


def texts(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as f:
        for line in f:
            doc, outlet, text = line.rstrip("\n").split("\t")
            parts = text.split("\\\\")
            text = "\\".join(p.replace("\\n", "\n").replace("\\t", "\t") for p in parts)
            yield doc, outlet, text.encode()


def token_rows(path):
    """Yields id, tokens [(start, end)], sentence number of each, and one string of tags a model."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as f:
        for line in f:
            doc, _, rest = line.rstrip("\n").partition("\t")
            tokens, tags, sentence, number, at = [], [], [], 0, 0
            for t in rest.split():
                if t == "|":
                    number += 1
                    continue
                gap, length, tag = t.split(",")
                start = at + int(gap)
                at = start + int(length)
                tokens.append((start, at))
                tags.append(tag)
                sentence.append(number)
            yield doc, tokens, sentence, ["".join(c) for c in zip(*tags)]


def name_rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            doc, _, rest = line.rstrip("\n").partition("\t")
            yield doc, [(int(a), int(b), k) for a, b, k in (x.split(",") for x in rest.split())]


def runs(tags, sentence):
    """Names as (first token, last token + 1, kind)."""
    i, n = 0, len(tags)
    while i < n:
        j = i + 1
        while j < n and tags[j] == tags[i] and sentence[j] == sentence[i]:
            j += 1
        if tags[i] in KINDS:
            yield i, j, tags[i]
        i = j


def snap(names, tokens):
    """Names in bytes as names in tokens, without a leading article; those off the grid are dropped."""
    first = {a: i for i, (a, _) in enumerate(tokens)}
    last = {b: i + 1 for i, (_, b) in enumerate(tokens)}
    for a, b, kind in names:
        if a in first and b in last and kind in KINDS:
            yield first[a], last[b], kind


class Document:
    """One text with the names of all teachers."""

    def __init__(self, doc, outlet, text, tokens, sentence, columns, named):
        self.doc, self.outlet, self.text = doc, outlet, text
        self.tokens, self.sentence = tokens, sentence
        self.main = [s for n in runs(columns[0], sentence) if (s := self.trim(n))]
        self.others = [set(filter(None, map(self.trim, runs(c, sentence)))) for c in columns[1:]]
        self.others += [set(filter(None, map(self.trim, snap(n, tokens)))) for n in named]

    def surface(self, i, j):
        return self.text[self.tokens[i][0] : self.tokens[j - 1][1]].decode()

    def word(self, i):
        return self.text[slice(*self.tokens[i])].decode()

    def trim(self, name):
        """Takes titles, articles and marks off the ends; None if no name is left."""
        i, j, kind = name
        while i < j and (
            not any(c.isalnum() for c in self.word(i))
            or self.word(i) in ("the", "The", "a", "A")
            or (j - i > 1 and kind == "P" and (w := self.word(i)) not in KEPT_TITLE and TITLE.match(w))
        ):
            i += 1
        while j > i and (self.word(j - 1) in ("'s", "’s") or self.word(j - 1) in ",;:\"'’”()"):
            j -= 1
        if i == j or self.of_office(i, j):
            return None
        s = self.surface(i, j)
        if s in NEVER or PARTY_STATE.match(s) or not any(c.isupper() for c in s):
            return None
        return i, j, kind

    def of_office(self, i, j):
        """Whether i to j is what a minister is minister of: no name by itself."""
        before = self.word(i - 1) == "of" and i > 1 and self.word(i - 2) if i > 0 else ""
        after = self.word(j) if j < len(self.tokens) else ""
        if not {before, after} & OFFICES or j - i > 3:
            return False
        return self.word(i) in PORTFOLIOS

    def votes(self, name):
        return sum(name in o for o in self.others)

    def join_nicknames(self):
        """Makes one name of Mary Jane "Mae" West, whatever its last part is taken for."""
        joined = []
        for i, j, k in self.main:
            if joined and joined[-1][2] == "P":
                a, b, _ = joined[-1]
                marks = [t for t in range(a, i) if self.word(t) in QUOTES]
                quoted = len(marks) == 2 and marks[1] == i - 1 and marks[1] - marks[0] in (2, 3) and marks[0] <= b
                if quoted and self.sentence[a] == self.sentence[i] and self.word(i - 2)[0].isupper():
                    joined[-1] = (a, j, "P")
                    continue
            joined.append((i, j, k))
        self.main = joined

    def mend(self, kinds):
        """Lets the document's and the collection's majority overrule single mentions."""
        self.join_nicknames()
        here = collections.defaultdict(collections.Counter)
        for i, j, k in self.main:
            here[self.surface(i, j)][k] += 1
        for s, kind in self.bracketed():
            here[s][kind] += BRACKETS
        # The surname of somebody named in full counts with him.
        for i, j, k in list(self.main):
            if k == "P" and j - i > 1:
                here[self.surface(j - 1, j)]["P"] += 1
        mended = []
        for i, j, k in self.main:
            s = self.surface(i, j)
            top, n = here[s].most_common(1)[0]
            total = here[s].total()
            everywhere = kinds[s]
            if n >= LEAST and n >= SHARE * total:
                k = top
            elif everywhere.total() >= 30 and everywhere[k] < RARE * everywhere.total():
                k = everywhere.most_common(1)[0][0]
            mended.append((i, j, k))
        self.main = mended
        self.main = sorted(self.main + list(self.missed(here)))

    def bracketed(self):
        """Acronyms that stand in brackets behind the name that they are made of."""
        for i, j, kind in self.main:
            if kind != "P" and j + 2 < len(self.tokens) and self.word(j) == "(" and self.word(j + 2) == ")":
                short = self.word(j + 1)
                initials = [w[0] for w in self.surface(i, j).split() if w[0].isupper()]
                if short.isupper() and 2 <= len(short) <= 6 and len(initials) > 1 and short[0] == initials[0]:
                    yield short, kind

    def missed(self, here):
        """Mentions left unlabelled of a name that is labelled nearly everywhere else in the text."""
        taken = {t for i, j, _ in self.main for t in range(i, j)}
        by_first = collections.defaultdict(list)
        for s, c in here.items():
            kind, n = c.most_common(1)[0]
            if n >= LEAST and n >= SHARE * c.total():
                by_first[s.split(" ")[0]].append((s, kind, n))
        if not by_first:
            return
        spare = collections.defaultdict(list)
        for i in range(len(self.tokens)):
            for s, kind, n in by_first.get(self.word(i), ()):
                j = i + len(s.split(" "))
                if j > len(self.tokens) or any(t in taken for t in range(i - 1, j + 1)):
                    continue
                if self.sentence[i] == self.sentence[j - 1] and self.surface(i, j) == s:
                    spare[s, kind, n].append((i, j))
        for (_, kind, n), places in spare.items():
            if len(places) * 3 <= n:
                for i, j in places:
                    if not any(t in taken for t in range(i, j)):
                        taken.update(range(i, j))
                        yield i, j, kind

    def record(self, known):
        spans, unsure = [], []
        covered = set()
        for name in self.main:
            i, j, kind = name
            votes = self.votes(name)
            spans.append([self.tokens[i][0], self.tokens[j - 1][1], KINDS[kind], 1 + votes])
            covered.update(range(i, j))
            if self.others and not votes and (self.surface(i, j), kind) not in known:
                over = [(x, y) for o in self.others for x, y, _ in o if x < j and y > i]
                if over:
                    unsure.append((min(i, *(x for x, _ in over)), max(j, *(y for _, y in over))))
        found = collections.Counter(n for o in self.others for n in o)
        need = 2 if len(self.others) > 1 else 1
        for (i, j, _), n in found.items():
            if n >= need and not covered.intersection(range(i, j)):
                unsure.append((i, j))
        merged = []
        for a, b in sorted(unsure):
            a, b = self.tokens[a][0], self.tokens[b - 1][1]
            if merged and a < merged[-1][1]:
                merged[-1][1] = max(b, merged[-1][1])
            else:
                merged.append([a, b])
        text = self.text.decode()
        return {"doc": self.doc, "source": self.outlet, "text": text, "spans": spans, "unsure": merged}


def documents(path, labels):
    tables = [p for p in labels if not p.startswith("spacy:")]
    named = [name_rows(p[6:]) for p in labels if p.startswith("spacy:")]
    for (doc, outlet, text), *rows in zip(texts(path), *map(token_rows, tables), *named, strict=True):
        if any(r[0] != doc for r in rows):
            sys.exit(f"{doc}: the files of labels belong to other texts")
        tables_of, named_of = rows[: len(tables)], rows[len(tables) :]
        _, tokens, sentence, columns = tables_of[0]
        for r in tables_of[1:]:
            columns = columns + r[3]
        if tokens:
            yield Document(doc, outlet, text, tokens, sentence, columns, [n for _, n in named_of])


def held(document):
    source = document.outlet if document.outlet not in document.doc else document.doc
    return hashlib.sha256(f"dateline-silver-10:{source}".encode()).digest()[0] < HELD * 256


def main(out, path, *labels):
    kinds = collections.defaultdict(collections.Counter)
    agreed, total = collections.Counter(), collections.Counter()
    for d in documents(path, labels):
        for name in d.main:
            key = (d.surface(*name[:2]), name[2])
            kinds[key[0]][key[1]] += 1
            total[key] += 1
            agreed[key] += bool(d.votes(name))
    known = {k for k, n in total.items() if n >= 10 and agreed[k] > KNOWN * n}

    files = {h: open(f"{out}{'.heldout' * h}.jsonl.gz", "wb") for h in (False, True)}
    writers = {h: gzip.GzipFile("", "wb", 6, f, mtime=0) for h, f in files.items()}
    count = collections.Counter()
    for d in documents(path, labels):
        d.mend(kinds)
        r = d.record(known)
        h = held(d)
        line = json.dumps(r, ensure_ascii=False, separators=(",", ":"))
        writers[h].write(line.encode() + b"\n")
        count[h, "documents"] += 1
        count[h, "tokens"] += len(d.tokens)
        count[h, "unsure"] += len(r["unsure"])
        count.update((h, s[2]) for s in r["spans"])
    for h in (False, True):
        writers[h].close()
        files[h].close()
        print(files[h].name, {k: n for (x, k), n in sorted(count.items()) if x == h}, file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
