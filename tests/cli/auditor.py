#!/usr/bin/env python3
"""Audit one member's log over HTTP, knowing its name and key and the published formats alone:
C2SP tlog-tiles, tlog-checkpoint, signed-note and tlog-proof, RFC 6962, RFC 8032.

    auditor.py URL ORIGIN KEY_HEX [RECEIPT_PATH...]

Nothing here is shared with fedcat, and only Python's standard library is used."""

import base64
import hashlib
import sys
import urllib.request

# --- Ed25519, verification only (RFC 8032, section 5.1) -------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0 or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def decode_point(data):
    y = int.from_bytes(data, "little")
    x = recover_x(y & (2**255 - 1), y >> 255)
    if x is None:
        return None
    y &= 2**255 - 1
    return (x, y, 1, x * y % P)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, i, j, k = f - e, h - g, h + g, f + e
    return (e * i % P, j * k % P, i * j % P, e * k % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(key, message, signature):
    a, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


# --- the Merkle tree (RFC 6962) -------------------------------------------------------------------


def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def prove(leaves, index):
    if len(leaves) == 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < split:
        return prove(leaves[:split], index) + [tree_root(leaves[split:])]
    return prove(leaves[split:], index - split) + [tree_root(leaves[:split])]


def root_of_proof(leaf, index, size, proof):
    """RFC 9162, section 2.1.3.2."""
    last, result = size - 1, leaf
    for one in proof:
        assert last > 0, "the proof is too long"
        if index & 1 or index == last:
            result = node_hash(one, result)
            while not index & 1 and index > 0:
                index >>= 1
                last >>= 1
        else:
            result = node_hash(result, one)
        index >>= 1
        last >>= 1
    assert last == 0, "the proof is too short"
    return result


# --- notes and tiles ------------------------------------------------------------------------------


def read_note(note, origin, key):
    """The size and root that the note says, if key signed it under origin."""
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    key_id = hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]
    lines = text.split("\n")
    assert lines[0] == origin, f"the checkpoint is of {lines[0]}"
    for line in signatures.splitlines():
        dash, name, value = line.split(" ")
        value = base64.b64decode(value, validate=True)
        if dash == "\u2014" and name == origin and value[:4] == key_id and len(value) == 68:
            assert is_signed(key, text.encode(), value[4:]), "the signature is not valid"
            return int(lines[1]), base64.b64decode(lines[2], validate=True)
    raise AssertionError("the member's key did not sign the checkpoint")


def tile_path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def read_tiles(log, kind, size):
    for index in range((size + 255) // 256):
        yield get(f"{log}/{tile_path(kind, index, min(256, size - 256 * index))}")


def audit(url, origin, key, receipts):
    log = f"{url}/log/{origin.rsplit('/', 1)[1]}"
    size, root = read_note(get(f"{log}/checkpoint").decode(), origin, key)
    hashes = b"".join(read_tiles(log, 0, size))
    leaves = [hashes[i : i + 32] for i in range(0, len(hashes), 32)]
    assert len(leaves) == size, "the tiles have another number of hashes"
    assert tree_root(leaves) == root, "the tiles' root is not the one that is signed"
    if size >= 256:
        above = get(f"{log}/{tile_path(1, 0, min(256, size // 256))}")
        assert above[:32] == tree_root(leaves[:256]), "a tile above says otherwise"
    entries = []
    for bundle in read_tiles(log, "entries", size):
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    assert [leaf_hash(entry) for entry in entries] == leaves, "an entry is not the one hashed"
    for index in (0, size // 2, size - 1):
        assert root_of_proof(leaves[index], index, size, prove(leaves, index)) == root
    for path in receipts:
        head, note = get(f"{url}{path}").decode().split("\n\n", 1)
        lines = head.split("\n")
        assert lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra ")
        index = int(lines[2].removeprefix("index "))
        proof = [base64.b64decode(line, validate=True) for line in lines[3:]]
        proved = read_note(note, origin, key)
        assert root_of_proof(leaves[index], index, proved[0], proof) == proved[1]
        print(f"{path}: entry {index}")
    print(f"{size} entries under {root.hex()}: the same as signed")


if __name__ == "__main__":
    audit(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]), sys.argv[4:])
