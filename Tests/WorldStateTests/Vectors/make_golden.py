#!/usr/bin/env python3
"""Writes golden.json: state roots, proofs, snapshot chunks and undo records, by a program that shares nothing with the node.

Run it without arguments to print the document; `make_golden.py > golden.json` renews the vectors. A changed vector is a
change of the protocol and must say so. Only Python's standard library is used.

The tree: path = SHA-256(key); an empty subtree is 32 zero bytes; a subtree with one leaf is that leaf,
SHA-256(00 || path || SHA-256(value)); any other is SHA-256(01 || left || right); the root is SHA-256(02 || 01 || top).
"""
import hashlib
import json

ZERO = bytes(32)
EMPTY, LEAF, STUB, BRANCH = range(4)


def sha(data):
    return hashlib.sha256(data).digest()


def uleb128(value):
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def byte_string(data):
    return uleb128(len(data)) + data


def option(data):
    return b"\x00" if data is None else b"\x01" + byte_string(data)


def bit(path, index):
    return path[index // 8] >> (7 - index % 8) & 1


def leaf_hash(key, value):
    return sha(b"\x00" + sha(key) + sha(value))


def top(entries, depth=0):
    """The hash of a subtree; `entries` are (path, key, value)."""
    if not entries:
        return ZERO
    if len(entries) == 1:
        return leaf_hash(entries[0][1], entries[0][2])
    sides = [[entry for entry in entries if bit(entry[0], depth) == side] for side in (0, 1)]
    return sha(b"\x01" + top(sides[0], depth + 1) + top(sides[1], depth + 1))


def entries_of(state):
    return sorted((sha(key), key, value) for key, value in state.items())


def root(state):
    return sha(b"\x02\x01" + top(entries_of(state)))


def last_path(prefix, depth):
    """The last path that starts with the first `depth` bits."""
    number = int.from_bytes(prefix, "big")
    return (number | ((1 << (256 - depth)) - 1)).to_bytes(32, "big")


class Prover:
    """The partial tree that shows what `wanted(first, last)` asks for; `named(path)` tells which leaves a claim names."""

    def __init__(self, state, wanted, named):
        self.nodes, self.stubs, self.leaves = [], [], []
        self.wanted, self.named = wanted, named
        self.visit(entries_of(state), ZERO, 0)

    def visit(self, entries, prefix, depth):
        if not entries:
            self.nodes.append(EMPTY)
        elif not self.wanted(prefix, last_path(prefix, depth)):
            self.nodes.append(STUB)
            self.stubs.append(top(entries, depth))
        elif len(entries) == 1:
            self.nodes.append(LEAF)
            path, _, value = entries[0]
            if not self.named(path):
                self.leaves.append(path + sha(value))
        else:
            self.nodes.append(BRANCH)
            right = (int.from_bytes(prefix, "big") | 1 << (255 - depth)).to_bytes(32, "big")
            self.visit([entry for entry in entries if not bit(entry[0], depth)], prefix, depth + 1)
            self.visit([entry for entry in entries if bit(entry[0], depth)], right, depth + 1)

    def bcs(self):
        shape = bytearray((len(self.nodes) + 3) // 4)
        for index, node in enumerate(self.nodes):
            shape[index // 4] |= node << 2 * (index % 4)
        return (uleb128(0) + uleb128(len(self.nodes)) + bytes(shape)
                + uleb128(len(self.stubs)) + b"".join(self.stubs) + uleb128(len(self.leaves)) + b"".join(self.leaves))


def prove(state, keys):
    paths = [sha(key) for key in keys]
    return Prover(state, lambda first, last: any(first <= path <= last for path in paths), lambda path: path in paths).bcs()


def chunk(state, start, size):
    """The chunk from path `start` with at most `size` bytes of keys and values, but at least one entry."""
    chosen, used, through = [], 0, b"\xff" * 32
    for path, key, value in entries_of(state):
        if path < start:
            continue
        if chosen and used + len(key) + len(value) > size:
            through = (int.from_bytes(path, "big") - 1).to_bytes(32, "big")
            break
        chosen.append((key, value))
        used += len(key) + len(value)
    proof = Prover(state, lambda first, last: first <= through and last >= start, lambda path: start <= path <= through)
    return (uleb128(0) + start + through + uleb128(len(chosen))
            + b"".join(byte_string(key) + option(value) for key, value in chosen) + proof.bcs())


def key(index):
    return bytes([index % 3]) * 20 + b"k%d" % index


def value(index):
    return sha(b"value %d" % index)[: index % 33]


def document():
    states = []
    for count in (0, 1, 2, 3, 17, 100, 1000):
        state = {key(index): value(index) for index in range(count)}
        asked = [key(0), key(count // 2 + 1), key(count + 5)]
        states.append({
            "count": count,
            "root": root(state).hex(),
            "proofs": [{"keys": [k.hex() for k in keys], "bcs": prove(state, keys).hex()}
                       for keys in ([asked[0]], [asked[1]], [asked[2]], asked)],
            "chunk": {"from": (b"\x40" + bytes(31)).hex(), "size": 500, "bcs": chunk(state, b"\x40" + bytes(31), 500).hex()},
        })
    # A block that changes, adds and removes: records in the order of paths, each with what stood there before.
    before = {key(index): value(index) for index in range(4)}
    changed = [key(0), key(2), key(7)]
    undo = uleb128(0) + (9).to_bytes(8, "little") + uleb128(len(changed)) + b"".join(
        byte_string(k) + option(before.get(k)) for k in sorted(changed, key=sha))
    return {"states": states, "undo": {"height": 9, "bcs": undo.hex()}}


if __name__ == "__main__":
    print(json.dumps(document(), indent=1))
