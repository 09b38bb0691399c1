#!/usr/bin/env python3
"""Turns collections of news into clean texts, ready for the teachers.

    prepare.py articles articles.jsonl.gz OUT.tsv.gz    {id, source, text} a line
    prepare.py tokens   set.tsv.gz        OUT.tsv.gz    token<TAB>tag a line; tags are not read

Writes one document a line: id, outlet, text, parted by tabs; backslash, tab and line
feed inside a text are written \\\\, \\t and \\n. Paragraphs are parted by two line feeds.

Left out, because a tagger should not learn from it: lines that many articles share (share bars,
sign-up lines, copyright), photo credits, a paragraph that stood in an earlier article
(so copies and rewrites count once), and documents of which too little is left.
"""
import collections
import gzip
import json
import re
import sys

SHORT = 100  # a line of fewer characters is a template line when it comes back
SHARED = 4  # … in this many articles
LEAST = 200  # characters of a document worth keeping
BLOCK = 12  # sentences of a token file that make one document

JUNK = re.compile(
    r"^(Advertisement:?|Story Continued Below|Enlarge this image.*|Copyright © .*|Sign up .*|"
    r"CLICK HERE .*|Follow @.*|Read more:?.*|READ MORE:?.*|Slideshow \(.*|Photos?: .*|"
    r"next Image .*|prev Image .*|SHARE THIS .*|Loading\.\.\.|Newsletter Sign Up .*|"
    r"\[?(?:pullquote|music|laughter)\]?|\W*)$"
)
INLINE = (
    (re.compile(r"\( ?(?:PHOTOS?|VIDEO|RELATED|Also on POLITICO|See also|Also): [^()]*\)"), ""),
    (re.compile(r"https?://\S+|\bpic\.twitter\.com/\S+"), ""),
    (re.compile(r"[\u200b\u200e\u200f\ufeff\u00ad]"), ""),
    (re.compile(r"[ \t\r\x0b\x0c\u00a0\u2000-\u200a\u202f]+"), " "),
)
# Variants of one outlet's name in the collection.
OUTLET = re.compile(
    r" (?:- .*|\(.*\)|Online News|Online|News)$|^(?=Guest Writer).*", re.IGNORECASE
)


def paragraphs(text):
    for line in text.split("\n"):
        for pattern, by in INLINE:
            line = pattern.sub(by, line)
        line = line.strip()
        if line and not JUNK.match(line):
            yield line


def articles(path):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        records = [json.loads(line) for line in f]
    count = collections.Counter()
    for r in records:
        count.update({p for p in paragraphs(r["text"]) if len(p) < SHORT})
    seen = set()
    for r in records:
        kept = []
        for p in paragraphs(r["text"]):
            if len(p) < SHORT:
                if count[p] >= SHARED:
                    continue
            elif p in seen:
                continue
            seen.add(p)
            kept.append(p)
        yield r["id"], OUTLET.sub("", r["source"]) or "guest", "\n\n".join(kept)


NO_SPACE_BEFORE = re.compile(r" (?=[.,;:!?%)\]}’]|'s\b|n't\b|'(?:re|ve|ll|d|m)\b)")
NO_SPACE_AFTER = re.compile(r"(?<=[(\[{$£€]) ")
QUOTED = re.compile(r'" ([^"]*?) "')


def detokenise(tokens):
    s = " ".join(tokens)
    s = QUOTED.sub(r'"\1"', s)
    return NO_SPACE_AFTER.sub("", NO_SPACE_BEFORE.sub("", s)).strip()


def token_documents(path):
    name = re.sub(r"\.tsv\.gz$", "", path.rsplit("/", 1)[-1])
    seen, block, number, sentence = set(), [], 0, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in [*f, "\n"]:
            token = line.rstrip("\n").split("\t")[0]
            if token and token != "-DOCSTART-":
                sentence.append(token)
                continue
            text = detokenise(sentence)
            sentence = []
            if len(text) < 20 or text in seen:
                continue
            seen.add(text)
            block.append(text)
            if len(block) == BLOCK:
                yield f"{name}-{number:05d}", name, "\n\n".join(block)
                number, block = number + 1, []
    if block:
        yield f"{name}-{number:05d}", name, "\n\n".join(block)


def escape(s):
    return s.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def main(kind, source, target):
    documents = {"articles": articles, "tokens": token_documents}[kind](source)
    n = size = 0
    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        for doc, outlet, text in documents:
            if len(text) < LEAST:
                continue
            out.write("\t".join(map(escape, (str(doc), outlet, text))).encode() + b"\n")
            n, size = n + 1, size + len(text)
    print(f"{target}: {n} documents, {size} characters", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("articles", "tokens"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
