#!/usr/bin/env python3
"""Prints length and SHA-256 of the encodings that EncodingTests pins, by a program that shares nothing with the node.

One line for each kind of consensus message, then one for a piece of evidence. The values are those of the test's fixtures,
which are made of SHA-256 digests. The encoding is Binary Canonical Serialization (diem/bcs README). A changed line is a change of
the protocol and must say so. Only Python's standard library is used.
"""
import hashlib


def sha(data): return hashlib.sha256(data).digest()
def u16(n): return n.to_bytes(2, "little")
def u32(n): return n.to_bytes(4, "little")
def u64(n): return n.to_bytes(8, "little")
def hashed(kind, data): return sha(f"trellis/{kind}/1".encode() + data)
def option(value): return b"\0" if value is None else b"\1" + value


def uleb(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def sequence(items): return uleb(len(items)) + b"".join(items)


CHAIN = bytes([7]) * 32
def key(i): return sha(bytes([1, i]))
def transaction(i): return sha(bytes([5, i & 255, i >> 8]))


def signed(kind, body, signer):
    half = sha(key(signer) + f"trellis/{kind}/1".encode() + CHAIN + body)
    return half + sha(half)


def vote(kind, signer, body): return u16(signer) + body + signed(kind, body, signer)


# The validator set of epoch 0 with four equal weights, and genesis.
validators = b"\0" + u64(0) + sequence([key(i) + sha(bytes([2, i])) + u64(1) for i in range(4)])
validators_hash = hashed("validators", validators)
genesis_hash, genesis_beacon = sha(bytes([4])), sha(bytes([3]))

# The proposal of validator 1 for height 1 in view 0.
payload = [transaction(1), transaction(2)]
draft = (b"\0" + u64(1) + u64(0) + u64(0) + u64(1_000_000 + 1_100) + u16(1) + genesis_hash + sha(b"".join(payload))
         + validators_hash + bytes(80) + sha(genesis_beacon + bytes([6])) + u32(1) + uleb(0))
digest = hashed("draft", draft)
proposal = draft + sequence(payload)

prepare = u64(0) + u64(1) + u64(0) + digest
claim = u64(0) + digest
prepared = b"\0" + prepare + sequence([u16(i) + signed("prepare", prepare, i) for i in (0, 1, 2)]) + proposal


def change(claimed): return u64(0) + u64(1) + u64(1) + genesis_hash + option(claim if claimed else None)


result = transaction(3) + bytes(32) + bytes(32) + u64(5) + validators_hash
header_hash = hashed("header", b"\0" + draft + result)
commit = u64(0) + u64(1) + u64(1) + digest + header_hash
certificate = b"\0" + commit + sequence([u16(i) + signed("commit", commit, i) for i in (0, 2, 3)])
status = u64(0) + u64(2) + u64(0) + b"\0" + u64(7)
complaint = u64(0) + u64(4) + transaction(4)

messages = [
    vote("view-change", 1, change(True)) + option(prepared),
    vote("new-view", 2, change(True)) + sequence([vote("view-change", i, change(i == 1)) for i in (0, 1, 3)])
    + option(None) + option(prepared),
    vote("pre-prepare", 1, prepare) + proposal + option(None),
    vote("prepare", 3, prepare),
    vote("commit", 0, commit) + result,
    u16(2) + status + signed("status", status, 2) + option(certificate),
    u16(2) + complaint + signed("complaint", complaint, 2),
]
lines = [b"\0" + uleb(kind) + message for kind, message in enumerate(messages)]

# Evidence: two PREPAREs of validator 1, in the order of the hashes of their signed bytes.
pair = []
for i in (1, 2):
    statement = u64(0) + u64(1) + u64(0) + transaction(i)
    order = hashed("evidence", b"trellis/prepare/1" + CHAIN + statement)
    pair.append((order, uleb(3) + vote("prepare", 1, statement)))
lines.append(b"\0" + b"".join(encoded for _, encoded in sorted(pair)))

for line in lines:
    print(len(line), sha(line).hex())
