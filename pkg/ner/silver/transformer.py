#!/usr/bin/env python3
"""A teacher made of a small transformer: fine-tuned on annotated texts and some labels of merge.py.

    transformer.py train MODEL OUT.pt --gold FILE.tsv.gz[*N] … --silver FILE.jsonl.gz=WORDS …
    transformer.py score MODEL OUT.pt FILE.tsv.gz …
    transformer.py label MODEL OUT.pt TEXTS.tsv.gz ROWS.gz OUT [--share S] [--trust T] [--more ROWS.gz …]

MODEL is a folder with an encoder and its tokeniser (here: all-mpnet-base-v2). It reads small letters
alone, so the case of each word goes in as an embedding of its own. `train` writes the weights,
`score` prints F1 by kind. `label` writes OUT.main.gz, labels in the form of Label.java on the tokens
of ROWS.gz: the best sequence by log-probability, where the tag of ROWS.gz's first model has T more;
with them OUT.texts.gz and OUT.other1.gz … , the lines of TEXTS and of all ROWS for the same share of
documents. merge.py takes the former for its main teacher and the others as votes.

Speed on 2 cores with AMX: 400 word pieces a second in training, 1,500 in labelling.
"""
import argparse
import gzip
import hashlib
import json
import random
import re
import time

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

import merge

TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
NUMBER = {t: i for i, t in enumerate(TAGS)}
LETTER = {"O": "O", "PER": "P", "ORG": "G", "LOC": "L"}
IGNORED = -100  # no loss: later pieces of a word, and where labels are unsure
CASES, SKETCH = 8, re.compile(r"\w+(?:['’.&-]\w+)*\.?|[^\w\s]")
CHUNK, PIECES = 80, 190  # words that training sees at once, and word pieces at most
FROZEN = 4  # layers at the bottom that stay as they are, with the embeddings
GOLD_EMPTY, SILVER_EMPTY = 0.25, 0.3  # share kept of chunks without a name


def case_of(word):
    if word.islower():
        return 1
    if len(word) > 1 and word.isupper():
        return 3
    if word[0].isupper():
        return 2
    if any(c.isupper() for c in word):
        return 4
    if word.isdigit():
        return 5
    return 6 if any(c.isalpha() for c in word) else 7


def repaired(tags):
    """BIO2: an I- that continues nothing begins a name."""
    out, before = [], "O"
    for t in tags:
        if t[0] == "I" and (before[0] not in "BI" or before[2:] != t[2:]):
            t = "B-" + t[2:]
        out.append(t)
        before = t
    return out


def gold_chunks(path, size=CHUNK):
    """Sentences of one document, joined up to size words."""
    chunks, words, tags = [], [], []

    def flush():
        nonlocal words, tags
        if words:
            chunks.append((words, repaired(tags)))
        words, tags = [], []

    with gzip.open(path, "rt", encoding="utf-8") as f:
        lines = f.read().split("\n")
    named = any(line.startswith("-DOCSTART-") for line in lines)
    sentence = []
    for line in lines + [""]:
        if line.startswith("-DOCSTART-"):
            flush()
        elif line.strip():
            sentence.append(line.split("\t")[:2])
        elif sentence:
            if not named or len(words) + len(sentence) > size:
                flush()
            words += [w for w, _ in sentence]
            tags += [t if t in NUMBER else "O" for _, t in sentence]
            sentence = []
    flush()
    return chunks


def silver_chunks(path, wanted, rng):
    """Half of the paragraphs' stretches of documents drawn at random, until there are enough words."""
    with gzip.open(path) as f:
        lines = [line for line in f if line.strip()]
    rng.shuffle(lines)
    chunks, count = [], 0
    for line in lines:
        if count >= wanted:
            break
        d = json.loads(line)
        text = d["text"].encode()
        for paragraph in re.finditer(rb"[^\n]+", text):
            words, tags, at, done = [], [], paragraph.start(), 0
            content = paragraph.group().decode()
            for m in SKETCH.finditer(content):
                start = at + len(content[done : m.start()].encode())
                at, done = start + len(m.group().encode()), m.end()
                words.append(m.group())
                tags.append(tag_at(d, start, at))
            for i in range(0, len(words), CHUNK + 10):
                w, t = words[i : i + CHUNK + 10], tags[i : i + CHUNK + 10]
                empty = all(x == "O" for x in t)
                if rng.random() < 0.5 or empty and rng.random() > SILVER_EMPTY:
                    continue
                chunks.append((w, repaired(t)))
                count += len(w)
    return chunks


def tag_at(d, start, end):
    if any(a < end and start < b for a, b in d["unsure"]):
        return "?"
    for a, b, kind, *_ in d["spans"]:
        if a < end and start < b:
            return ("B-" if start <= a else "I-") + kind
    return "O"


class Tagger(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        self.pieces = AutoTokenizer.from_pretrained(folder)
        self.encoder = AutoModel.from_pretrained(folder)
        width = self.encoder.config.hidden_size
        self.case = torch.nn.Embedding(CASES, width)
        torch.nn.init.zeros_(self.case.weight)
        self.drop = torch.nn.Dropout(0.1)
        self.head = torch.nn.Linear(width, len(TAGS))

    def forward(self, ids, cases, mask):
        x = self.encoder.embeddings.word_embeddings(ids) + self.case(cases)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            h = self.encoder(inputs_embeds=x, attention_mask=mask).last_hidden_state
            return self.head(self.drop(h))

    def encode(self, words, tags=None):
        """Piece numbers, cases, labels, and where each word's first piece is."""
        ids, cases, labels, first = [self.pieces.bos_token_id], [0], [IGNORED], []
        split = self.pieces([w.lower() for w in words], add_special_tokens=False)["input_ids"]
        for i, parts in enumerate(split):
            parts = parts[:6] or [self.pieces.unk_token_id]
            if len(ids) + len(parts) > PIECES:
                break
            first.append(len(ids))
            ids += parts
            cases += [case_of(words[i])] * len(parts)
            labels += [NUMBER.get(tags[i], IGNORED) if tags else IGNORED] + [IGNORED] * (len(parts) - 1)
        return ids + [self.pieces.eos_token_id], cases + [0], labels + [IGNORED], first

    def batch(self, items):
        size = max(len(i[0]) for i in items)
        fill = (self.pieces.pad_token_id, 0, IGNORED)
        columns = [torch.full((len(items), size), f) for f in fill]
        mask = torch.zeros((len(items), size), dtype=torch.long)
        for k, item in enumerate(items):
            for column, values in zip(columns, item):
                column[k, : len(values)] = torch.tensor(values)
            mask[k, : len(item[0])] = 1
        return *columns, mask

    @torch.no_grad()
    def predict(self, chunks, pieces=4000):
        """Log-probabilities [words, tags] of each chunk; a chunk's end may be cut."""
        self.eval()
        result = [None] * len(chunks)
        items = sorted(((i, self.encode(words)) for i, words in enumerate(chunks)), key=lambda x: len(x[1][0]))
        while items:
            n = max(1, next((k for k in range(len(items)) if (k + 1) * len(items[k][1][0]) > pieces), len(items)))
            ids, cases, _, mask = self.batch([e for _, e in items[:n]])
            logs = self(ids, cases, mask).float().log_softmax(-1)
            for row, (i, e) in zip(logs, items[:n]):
                result[i] = row[e[3]].numpy()
            items = items[n:]
        return result


FORBIDDEN = np.zeros((len(TAGS), len(TAGS)), dtype=np.float32)
for _i, _a in enumerate(TAGS):
    for _j, _b in enumerate(TAGS):
        if _b[0] == "I" and _a[2:] != _b[2:]:
            FORBIDDEN[_i, _j] = -1e4


def best(logs):
    """The most probable sequence of tags that is well-formed."""
    score, back = logs[0] + FORBIDDEN[0], []
    for row in logs[1:]:
        ways = score[:, None] + FORBIDDEN
        back.append(ways.argmax(0))
        score = ways.max(0) + row
    tag = int(score.argmax())
    path = [tag]
    for origin in reversed(back):
        tag = int(origin[tag])
        path.append(tag)
    return [TAGS[t] for t in reversed(path)]


def train(args):
    rng = random.Random(1)
    torch.manual_seed(1)
    chunks = []
    for spec in args.gold:
        path, _, times = spec.partition("*")
        some = [c for c in gold_chunks(path) if set(c[1]) != {"O"} or rng.random() < GOLD_EMPTY]
        chunks += some * int(times or 1)
    for spec in args.silver:
        path, _, words = spec.partition("=")
        chunks += silver_chunks(path, int(words), rng)
    net = Tagger(args.model)
    still = [net.encoder.embeddings, *net.encoder.encoder.layer[:FROZEN]]
    for p in (p for part in still for p in part.parameters()):
        p.requires_grad = False
    body = [p for p in net.encoder.parameters() if p.requires_grad]
    heads = [*net.case.parameters(), *net.head.parameters()]
    optimiser = torch.optim.AdamW([{"params": body, "lr": 5e-5}, {"params": heads, "lr": 1.5e-3}], weight_decay=0.01, fused=True)
    items = sorted((net.encode(*c) for c in chunks), key=lambda e: len(e[0]) + 8 * rng.random())
    batches = [[]]
    for e in items:
        if (len(batches[-1]) + 1) * len(e[0]) > 1600:
            batches.append([])
        batches[-1].append(e)
    rng.shuffle(batches)
    steps = len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: min((s + 1) / 40, max(0.02, 1 - s / steps)))
    began, mean = time.time(), None
    for step, b in enumerate(batches):
        net.train()
        ids, cases, labels, mask = net.batch(b)
        loss = torch.nn.functional.cross_entropy(net(ids, cases, mask).float().flatten(0, 1), labels.flatten(), ignore_index=IGNORED)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(body, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        mean = loss.item() if mean is None else 0.95 * mean + 0.05 * loss.item()
        if step % 20 == 0:
            print(f"{step} of {steps}: loss {mean:.3f}, {time.time() - began:.0f} s", flush=True)
    torch.save(net.state_dict(), args.weights)


def spans(tags):
    out, start = set(), None
    for i, t in enumerate([*tags, "O"]):
        if start is not None and (t[0] != "I" or t[2:] != tags[start][2:]):
            out.add((start, i, tags[start][2:]))
            start = None
        if t[0] == "B":
            start = i
    return out


def score(args):
    net = loaded(args)
    for path in args.files:
        chunks = gold_chunks(path)
        right = {k: [0, 0, 0] for k in ("all", "PER", "ORG", "LOC")}
        for (_, gold), logs in zip(chunks, net.predict([w for w, _ in chunks])):
            found = best(logs)
            a, b = spans(gold), spans(found)
            for column, names in enumerate((a, b, a & b)):
                for *_, kind in names:
                    right["all"][column] += 1
                    right[kind][column] += 1
        print(path, *(f"{k} {200 * r / max(1, g + p):.1f}" for k, (g, p, r) in right.items()))


def loaded(args):
    net = Tagger(args.model)
    net.load_state_dict(torch.load(args.weights))
    return net.bfloat16()


def label(args):
    net = loaded(args)
    kept = set()
    with gzip.open(args.out + ".main.gz", "wt", encoding="utf-8") as f:
        for doc, tokens, sentence, tags in labelled(net, args):
            kept.add(doc)
            f.write(f"{doc}\t{row(tokens, sentence, tags)}\n")
    copies = [(args.texts, ".texts.gz")] + [(r, f".other{i}.gz") for i, r in enumerate([args.rows, *args.more], 1)]
    for path, end in copies:
        with gzip.open(path, "rt", newline="\n") as src, gzip.open(args.out + end, "wt", newline="\n") as dst:
            dst.writelines(line for line in src if line.split("\t", 1)[0] in kept)


def labelled(net, args):
    """Yields documents with the tags of their tokens, some dozens at a time."""
    waiting = []
    for (doc, _, text), (_, tokens, sentence, columns) in zip(merge.texts(args.texts), merge.token_rows(args.rows), strict=True):
        if hashlib.sha256(b"teach" + doc.encode()).digest()[0] >= args.share * 256:
            continue
        words = [text[a:b].decode() for a, b in tokens]
        waiting.append((doc, tokens, sentence, words, columns[0]))
        if len(waiting) == 24:
            yield from together(net, waiting, args.trust)
            waiting = []
    yield from together(net, waiting, args.trust)


def together(net, documents, trust):
    places, chunks = [], []
    for k, (_, _, sentence, words, _) in enumerate(documents):
        i = 0
        while i < len(words):
            j = i + 1
            while j < len(words) and j - i < 100 and (j - i < 60 or sentence[j] == sentence[j - 1]):
                j += 1
            if any(w[0].isupper() for w in words[i:j]):
                places.append((k, i))
                chunks.append(words[i:j])
            i = j
    tags = [["O"] * len(d[3]) for d in documents]
    for (k, i), logs in zip(places, net.predict(chunks)):
        _, _, sentence, _, before = documents[k]
        found = best(logs + prior(before, sentence, i, len(logs), trust))
        tags[k][i : i + len(found)] = found
    for (doc, tokens, sentence, _, _), t in zip(documents, tags):
        yield doc, tokens, sentence, t


def prior(tags, sentence, start, n, trust):
    """What the other tagger's labels add to the log-probabilities of n tokens."""
    extra = np.zeros((n, len(TAGS)), dtype=np.float32)
    for i in range(start, start + n):
        kind = merge.KINDS.get(tags[i])
        if not kind:
            extra[i - start, 0] = trust
            continue
        goes_on = i > 0 and sentence[i] == sentence[i - 1] and tags[i - 1] == tags[i]
        extra[i - start, NUMBER[("I-" if goes_on else "B-") + kind]] = trust
    return extra


def row(tokens, sentence, tags):
    parts, at, number = [], 0, 0
    for (a, b), s, t in zip(tokens, sentence, tags):
        while number < s:
            number += 1
            parts.append("|")
        parts.append(f"{a - at},{b - a},{LETTER[t[2:] or 'O']}")
        at = b
    return " ".join(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, run in (("train", train), ("score", score), ("label", label)):
        c = commands.add_parser(name)
        c.set_defaults(run=run)
        c.add_argument("model")
        c.add_argument("weights")
    commands.choices["train"].add_argument("--gold", nargs="+", default=[])
    commands.choices["train"].add_argument("--silver", nargs="+", default=[])
    commands.choices["score"].add_argument("files", nargs="+")
    c = commands.choices["label"]
    c.add_argument("texts")
    c.add_argument("rows")
    c.add_argument("out")
    c.add_argument("--share", type=float, default=1)
    c.add_argument("--trust", type=float, default=1)
    c.add_argument("--more", nargs="+", default=[])
    args = parser.parse_args()
    args.run(args)
