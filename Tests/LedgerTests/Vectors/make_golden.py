#!/usr/bin/env python3
"""Writes golden.json: encodings, hashes, addresses and trees of the ledger, by a program that shares nothing with the node.

Run it without arguments to print the document; `make_golden.py > golden.json` renews the vectors. A changed vector is a
change of the protocol and must say so. The encoder is that of the Primitives' vectors; signatures are made by the Python
package `cryptography`.
"""
import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "PrimitivesTests" / "Vectors"))
from make_golden import (  # noqa: E402
    VERSION_1, bitmap, byte_string, certificate, domain_hash, draft, result, sample, sequence, statement, text, u16, u32, u64,
    uint, uleb128, validator)


def sha256(data):
    return hashlib.sha256(data).digest()


def words(value):
    return byte_string(value.encode())


# ── Keys and addresses ────────────────────────────────────────────────────────────────────────────────────────────────
def key(label):
    return Ed25519PrivateKey.from_private_bytes(sample(f"key/{label}", 32))


def public(signing_key):
    return signing_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def seed(signing_key):
    return signing_key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex()


def single_address(public_key):
    return sha256(b"\x00" + public_key)[:20]


def multisig_address(public_keys, threshold):
    return sha256(b"\x01" + b"".join(sorted(public_keys)) + bytes([threshold]))[:20]


# ── Transactions ──────────────────────────────────────────────────────────────────────────────────────────────────────
def call(contract, method, arguments, value):
    fields = {"contract": contract.hex(), "method": method, "arguments": arguments.hex(), "value": str(value)}
    return fields, contract + words(method) + byte_string(arguments) + uint(value, 128)


def transaction(chain, sender, nonce, until, gas, price, calls, memo):
    data = VERSION_1 + chain + sender + u64(nonce) + u64(until) + u64(gas) + uint(price, 128)
    data += sequence([encoded for _, encoded in calls]) + words(memo)
    fields = {
        "chainID": chain.hex(), "sender": sender.hex(), "nonce": str(nonce), "validUntilHeight": str(until), "gasLimit": str(gas),
        "gasPrice": str(price), "calls": [fields for fields, _ in calls], "memo": memo, "bcs": data.hex(),
        "id": domain_hash("transaction", data), "signedBytes": (b"trellis/tx/1" + chain + data).hex(),
    }
    return fields, data


def envelope(made, authenticator):
    data = VERSION_1 + made[1] + authenticator
    leaf = sha256(b"\x00" + bytes.fromhex(domain_hash("envelope", data)))
    return {"transaction": made[0], "envelope": data.hex(), "envelopeHash": domain_hash("envelope", data), "leaf": leaf.hex()}


def signed_single(made, signer):
    signature = signer.sign(bytes.fromhex(made[0]["signedBytes"]))
    return {**envelope(made, uleb128(0) + public(signer) + signature), "seeds": [seed(signer)], "threshold": 0,
            "keys": []}


def signed_multisig(made, keys, threshold, signers):
    members = sorted(public(member) for member in keys)
    chosen = {public(signer): signer for signer in signers}
    bits, signatures = 0, []
    for place, member in enumerate(members):
        if member in chosen:
            bits |= 1 << place
            signatures.append(chosen[member].sign(bytes.fromhex(made[0]["signedBytes"])))
    authenticator = uleb128(1) + sequence(members) + bytes([threshold]) + u32(bits) + sequence(signatures)
    return {**envelope(made, authenticator), "seeds": [seed(signer) for signer in signers],
            "threshold": threshold, "keys": [member.hex() for member in members]}


def transactions():
    chain = sample("chain", 32)
    one, group = key("one"), [key(f"group/{place}") for place in range(3)]
    many = [key(f"many/{place}") for place in range(32)]
    contract = b"accounts".ljust(20, b"\x00")
    transfer = call(contract, "transfer", sample("arguments", 36), 12_500_000)
    bare = call(sample("contract", 20), "", b"", 0)
    long = call(sample("contract/2", 20), "ü" * 32, sample("long", 300), 2**128 - 1)
    sender = single_address(public(one))
    group_sender = multisig_address([public(member) for member in group], 2)
    many_sender = multisig_address([public(member) for member in many], 32)
    return [
        signed_single(transaction(chain, sender, 0, 100, 150_000, 1, [transfer], ""), one),
        signed_single(transaction(chain, sender, 2**64 - 1, 2**64 - 1, 2**64 - 1, 2**128 - 1, [bare, long, transfer], "m" * 256), one),
        signed_single(transaction(chain, sender, 7, 8, 9, 10, [bare] * 64, "né"), one),
        signed_multisig(transaction(chain, group_sender, 3, 400, 200_000, 2, [transfer], "two of three"), group, 2, [group[2], group[0]]),
        signed_multisig(transaction(chain, many_sender, 4, 400, 200_000, 2, [bare], ""), many, 32, many),
    ]


# ── Receipts and events ───────────────────────────────────────────────────────────────────────────────────────────────
def origin(transaction_id=None, contract=None, method=None):
    if transaction_id is not None:
        return {"transaction": transaction_id.hex()}, uleb128(0) + transaction_id
    return {"contract": contract.hex(), "method": method}, uleb128(1) + contract + words(method)


def receipt(source, outcome, values, failure, gas, fee, events):
    if failure is None:
        body = sequence([byte_string(value) for value in values])
        fields = {"values": [value.hex() for value in values]}
    else:
        index, contract, code, message = failure
        body = u32(index) + contract + u32(code) + words(message)
        fields = {"callIndex": index, "contract": contract.hex(), "code": code, "message": message}
    data = VERSION_1 + source[1] + uleb128(outcome) + body + u64(gas) + uint(fee, 128) + u32(events)
    return {"origin": source[0], "class": outcome, **fields, "gasUsed": str(gas), "fee": str(fee), "eventCount": events,
            "bcs": data.hex(), "leaf": sha256(b"\x00" + data).hex()}


def event(source, index, contract, name, content):
    data = VERSION_1 + source[1] + u32(index) + contract + words(name) + byte_string(content)
    return {"origin": source[0], "index": index, "contract": contract.hex(), "name": name, "data": content.hex(), "bcs": data.hex(),
            "leaf": sha256(b"\x00" + data).hex()}


# ── RFC 6962 §2.1, by its recursive definitions ───────────────────────────────────────────────────────────────────────
def split(count):
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def tree_hash(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    k = split(len(leaves))
    return sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:]))


def audit_path(index, leaves):
    """Siblings from the leaf upwards, each with whether it stands on the left."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return audit_path(index, leaves[:k]) + [(tree_hash(leaves[k:]), False)]
    return audit_path(index - k, leaves[k:]) + [(tree_hash(leaves[:k]), True)]


def subproof(size, leaves, whole):
    if size == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    k = split(len(leaves))
    if size <= k:
        return subproof(size, leaves[:k], whole) + [tree_hash(leaves[k:])]
    return subproof(size - k, leaves[k:], False) + [tree_hash(leaves[:k])]


# The inputs and roots of the certificate-transparency project's tests (google/certificate-transparency,
# merkletree/merkle_tree_test.cc).
CT_LEAVES = [bytes.fromhex(leaf) for leaf in [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
assert [tree_hash(CT_LEAVES[:size]).hex() for size in range(9)] == CT_ROOTS


def tree(leaves):
    inclusion, consistency = [], []
    for index in range(len(leaves)):
        path = audit_path(index, leaves)
        lefts = sum(1 << step for step, (_, left) in enumerate(path) if left)
        siblings = [digest for digest, _ in path]
        inclusion.append({
            "index": index, "path": [digest.hex() for digest in siblings],
            "bcs": (u64(index) + u64(len(leaves)) + sequence(siblings)).hex(), "merklePath": (sequence(siblings) + u64(lefts)).hex()})
    for size in range(1, len(leaves) + 1):
        proof = subproof(size, leaves, True)
        consistency.append({"size": size, "path": [digest.hex() for digest in proof],
                            "bcs": (u64(size) + u64(len(leaves)) + sequence(proof)).hex()})
    return {"leaves": [leaf.hex() for leaf in leaves], "root": tree_hash(leaves).hex(), "inclusion": inclusion,
            "consistency": consistency}


# ── Parameters and genesis ────────────────────────────────────────────────────────────────────────────────────────────
TRL = 1_000_000
PARAMETERS = [
    ("blockGasMax", 64, 500_000_000), ("blockBytesMax", 32, 2 * 1024 * 1024), ("blockTransactionsMax", 32, 5_000),
    ("transactionGasMax", 64, 100_000_000), ("transactionBytesMax", 32, 640 * 1024),
    ("transactionGasBase", 64, 50_000), ("transactionGasPerByte", 64, 20), ("gasPriceMin", 128, 1),
    ("epochHeights", 64, 10_000), ("epochMilliseconds", 64, 3_600_000), ("heartbeatMilliseconds", 64, 10_000),
    ("blockIntervalMilliseconds", 64, 0), ("viewTimeoutMilliseconds", 64, 3_000),
    ("viewTimeoutMillisecondsMax", 64, 60_000), ("precisionMilliseconds", 64, 500),
    ("messageDelayMilliseconds", 64, 2_000), ("proofWindow", 32, 64), ("drawDelay", 32, 16),
    ("evidenceMilliseconds", 64, 864_000_000), ("trustingMilliseconds", 64, 1_209_600_000),
    ("unbondingMilliseconds", 64, 1_814_400_000), ("feeBurnPartsPerMillion", 32, 300_000),
    ("feeProposerPartsPerMillion", 32, 200_000), ("issuancePerBlock", 128, 0), ("validatorsMax", 32, 100),
    ("selfBondMin", 128, 1_000 * TRL), ("delegationMin", 128, TRL), ("commissionRisePartsPerMillionMax", 32, 10_000),
    ("slashDoubleSignPartsPerMillion", 32, 50_000), ("slashCorrelationFactor", 32, 3),
    ("slashDowntimePartsPerMillion", 32, 100), ("reporterPartsPerMillion", 32, 50_000),
    ("signedPartsPerMillionMin", 32, 500_000), ("jailMilliseconds", 64, 600_000), ("proposalDeposit", 128, 100 * TRL),
    ("votingMilliseconds", 64, 259_200_000), ("timeLockMilliseconds", 64, 172_800_000),
    ("quorumPartsPerMillion", 32, 334_000), ("thresholdPartsPerMillion", 32, 500_000),
    ("vetoPartsPerMillion", 32, 334_000), ("emergencyPartsPerMillion", 32, 666_667),
    ("pauseMillisecondsMax", 64, 604_800_000)]


def parameters(values):
    data = VERSION_1 + b"".join(uint(values[name], bits) for name, bits, _ in PARAMETERS)
    return {"values": {name: str(values[name]) for name, _, _ in PARAMETERS}, "bcs": data.hex(), "hash": domain_hash("parameters", data)}


def genesis(name, network, time, version, settings, weights, balances):
    charter = VERSION_1 + words(name) + uleb128(network) + u64(time) + u32(version) + bytes.fromhex(settings["bcs"])
    founders, founder_data, members = [], [], []
    for place, weight in enumerate(weights):
        fields, encoded = validator(f"{name}/{place}", weight)
        extra = {"account": sample(f"founder/{place}", 20), "consensusPossession": sample(f"possession/{place}", 64),
                 "vrfPossession": sample(f"vrf-possession/{place}", 80)}
        founders.append({**fields, **{key: value.hex() for key, value in extra.items()}})
        founder_data.append(extra["account"] + encoded + extra["consensusPossession"] + extra["vrfPossession"])
        members.append(encoded)
    accounts = sorted((sample(f"account/{place}", 20), balance) for place, balance in enumerate(balances))
    root = sample(f"{name}/root", 32)
    data = VERSION_1 + charter + sequence(founder_data) + sequence([who + uint(balance, 128) for who, balance in accounts]) + root
    chain = bytes.fromhex(domain_hash("genesis", data))
    validators_hash = bytes.fromhex(domain_hash("validators", VERSION_1 + u64(0) + sequence(members)))
    beacon = bytes.fromhex(domain_hash("beacon", chain))
    empty = sha256(b"")
    header_draft = VERSION_1 + u64(0) * 3 + u64(time) + u16(0) + bytes(32) + empty + validators_hash + bytes(80) + beacon
    header_draft += u32(version) + bitmap([])
    header = VERSION_1 + header_draft + root + empty + empty + u64(0) + validators_hash
    return {
        "chainName": name, "network": network, "time": str(time), "protocolVersion": version, "parameters": settings["bcs"],
        "charterID": domain_hash("charter", charter), "validators": founders,
        "allocations": [{"account": who.hex(), "balance": str(balance)} for who, balance in accounts], "stateRoot": root.hex(),
        "bcs": data.hex(), "chainID": chain.hex(), "header": header.hex(), "headerHash": domain_hash("header", header),
        "epochStart": (u64(0) + u64(time)).hex(),
    }


# ── Blocks and proof bundles ──────────────────────────────────────────────────────────────────────────────────────────
def block(header, final, envelopes):
    data = VERSION_1 + header + bytes.fromhex(final["bcs"]) + sequence([byte_string(bytes.fromhex(one)) for one in envelopes])
    return {"header": header.hex(), "certificate": final["bcs"], "envelopes": envelopes, "bcs": data.hex()}


def bundles(header, final, signed, receipts, events):
    members = [validator(f"bundle/{place}", 10) for place in range(4)]
    validators = VERSION_1 + u64(0) + sequence([encoded for _, encoded in members])
    light = VERSION_1 + header + bytes.fromhex(final["bcs"]) + validators
    path = sequence([sample("sibling/0", 32), sample("sibling/1", 32)]) + u64(2)
    contents = [("transaction", 1, signed["envelope"]), ("receipt", 2, receipts[0]["bcs"]), ("event", 3, events[0]["bcs"])]
    # A branch over a stub and a leaf: two bits for each node, the first in the lowest.
    claims = [(b"accounts".ljust(20, b"\x00") + b"key", b"value"), (sample("contract", 20), None)]
    proof = VERSION_1 + uleb128(3) + bytes([3 | 2 << 2 | 1 << 4]) + sequence([sample("stub", 32)])
    proof += sequence([sample("leaf/path", 32) + sample("leaf/value", 32)])
    state = sequence([byte_string(key) + (b"\x00" if value is None else b"\x01" + byte_string(value)) for key, value in claims]) + proof
    return {
        "light": light.hex(), "path": path.hex(), "stateProof": proof.hex(),
        "claims": [{"key": key.hex(), "value": None if value is None else value.hex()} for key, value in claims],
        "state": (VERSION_1 + light + uleb128(0) + state).hex(),
        "bundles": [{"kind": kind, "content": content,
                     "bcs": (VERSION_1 + light + uleb128(variant) + bytes.fromhex(content) + path).hex()}
                    for kind, variant, content in contents],
    }


# ── Document ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def document():
    signed = transactions()
    contract = b"agreements".ljust(20, b"\x00")
    first = origin(transaction_id=bytes.fromhex(signed[0]["transaction"]["id"]))
    hook = origin(contract=b"staking".ljust(20, b"\x00"), method="epoch_end")
    failure = (3, contract, 17, "the escrow is spent")
    receipts = [
        receipt(first, 0, [b"", sample("returned", 40)], None, 120_000, 120_000, 2),
        receipt(first, 0, [], None, 0, 0, 0),
        receipt(first, 1, None, failure, 99_999, 2**96 - 1, 0),
        receipt(first, 2, None, (0, contract, 1, ""), 150_000, 150_000, 0),
        receipt(hook, 3, None, (2**32 - 1, contract, 0, "ü" * 128), 2**64 - 1, 0, 0),
        receipt(hook, 0, [b"\x01"], None, 5, 0, 256),
    ]
    events = [event(first, 0, contract, "settled", sample("event", 60)), event(hook, 255, contract, "n" * 64, b"")]
    defaults = {name: value for name, _, value in PARAMETERS}
    settings = [parameters(defaults), parameters({name: place + 1 for place, (name, _, _) in enumerate(PARAMETERS)}),
                parameters({name: 2**bits - 1 for name, bits, _ in PARAMETERS})]
    made, executed = draft("block", 12, 0, 1, 1_760_000_001_000, 2, 1, [0, 1, 2]), result("block", 123)
    header = VERSION_1 + bytes.fromhex(made["bcs"]) + bytes.fromhex(executed["bcs"])
    final = certificate(statement("block", 0, 12, 1), [0, 2, 3])
    deployer = sample("deployer", 20)
    numbers = [f"leaf {place}".encode() * (place % 4) for place in range(33)]
    return {
        "source": "make_golden.py beside this file",
        "builtIns": [{"name": name, "address": name.encode().ljust(20, b"\x00").hex()} for name in ["accounts", "knowledge-mesh", "a" * 20]],
        "deployed": [{"deployer": deployer.hex(), "nonce": str(nonce), "callIndex": index,
                      "address": domain_hash("contract", deployer + u64(nonce) + u32(index))[:40]}
                     for nonce, index in [(0, 0), (1, 0), (0, 1), (2**64 - 1, 2**32 - 1)]],
        "transactions": signed,
        "receipts": receipts,
        "events": events,
        "trees": [tree(CT_LEAVES[:size]) for size in range(9)] + [tree(numbers[:size]) for size in [15, 16, 17, 33]],
        "parameters": settings,
        "genesis": [genesis("devnet", 1, 1_760_000_000_000, 1, settings[0], [1], []),
                    genesis("Trellis né", 0, 1, 7, settings[1], [10, 20, 30, 40], [1, 2**90, 5_000_000])],
        "blocks": [block(header, final, []), block(header, final, [one["envelope"] for one in signed])],
        "proofs": [bundles(header, final, signed[0], receipts, events)],
    }


if __name__ == "__main__":
    print(text(document()))
