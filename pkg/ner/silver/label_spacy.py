#!/usr/bin/env python3
"""Has a spaCy pipeline label the texts of prepare.py.

    label_spacy.py [--tokens] MODEL TEXTS.tsv.gz OUT.tsv.gz

MODEL is a package name or a folder. One line a document: its id, a tab, its names in order, parted
by a blank: "start,end,letter", byte offsets into the UTF-8 text; P person, G organisation,
L place (GPE, LOC, FAC), M nationality, work, product, event or law. Dates and amounts
are left out. With --tokens the texts are tokens parted by single blanks, a sentence a
paragraph, and stay as they are. Prints the processor time of the pipeline alone.
"""
import gzip
import sys
import time

import spacy
from spacy.tokens import Doc

LETTER = dict.fromkeys(("GPE", "LOC", "FAC"), "L") | {"PERSON": "P", "ORG": "G"}
LETTER |= dict.fromkeys(("NORP", "WORK_OF_ART", "PRODUCT", "EVENT", "LAW", "LANGUAGE"), "M")


def unescape(s):
    parts = s.split("\\\\")
    return "\\".join(p.replace("\\n", "\n").replace("\\t", "\t") for p in parts)


def byte_offsets(text):
    """Byte offset of each character, and of the end."""
    out, at = [], 0
    for c in text:
        out.append(at)
        at += len(c.encode())
    out.append(at)
    return out


def main(tokens, model, source, target):
    nlp = spacy.load(model, exclude=["tagger", "parser", "lemmatizer", "attribute_ruler", "senter"])
    spent = count = 0

    def pieces():
        # A paragraph at a time: the pipeline sees no further than a few words anyway.
        with gzip.open(source, "rt", encoding="utf-8", newline="\n") as f:
            for line in f:
                doc, _, text = line.rstrip("\n").split("\t")
                at = 0
                for p in unescape(text).split("\n\n"):
                    yield (Doc(nlp.vocab, words=p.split(" ")) if tokens else nlp.make_doc(p)), (doc, at)
                    at += len(p.encode()) + 2

    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        row, last = [], None
        began = time.process_time()
        for d, (doc, at) in nlp.pipe(pieces(), as_tuples=True, batch_size=256):
            if doc != last:
                if last is not None:
                    out.write(f"{last}\t{' '.join(row)}\n".encode())
                row, last = [], doc
            count += len(d)
            if not d.ents:
                continue
            byte = None if d.text.isascii() else byte_offsets(d.text)
            for e in d.ents:
                if e.label_ in LETTER:
                    a, b = e.start_char, e.end_char
                    if byte:
                        a, b = byte[a], byte[b]
                    row.append(f"{at + a},{at + b},{LETTER[e.label_]}")
        spent = time.process_time() - began
        if last is not None:
            out.write(f"{last}\t{' '.join(row)}\n".encode())
    print(f"{target}: {count} tokens, {count / max(spent, 1e-9):.0f} a second of CPU", file=sys.stderr)


if __name__ == "__main__":
    argv = sys.argv[1:]
    tokens = argv[:1] == ["--tokens"]
    if len(argv) - tokens != 3:
        sys.exit(__doc__)
    main(tokens, *argv[tokens:])
