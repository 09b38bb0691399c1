#!/usr/bin/env python3
"""Turns collections of news into clean texts, ready for the teachers.

    prepare.py articles articles.jsonl.gz OUT.tsv.gz    {id, source, text} a line
    prepare.py tokens   set.tsv.gz        OUT.tsv.gz    token<TAB>tag a line; tags are not read
    prepare.py wiki     pages.xml.bz2     OUT.tsv.gz    a dump of Wikipedia's pages
    prepare.py summaries pages.json       OUT.tsv.gz    {title: {"extract": …}}: openings of Wikipedia's pages
    prepare.py lists    FOLDER            OUT.tsv.gz    JSON files, each a list of sentences

Writes one document a line: id, outlet, text, parted by tabs; backslash, tab and line
feed inside a text are written \\\\, \\t and \\n. Paragraphs are parted by two line feeds.

Left out, because a tagger should not learn from it: lines that many articles share (share bars,
sign-up lines, copyright), photo credits, a paragraph that stood in an earlier article
(so copies and rewrites count once), and documents of which too little is left.
"""
import bz2
import collections
import gzip
import html
import json
import pathlib
import re
import sys
from xml.etree import ElementTree

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


WIKI = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), by)
    for pattern, by in (
        (r"<!--.*?-->|<ref[^>]*/>|<ref.*?</ref>|<(math|gallery|code|pre|nowiki|timeline)\b.*?</\1>", ""),
        (r"<[^>]{1,200}>|__[A-Z]+__|'{2,}", ""),
        (r"\[https?://\S+ ?([^\]]*)\]", r"\1"),
    )
)
INNER = re.compile(r"\{\{[^{}]*\}\}|\{\|(?:(?!\{\||\|\}).)*\|\}", re.DOTALL)  # templates, tables
LINK = re.compile(r"\[\[([^\[\]]*)\]\]")


def linked(m):
    target, _, shown = m.group(1).rpartition("|")
    if re.match(r"(?:File|Image|Category|[a-z-]{2,12}):", target or shown, re.IGNORECASE):
        return ""
    return shown or target


def wiki(path):
    with bz2.open(path, "rb") as f:
        title, seen = "", set()
        for _, e in ElementTree.iterparse(f):
            tag = e.tag.rpartition("}")[2]
            if tag == "title":
                title = e.text or ""
            if tag != "text" or not e.text or e.text[:9].upper() == "#REDIRECT":
                continue
            text = e.text
            for pattern, by in WIKI:
                text = pattern.sub(by, text)
            for pattern, by in ((INNER, ""), (LINK, linked)):
                before = ""
                while before != text:
                    before, text = text, pattern.sub(by, text)
            text = html.unescape(text)
            kept = [p for p in paragraphs(text) if len(p) > 80 and p[0].isalnum() and not set(p) & set("{}[]|")]
            kept = [p for p in kept if p not in seen]
            seen.update(kept)
            yield f"wiki-{title}", "wiki", "\n\n".join(re.sub(r"\(\s*[,;]?\s*\)", "", p) for p in kept)
            e.clear()


def summaries(path):
    pages = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    for title, page in sorted(pages.items()):
        yield f"vital-{title}", "vital", "\n\n".join(paragraphs(page["extract"]))


def lists(folder):
    seen = set()
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        sentences = [" ".join(s.split()) for s in json.loads(path.read_text(encoding="utf-8"))]
        kept = []
        for s in sentences:
            if len(s) > 20 and s not in seen:
                seen.add(s)
                kept.append(s)
        for i in range(0, len(kept), BLOCK):
            yield f"lists-{path.stem}-{i}", "lists", "\n\n".join(kept[i : i + BLOCK])


def escape(s):
    return s.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


KINDS = {"articles": articles, "tokens": token_documents, "wiki": wiki, "summaries": summaries, "lists": lists}


def main(kind, source, target):
    documents = KINDS[kind](source)
    n = size = 0
    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        for doc, outlet, text in documents:
            if len(text) < LEAST:
                continue
            out.write("\t".join(map(escape, (str(doc), outlet, text))).encode() + b"\n")
            n, size = n + 1, size + len(text)
    print(f"{target}: {n} documents, {size} characters", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    main(*sys.argv[1:])
