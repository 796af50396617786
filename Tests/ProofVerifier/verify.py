#!/usr/bin/env python3
"""Checks a Trellis proof bundle without a node and without any code of one.

    verify.py --chain-id HEX --validators-hash HEX BUNDLE     a file with the bundle, binary or hexadecimal; - for stdin
    verify.py --chain-id HEX --validators-hash HEX --batch    one hexadecimal bundle per line in, one verdict per line out

With --key HEX, once for each key that was asked for and in that order, a bundle is valid only if it answers this very question:
a proof of absence proves the absence of other keys as well, and nothing else in a bundle tells which one was meant.

A bundle proves that something is in a block, or in the state after it: values and absences, a transaction, a receipt, or an
event. It is valid when the header names the trusted validator set, every signature of the commit certificate holds, the
signers have more than two thirds of the weight, and the content leads to the root in the header. What is proven is printed
as JSON. The layouts are in the ledger's documentation; formats are BCS, hashes SHA-256, trees RFC 6962.

Signatures are checked by PyNaCl, which is the network's own rule (libsodium), or else by the package `cryptography`. The two
differ only on signatures that the holder of a key makes on purpose with R = identity.
"""
import argparse
import hashlib
import json
import sys


class Refused(Exception):
    """The bundle proves nothing; the message says why."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


try:
    from nacl.exceptions import BadSignatureError, CryptoError
    from nacl.signing import VerifyKey

    def signature_holds(key, signature, message):
        try:
            VerifyKey(key).verify(message, signature)
            return True
        except (BadSignatureError, CryptoError, ValueError):
            return False
except ImportError:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    def signature_holds(key, signature, message):
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            return False


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def domain_hash(kind, data):
    return sha256(b"trellis/" + kind + b"/1", data)


# ── Binary Canonical Serialization: one encoding per value ────────────────────────────────────────────────────────────
class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        require(count <= len(self.data) - self.at, "truncated")
        self.at += count
        return self.data[self.at - count:self.at]

    def uint(self, bits):
        return int.from_bytes(self.take(bits // 8), "little")

    def uleb128(self):
        value = 0
        for shift in range(0, 35, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                require(byte or not shift, "length not minimal")
                require(value < 1 << 32, "length too wide")
                return value
        raise Refused("length too wide")

    def length(self, limit):
        count = self.uleb128()
        require(count <= limit, "length over limit")
        return count

    def variant(self, count):
        value = self.uleb128()
        require(value < count, "unknown variant")
        return value

    def version(self):
        self.variant(1)

    def boolean(self):
        return self.variant_byte(2) == 1

    def variant_byte(self, count):
        value = self.take(1)[0]
        require(value < count, "neither 0 nor 1")
        return value

    def byte_string(self, limit):
        return self.take(self.length(limit))

    def text(self, limit):
        try:
            return self.byte_string(limit).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("text is not UTF-8") from None

    def sequence(self, limit, read):
        return [read() for _ in range(self.length(limit))]

    def finish(self):
        require(self.at == len(self.data), "trailing bytes")


# ── Header, certificate, validator set ────────────────────────────────────────────────────────────────────────────────
VALIDATORS_MAX = 1024


def read_header(reader):
    start = reader.at
    reader.version()
    draft_start = reader.at
    reader.version()
    header = {name: reader.uint(64) for name in ["height", "epoch", "originView", "time"]}
    header["proposer"] = reader.uint(16)
    for name, size in [("parentHash", 32), ("transactionsRoot", 32), ("validatorsHash", 32), ("vrfProof", 80), ("beacon", 32)]:
        header[name] = reader.take(size)
    header["protocolVersion"] = reader.uint(32)
    votes = reader.byte_string(VALIDATORS_MAX // 8)
    require(not votes or votes[-1] != 0, "bitmap ends in a zero byte")
    header["draftDigest"] = domain_hash(b"draft", reader.data[draft_start:reader.at])
    for name in ["stateRoot", "receiptsRoot", "eventsRoot"]:
        header[name] = reader.take(32)
    header["gasUsed"] = reader.uint(64)
    header["nextValidatorsHash"] = reader.take(32)
    header["hash"] = domain_hash(b"header", reader.data[start:reader.at])
    return header


def read_certificate(reader):
    reader.version()
    start = reader.at
    statement = {name: reader.uint(64) for name in ["epoch", "height", "view"]}
    statement["draftDigest"], statement["headerHash"] = reader.take(32), reader.take(32)
    statement["bytes"] = reader.data[start:reader.at]
    signatures = reader.sequence(VALIDATORS_MAX, lambda: (reader.uint(16), reader.take(64)))
    signers = [signer for signer, _ in signatures]
    require(all(a < b for a, b in zip(signers, signers[1:])), "signers are not strictly ascending")
    require(not signers or signers[-1] < VALIDATORS_MAX, "signer out of range")
    return statement, signatures


def read_validators(reader):
    start = reader.at
    reader.version()
    epoch = reader.uint(64)
    members = reader.sequence(VALIDATORS_MAX, lambda: (reader.take(32), reader.take(32), reader.uint(64)))
    require(members, "empty validator set")
    require(all(weight >= 1 for _, _, weight in members), "validator without weight")
    total = sum(weight for _, _, weight in members)
    require(total <= 1 << 60, "weights overflow")
    for column in (0, 1):
        require(len({member[column] for member in members}) == len(members), "duplicate validator key")
    return {"epoch": epoch, "members": members, "total": total, "hash": domain_hash(b"validators", reader.data[start:reader.at])}


def check_certified(header, certificate, validators, chain_id, trusted_hash):
    statement, signatures = certificate
    require(header["validatorsHash"] == trusted_hash, "not the trusted validator set")
    require(validators["hash"] == trusted_hash, "the validator set is not the one in the header")
    require(validators["epoch"] == header["epoch"], "the validator set is of another epoch")
    require(statement["height"] == header["height"] and statement["epoch"] == header["epoch"]
            and statement["view"] >= header["originView"] and statement["draftDigest"] == header["draftDigest"]
            and statement["headerHash"] == header["hash"], "the certificate is for another block")
    members = validators["members"]
    require(all(signer < len(members) for signer, _ in signatures), "unknown signer")
    weight = sum(members[signer][2] for signer, _ in signatures)
    require(3 * weight > 2 * validators["total"], "no quorum")
    message = b"trellis/commit/1" + chain_id + statement["bytes"]
    # Every signature, also those beyond the quorum.
    for signer, signature in signatures:
        require(signature_holds(members[signer][0], signature, message), f"signature of validator {signer} does not hold")


# ── Contents ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def read_origin(reader):
    if reader.variant(2) == 0:
        return {"transaction": reader.take(32).hex()}
    return {"contract": reader.take(20).hex(), "method": reader.text(64)}


def read_transaction(reader):
    start = reader.at
    reader.version()
    unsigned = reader.at
    reader.version()
    fields = {"chainID": reader.take(32).hex(), "sender": reader.take(20).hex()}
    for name in ["nonce", "validUntilHeight", "gasLimit"]:
        fields[name] = reader.uint(64)
    fields["gasPrice"] = reader.uint(128)
    fields["calls"] = reader.sequence(64, lambda: {
        "contract": reader.take(20).hex(), "method": reader.text(64), "arguments": reader.byte_string(640 * 1024).hex(),
        "value": reader.uint(128)})
    require(fields["calls"], "no calls")
    fields["memo"] = reader.text(256)
    fields["id"] = domain_hash(b"transaction", reader.data[unsigned:reader.at]).hex()
    if reader.variant(2) == 0:
        reader.take(32 + 64)
    else:
        keys = reader.sequence(32, lambda: reader.take(32))
        threshold = reader.uint(8)
        require(all(a < b for a, b in zip(keys, keys[1:])) and 1 <= threshold <= len(keys), "wrong multisig keys")
        signers = reader.uint(32)
        signatures = reader.sequence(32, lambda: reader.take(64))
        require(len(signatures) == signers.bit_count(), "wrong multisig signatures")
    envelope = reader.data[start:reader.at]
    require(len(envelope) <= 640 * 1024, "transaction too large")
    return fields, domain_hash(b"envelope", envelope)


def read_receipt(reader):
    start = reader.at
    reader.version()
    fields = {"origin": read_origin(reader), "class": reader.variant(4)}
    if fields["class"] == 0:
        left = 64 * 1024
        fields["results"] = []
        for _ in range(reader.length(64)):
            value = reader.byte_string(left)
            left -= len(value)
            fields["results"].append(value.hex())
    else:
        fields["failure"] = {"callIndex": reader.uint(32), "contract": reader.take(20).hex(), "code": reader.uint(32),
                             "message": reader.text(256)}
    fields["gasUsed"], fields["fee"], fields["eventCount"] = reader.uint(64), reader.uint(128), reader.uint(32)
    require(fields["eventCount"] <= 256, "too many events")
    return fields, reader.data[start:reader.at]


def read_event(reader):
    start = reader.at
    reader.version()
    fields = {"origin": read_origin(reader), "index": reader.uint(32), "contract": reader.take(20).hex(), "name": reader.text(64),
              "data": reader.byte_string(16 * 1024).hex()}
    return fields, reader.data[start:reader.at]


def read_path(reader):
    siblings = reader.sequence(64, lambda: reader.take(32))
    lefts = reader.uint(64)
    require(lefts >> len(siblings) == 0, "a side without a sibling")
    return siblings, lefts


def check_path(leaf, path, root):
    """RFC 6962: a leaf is H(00 || data), an inner node H(01 || left || right)."""
    node = sha256(b"\x00", leaf)
    siblings, lefts = path
    for step, sibling in enumerate(siblings):
        node = sha256(b"\x01", sibling, node) if lefts >> step & 1 else sha256(b"\x01", node, sibling)
    require(node == root, "the path leads to another root")


# ── State: a part of a binary tree over 256-bit paths ─────────────────────────────────────────────────────────────────
EMPTY, LEAF, STUB, BRANCH = range(4)
NODES_MAX = 1 << 18


def read_claim(reader):
    key = reader.byte_string(20 + 256)
    require(len(key) >= 20, "key shorter than an address")
    value = reader.byte_string(64 * 1024) if reader.boolean() else None
    return key, value


def read_state_proof(reader):
    reader.version()
    count = reader.length(NODES_MAX)
    shape = reader.take((count + 3) // 4)
    nodes = [shape[place // 4] >> 2 * (place % 4) & 3 for place in range(count)]
    require(not count % 4 or shape[-1] >> 2 * (count % 4) == 0, "bits behind the last node")
    stubs = reader.sequence(NODES_MAX, lambda: reader.take(32))
    leaves = reader.sequence(NODES_MAX, lambda: (reader.take(32), reader.take(32)))
    return nodes, stubs, leaves


def check_state(claims, proof, root):
    nodes, stubs, leaves = (iter(part) for part in proof)
    targets = sorted((int.from_bytes(sha256(key), "big"), key, value) for key, value in claims)
    require(len({path for path, _, _ in targets}) == len(targets), "the same key is claimed twice")

    def take(parts):
        part = next(parts, None)
        require(part is not None, "the proof is incomplete")
        return part

    def leaf_hash(path, value_hash):
        return sha256(b"\x00", path, value_hash)

    def node_hash(targets, prefix, depth):
        """The hash of the next subtree: paths that start with `depth` bits of `prefix`; `targets` are the claims in it."""
        node = take(nodes)
        present = [target for target in targets if target[2] is not None]
        if node == EMPTY:
            require(not present, "a claimed key is absent")
            return bytes(32)
        if node == STUB:
            require(not targets, "a claim is not covered")
            return take(stubs)
        if node == BRANCH:
            require(depth < 256, "too deep")
            bit = 1 << 255 - depth
            left = node_hash([target for target in targets if not target[0] & bit], prefix, depth + 1)
            right = node_hash([target for target in targets if target[0] & bit], prefix | bit, depth + 1)
            return sha256(b"\x01", left, right)
        if present:
            require(len(present) == 1, "two claims on one leaf")
            path, _, value = present[0]
            return leaf_hash(path.to_bytes(32, "big"), sha256(value))
        path, value_hash = take(leaves)
        number = int.from_bytes(path, "big")
        require((number ^ prefix) >> 256 - depth == 0, "a leaf stands where it does not belong")
        require(all(target[0] != number for target in targets), "a key claimed absent is present")
        return leaf_hash(path, value_hash)

    top = node_hash(targets, 0, 0)
    for part in (nodes, stubs, leaves):
        require(next(part, None) is None, "the proof has parts left over")
    require(sha256(b"\x02\x01", top) == root, "the proof leads to another state root")


# ── Bundle ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def verify(data, chain_id, validators_hash, keys=None):
    """What the bundle proves, as a dictionary; raises Refused. `keys` are those that were asked for, or None for anything."""
    reader = Reader(data)
    reader.version()
    reader.version()
    header = read_header(reader)
    certificate = read_certificate(reader)
    validators = read_validators(reader)
    kind = ["state", "transaction", "receipt", "event"][reader.variant(4)]
    if kind == "state":
        claims = reader.sequence(1024, lambda: read_claim(reader))
        require(claims, "no claims")
        proof = read_state_proof(reader)
        proven = [{"key": key.hex(), "value": None if value is None else value.hex()} for key, value in claims]
    else:
        proven, leaf = {"transaction": read_transaction, "receipt": read_receipt, "event": read_event}[kind](reader)
        path = read_path(reader)
    reader.finish()
    require(keys is None or kind == "state" and [key for key, _ in claims] == keys, "an answer to another question")
    # Hashes come before signatures, which cost far more.
    if kind == "state":
        check_state(claims, proof, header["stateRoot"])
    else:
        check_path(leaf, path, header[kind + "sRoot"])
    check_certified(header, certificate, validators, chain_id, validators_hash)
    return {"height": header["height"], "time": header["time"], "headerHash": header["hash"].hex(), kind: proven}


def parse_input(raw):
    text = raw.strip()
    try:
        return bytes.fromhex(text.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        return raw


def main():
    parser = argparse.ArgumentParser(description="Checks a Trellis proof bundle.")
    parser.add_argument("--chain-id", required=True, type=bytes.fromhex, help="32 bytes in hexadecimal")
    parser.add_argument("--validators-hash", required=True, type=bytes.fromhex, help="hash of the trusted validator set")
    parser.add_argument("--key", action="append", type=bytes.fromhex, help="a key that was asked for, contract and rest in hexadecimal")
    parser.add_argument("--batch", action="store_true", help="one bundle per line of the standard input")
    parser.add_argument("bundle", nargs="?", default="-")
    arguments = parser.parse_args()
    if arguments.batch:
        for line in sys.stdin:
            try:
                verify(bytes.fromhex(line), arguments.chain_id, arguments.validators_hash, arguments.key)
                print("valid")
            except ValueError:
                print("refused: not hexadecimal")
            except Refused as refusal:
                print("refused:", refusal)
        return 0
    if arguments.bundle == "-":
        raw = sys.stdin.buffer.read()
    else:
        with open(arguments.bundle, "rb") as file:
            raw = file.read()
    try:
        print(json.dumps(verify(parse_input(raw), arguments.chain_id, arguments.validators_hash, arguments.key), indent=1))
        return 0
    except Refused as refusal:
        print("refused:", refusal, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
