"""Fields for the page: a byte a cell, on a scale that is fine near zero.

A value v is kept as n = round(254 sqrt(v / top)), or, where a field has both signs, as n = 127 + round(127 sgn(v) sqrt(|v| / top)),
and comes back as top (n / 254)^2 or its like; 255 is a missing value. The error is at most top / 254 near the top (top / 127 for a
field of both signs), and smaller with the root of v below it. Rows run from north to south.
"""
import base64

import numpy as np

MISSING = 255


def pack(values, top=None):
    """[n][ny][nx], rows from south to north -> {bytes, top, signed, n, error}."""
    values = np.asarray(values, float)[:, ::-1, :]
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    top = top or largest or 1.0
    # tags are a little negative beside sharp plumes; what is below the error of the scale is shown as nothing, and told in `error`
    signed = bool(finite.size and finite.min() < -top / 400)
    root = np.sqrt((np.abs(values) if signed else np.maximum(values, 0)) / top)
    with np.errstate(invalid="ignore"):
        n = 127 + np.round(127 * np.sign(values) * root) if signed else np.round(254 * root)
        n = np.where(np.isfinite(n), n, MISSING).astype(np.uint8)
    error = np.abs(unpack(n, top, signed) - values)
    return {"bytes": base64.b64encode(n.tobytes()).decode(), "top": top, "signed": signed, "n": len(values),
            "error": float(np.nanmax(error)) if finite.size else 0.0}


def unpack(n, top, signed):
    """What the page makes of the bytes."""
    x = np.where(n == MISSING, np.nan, n.astype(float))
    x = (x - 127) / 127 if signed else x / 254
    return np.sign(x) * x * x * top


def coarsen(values, factor):
    """Means over factor x factor cells of the last two axes, from the south-west; cells that a block lacks do not count."""
    if factor == 1:
        return values
    *rest, ny, nx = values.shape
    padded = np.full((*rest, -(-ny // factor) * factor, -(-nx // factor) * factor), np.nan)
    padded[..., :ny, :nx] = values
    blocks = padded.reshape(*rest, padded.shape[-2] // factor, factor, padded.shape[-1] // factor, factor)
    there = np.isfinite(blocks)
    with np.errstate(invalid="ignore"):
        return np.where(there, blocks, 0).sum(axis=(-3, -1)) / there.sum(axis=(-3, -1))


def thin(values, starts, ends, budget):
    """Means over k records, k being the smallest divisor of a day's records with which the bytes fit the budget."""
    day = sum(1 for e in ends if e <= starts[0] + (ends[0] - starts[0]) * 24)
    for k in [k for k in (1, 2, 3, 4, 6, 8, 12, 24) if day % k == 0 or k == 1]:
        whole = len(values) // k * k
        if whole and values[:whole:k].size <= budget:
            break
    if k == 1:
        return values, starts, ends, 1
    groups = values[:whole].reshape(whole // k, k, *values.shape[1:])
    return groups.mean(axis=1), starts[:whole:k], ends[k - 1:whole:k], k
