#!/usr/bin/env python3
"""Writes golden.json: the encodings and hashes of Trellis values, by a program that shares nothing with the node.

Run it without arguments to print the document; `make_golden.py > golden.json` renews the vectors. A changed vector is a
change of the protocol and must say so. Only Python's standard library is used.

The encoding is Binary Canonical Serialization (diem/bcs README): fixed-width little-endian integers, lengths and enum
indices as minimal ULEB128, fields in order, fixed-size byte strings bare.
"""
import hashlib
import json


# ── Encoding ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def uint(value, bits):
    return value.to_bytes(bits // 8, "little")


def u16(value):
    return uint(value, 16)


def u32(value):
    return uint(value, 32)


def u64(value):
    return uint(value, 64)


def uleb128(value):
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def sequence(items):
    return uleb128(len(items)) + b"".join(items)


def byte_string(data):
    return uleb128(len(data)) + data


VERSION_1 = uleb128(0)


def bitmap(indices):
    if not indices:
        return byte_string(b"")
    data = bytearray(max(indices) // 8 + 1)
    for index in indices:
        data[index // 8] |= 1 << (index % 8)
    return byte_string(bytes(data))


def sample(label, size):
    """Bytes that look like nothing, from a label."""
    out = b""
    while len(out) < size:
        out += hashlib.sha512(f"golden/{label}/{len(out)}".encode()).digest()
    return out[:size]


def domain_hash(kind, data):
    return hashlib.sha256(f"trellis/{kind}/1".encode() + data).hexdigest()


# ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def validator(label, weight):
    fields = {"consensusKey": sample(f"{label}/consensus", 32).hex(), "vrfKey": sample(f"{label}/vrf", 32).hex(), "weight": str(weight)}
    return fields, bytes.fromhex(fields["consensusKey"]) + bytes.fromhex(fields["vrfKey"]) + u64(weight)


def validator_set(epoch, weights):
    members = [validator(f"{epoch}/{place}", weight) for place, weight in enumerate(weights)]
    data = VERSION_1 + u64(epoch) + sequence([encoded for _, encoded in members])
    return {
        "epoch": str(epoch), "validators": [fields for fields, _ in members], "totalWeight": str(sum(weights)),
        "bcs": data.hex(), "hash": domain_hash("validators", data),
    }


def draft(label, height, epoch, view, time, proposer, version, votes):
    fixed = {name: sample(f"{label}/{name}", size).hex() for name, size in [
        ("parentHash", 32), ("transactionsRoot", 32), ("validatorsHash", 32), ("vrfProof", 80), ("beacon", 32)]}
    data = VERSION_1 + u64(height) + u64(epoch) + u64(view) + u64(time) + u16(proposer)
    for name in ["parentHash", "transactionsRoot", "validatorsHash", "vrfProof", "beacon"]:
        data += bytes.fromhex(fixed[name])
    data += u32(version) + bitmap(votes)
    return {
        "height": str(height), "epoch": str(epoch), "originView": str(view), "time": str(time), "proposer": proposer, **fixed,
        "protocolVersion": version, "parentVotes": votes, "bcs": data.hex(), "hash": domain_hash("draft", data),
    }


def result(label, gas):
    fixed = {name: sample(f"{label}/{name}", 32).hex() for name in ["stateRoot", "receiptsRoot", "eventsRoot", "nextValidatorsHash"]}
    data = b"".join(bytes.fromhex(fixed[name]) for name in ["stateRoot", "receiptsRoot", "eventsRoot"])
    data += u64(gas) + bytes.fromhex(fixed["nextValidatorsHash"])
    return {**fixed, "gasUsed": str(gas), "bcs": data.hex()}


def statement(label, epoch, height, view):
    digests = {name: sample(f"{label}/{name}", 32).hex() for name in ["draftDigest", "headerHash"]}
    data = u64(epoch) + u64(height) + u64(view) + bytes.fromhex(digests["draftDigest"]) + bytes.fromhex(digests["headerHash"])
    return {"epoch": str(epoch), "height": str(height), "view": str(view), **digests, "bcs": data.hex()}


def certificate(voted, signers):
    signatures = [{"signer": signer, "signature": sample(f"signature/{signer}", 64).hex()} for signer in signers]
    for entry in signatures:
        entry["bcs"] = (u16(entry["signer"]) + bytes.fromhex(entry["signature"])).hex()
    data = VERSION_1 + bytes.fromhex(voted["bcs"]) + sequence([bytes.fromhex(entry["bcs"]) for entry in signatures])
    return {"statement": voted, "signatures": signatures, "bcs": data.hex()}


# ── Generator: SplitMix64 and xoshiro256** as published by Blackman and Vigna ─────────────────────────────────────────
MASK = (1 << 64) - 1


def split_mix(seed):
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def xoshiro(state):
    s0, s1, s2, s3 = state

    def rotate(value, by):
        return ((value << by) | (value >> (64 - by))) & MASK

    while True:
        yield (rotate((s1 * 5) & MASK, 7) * 9) & MASK
        t = (s1 << 17) & MASK
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = rotate(s3, 45)


def take(stream, count):
    return [next(stream) for _ in range(count)]


# The answers of the authors' own programs, from state 1, 2, 3, 4 and from seed 1234567.
assert take(xoshiro([1, 2, 3, 4]), 4) == [11520, 0, 1509978240, 1215971899390074240]
assert take(split_mix(1234567), 3) == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def generator(seed):
    return xoshiro(take(split_mix(seed), 4))


def below(stream, bound):
    """Lemire, "Fast Random Integer Generation in an Interval", 2019, algorithm 5."""
    product = next(stream) * bound
    if product & MASK < bound:
        threshold = (2**64 - bound) % bound
        while product & MASK < threshold:
            product = next(stream) * bound
    return product >> 64


def generator_vector(seed):
    bounds = [1, 2, 6, 1000, 2**32, 2**63 + 1, MASK] * 4
    bounded, raw = generator(seed), generator(seed)
    return {
        "seed": str(seed), "next": [str(value) for value in take(generator(seed), 8)],
        "bounds": [str(bound) for bound in bounds], "below": [str(below(bounded, bound)) for bound in bounds],
        "bytes": b"".join(u64(next(raw)) for _ in range(3))[:21].hex(),
    }


# ── Document ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def document():
    drafts = [
        draft("first", 1, 0, 0, 1_760_000_000_000, 0, 1, []),
        draft("middle", 987_654_321, 4_321, 7, 1_760_000_123_456, 3, 2, [0, 1, 3]),
        draft("extreme", MASK, MASK, MASK, MASK, 1023, 2**32 - 1, list(range(0, 1024, 3))),
    ]
    results = [result("first", 0), result("middle", 123_456_789), result("extreme", MASK)]
    headers = []
    for made, executed in zip(drafts, results):
        data = VERSION_1 + bytes.fromhex(made["bcs"]) + bytes.fromhex(executed["bcs"])
        headers.append({"draft": made, "result": executed, "bcs": data.hex(), "hash": domain_hash("header", data)})
    statements = [statement("first", 0, 1, 0), statement("middle", 4_321, 987_654_321, 7), statement("extreme", MASK, MASK, MASK)]
    chain = sample("chain", 32)
    signing = ["tx", "pre-prepare", "prepare", "commit", "view-change", "new-view", "status", "complaint", "hello", "measurement",
               "terms", "attestation", "key-possession", "certificate-binding"]
    hashing = ["transaction", "envelope", "draft", "header", "validators", "genesis", "charter", "contract", "beacon", "evidence", "rotation", "parameters", "subaccount",
               "name-commitment", "document", "document-object", "mapping"]
    amounts = [0, 1, 12_500_000, 2**64 - 1, 2**64, 2**96 - 1, 2**128 - 1]
    return {
        "source": "make_golden.py beside this file",
        "fixed": [{"type": name, "bytes": sample(name, size).hex()} for name, size in [
            ("Digest", 32), ("ChainID", 32), ("Beacon", 32), ("PublicKey", 32), ("Signature", 64), ("VRFPublicKey", 32),
            ("VRFProof", 80), ("VRFOutput", 64), ("Address", 20)]],
        "counters": [{"value": str(value), "bcs": u64(value).hex()} for value in [0, 1, 255, 256, 2**32, 2**63, MASK]],
        "amounts": [{"units": str(value), "bcs": uint(value, 128).hex()} for value in amounts],
        "bitmaps": [{"indices": indices, "bcs": bitmap(indices).hex()} for indices in
                    [[], [0], [7], [8], [0, 1, 2, 3], [5, 64, 200], [1023], list(range(1024))]],
        "validatorSets": [validator_set(0, [1]), validator_set(7, [10, 20, 30, 40]), validator_set(2**40, [2**60 - 130] + [1] * 130)],
        "headers": headers,
        "certificates": [certificate(statements[0], []), certificate(statements[1], [0, 1, 3]),
                         certificate(statements[2], list(range(0, 1024, 7)))],
        "signed": [{"kind": kind, "chainID": chain.hex(),
                    "bytes": (f"trellis/{kind}/1".encode() + chain + bytes.fromhex(statements[1]["bcs"])).hex()} for kind in signing],
        "hashDomains": [{"kind": kind, "hash": domain_hash(kind, bytes.fromhex(statements[1]["bcs"]))} for kind in hashing],
        "generators": [generator_vector(seed) for seed in [0, 1, 42, MASK]],
    }


def text(value):
    """One line per vector, so that a change shows which one it is."""
    parts = []
    for key, entry in value.items():
        listed = "[\n  " + ",\n  ".join(json.dumps(item) for item in entry) + "\n ]" if isinstance(entry, list) else json.dumps(entry)
        parts.append(f" {json.dumps(key)}: {listed}")
    return "{\n" + ",\n".join(parts) + "\n}"


if __name__ == "__main__":
    print(text(document()))
