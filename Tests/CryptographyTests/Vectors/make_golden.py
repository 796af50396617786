#!/usr/bin/env python3
"""Writes golden.json: what this room signs, proves, encodes and derives, by a program that shares nothing with the node.

Run it without arguments to print the document; `make_golden.py > golden.json` renews the vectors. A changed vector is a
change of the protocol and must say so. Only Python's standard library is used: the curve is the textbook formulas of
RFC 8032 §5.1 on plain integers, slow and not for secrets. The encoder is that of the Primitives' vectors.
"""
import hashlib
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "PrimitivesTests" / "Vectors"))
from make_golden import sample, sequence, text, u16, u32, u64, uleb128  # noqa: E402


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def sha512(*parts):
    return hashlib.sha512(b"".join(parts)).digest()


# ── edwards25519 (RFC 8032 §5.1) ──────────────────────────────────────────────────────────────────────────────────────
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P)


def negate(point):
    return (-point[0] % P, point[1])


def times(scalar, point):
    total = IDENTITY
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point, or None when the encoding is not canonical or not of the curve."""
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return (x if x & 1 == sign else P - x, y)


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def little(data):
    return int.from_bytes(data, "little")


def scalar(number):
    return (number % L).to_bytes(32, "little")


def expand(seed):
    digest = sha512(seed)
    return little(digest[:32]) & (1 << 254) - 8 | 1 << 254, digest[32:]


def public(seed):
    return encode(times(expand(seed)[0], BASE))


def sign(seed, message):
    secret, prefix = expand(seed)
    nonce = little(sha512(prefix, message)) % L
    commitment = encode(times(nonce, BASE))
    challenge = little(sha512(commitment, public(seed), message)) % L
    return commitment + scalar(nonce + challenge * secret)


# ── ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381 §5) ───────────────────────────────────────────────────────────────────────
SUITE = b"\x03"


def encode_to_curve(salt, alpha):
    for counter in range(256):
        point = decode(sha512(SUITE, b"\x01", salt, alpha, bytes([counter]), b"\x00")[:32])
        if point is not None and times(8, point) != IDENTITY:
            return times(8, point)
    raise ValueError("no point in 256 tries")


def prove(seed, alpha):
    secret, prefix = expand(seed)
    key = public(seed)
    point = encode_to_curve(key, alpha)
    gamma = encode(times(secret, point))
    nonce = little(sha512(prefix, encode(point))) % L
    challenge = sha512(
        SUITE, b"\x02", key, encode(point), gamma, encode(times(nonce, BASE)), encode(times(nonce, point)), b"\x00")[:16]
    return gamma + challenge + scalar(nonce + little(challenge) * secret)


def output(proof):
    return sha512(SUITE, b"\x03", encode(times(8, decode(proof[:32]))), b"\x00")


# RFC 8032 §7.1 test 2 and RFC 9381 Appendix B.3 example 17, so that this program is held to more than itself.
RFC_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
assert sign(RFC_SEED, b"\x72").hex() == (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
assert prove(RFC_SEED, b"\x72").hex() == (
    "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926d"
    "a3ef39226bbc355bdc9850112c8f4b02")


# ── Vectors ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def authenticators():
    seeds = [sample(f"authenticator/{place}", 32) for place in range(4)]
    message = sample("message", 50)
    key = public(seeds[0])
    single = {
        "seeds": [seeds[0].hex()], "keys": [], "threshold": 0, "message": message.hex(), "address": sha256(b"\x00", key)[:20].hex(),
        "bcs": (uleb128(0) + key + sign(seeds[0], message)).hex()}
    members = sorted((public(seed), seed) for seed in seeds)
    keys = [member for member, _ in members]
    chosen = [0, 1, 3]
    signed = uleb128(1) + sequence(keys) + bytes([3]) + u32(sum(1 << place for place in chosen))
    signed += sequence([sign(members[place][1], message) for place in chosen])
    group = {
        "seeds": [members[place][1].hex() for place in chosen], "keys": [member.hex() for member in keys], "threshold": 3,
        "message": message.hex(), "address": sha256(b"\x01", *keys, bytes([3]))[:20].hex(), "bcs": signed.hex()}
    return [single, group]


def possessions():
    made = []
    for place in range(3):
        seed, chain = sample(f"possession/{place}", 32), sample(f"possession/chain/{place}", 32)
        account = sample(f"possession/account/{place}", 20)
        message = b"trellis/key-possession/1" + chain + account + public(seed)
        made.append({
            "seed": seed.hex(), "chainID": chain.hex(), "account": account.hex(), "key": public(seed).hex(), "signature": sign(seed, message).hex(),
            "vrfProof": prove(seed, message).hex()})
    return made


def beacons():
    chain, beacon, steps = sample("beacon/chain", 32), sample("beacon/first", 32), []
    for place, height in enumerate([1, 2, 258, 2**64 - 1]):
        seed = sample(f"beacon/{place}", 32)
        alpha = b"beacon/1" + chain + u64(height) + beacon
        proof = prove(seed, alpha)
        after = sha256(beacon, output(proof))
        steps.append({
            "seed": seed.hex(), "key": public(seed).hex(), "chainID": chain.hex(), "height": str(height), "previous": beacon.hex(),
            "alpha": alpha.hex(), "proof": proof.hex(), "beacon": after.hex()})
        beacon = after
    return steps


def dealings():
    made = []
    for threshold, holders in [(1, 1), (2, 3), (4, 7)]:
        randomness = sample(f"dealing/{threshold}", 64 * threshold)
        coefficients = [little(randomness[64 * place:64 * place + 64]) % L for place in range(threshold)]

        def value(index):
            return sum(coefficient * index**power for power, coefficient in enumerate(coefficients)) % L

        shares = [value(index) for index in range(1, holders + 1)]
        made.append({
            "threshold": threshold, "holders": holders, "randomness": randomness.hex(), "secret": scalar(coefficients[0]).hex(),
            "commitments": sequence([encode(times(coefficient, BASE)) for coefficient in coefficients]).hex(),
            "shares": [(u16(index + 1) + scalar(share)).hex() for index, share in enumerate(shares)],
            "publicShares": [encode(times(share, BASE)).hex() for share in shares]})
    return made


def document():
    proof = sample("part", 80)
    return {
        "source": "make_golden.py beside this file",
        "authenticators": authenticators(),
        "possessions": possessions(),
        "beacons": beacons(),
        "dealings": dealings(),
        "parts": [{"index": index, "proof": proof.hex(), "bcs": (u16(index) + proof).hex()} for index in [1, 258, 1024]],
    }


if __name__ == "__main__":
    print(text(document()))
