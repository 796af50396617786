#!/usr/bin/env python3
"""Pays, waits, and reads back with proof, as a program of somebody else does.

Everything that it asks a node goes through the package `trellis_client`, which a generator has made from the node's `/openapi.json`.
What is signed is encoded here, from the pages of the rooms Ledger and Cryptography alone; no code of the node is used.

usage: round.py address SEED PREFIX           prints the account of a seed of 32 bytes in hexadecimal
       round.py pay URL SEED RECEIVER         prints a JSON document of what was done and read
"""

import hashlib
import json
import sys
import time
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def require(condition, what):
    if not condition:
        raise SystemExit(f"round.py: {what}")


# ── Encodings: BCS, little-endian ─────────────────────────────────────────────────────────────────────────────────────
VERSION_1 = b"\x00"


def unsigned(value, bits):
    return value.to_bytes(bits // 8, "little")


def length(count):
    encoded = bytearray()
    while count >= 0x80:
        encoded.append(count & 0x7F | 0x80)
        count >>= 7
    return bytes(encoded) + bytes([count])


def byte_string(data):
    return length(len(data)) + data


def sequence(items):
    return length(len(items)) + b"".join(items)


def call(contract, method, arguments, value):
    return contract + byte_string(method.encode()) + byte_string(arguments) + unsigned(value, 128)


def transaction(chain_id, sender, nonce, valid_until, gas_limit, gas_price, calls, memo):
    return (VERSION_1 + chain_id + sender + unsigned(nonce, 64) + unsigned(valid_until, 64) + unsigned(gas_limit, 64)
            + unsigned(gas_price, 128) + sequence(calls) + byte_string(memo.encode()))


def signed(key, chain_id, body):
    authenticator = b"\x00" + key.public_key().public_bytes_raw() + key.sign(b"trellis/tx/1" + chain_id + body)
    return VERSION_1 + body + authenticator


# ── Addresses: bech32m of BIP-350 ─────────────────────────────────────────────────────────────────────────────────────
ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def checksum(groups):
    value = 1
    for group in groups:
        top = value >> 25
        value = (value & 0x1FFFFFF) << 5 ^ group
        for place, factor in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            value ^= factor if top >> place & 1 else 0
    return value


def expand(prefix):
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def address_text(prefix, address):
    number = int.from_bytes(address, "big")
    groups = [number >> 5 * place & 31 for place in reversed(range(len(address) * 8 // 5))]
    tail = checksum(expand(prefix) + groups + [0] * 6) ^ 0x2BC830A3
    return prefix + "1" + "".join(ALPHABET[group] for group in groups + [tail >> 5 * place & 31 for place in reversed(range(6))])


def address_bytes(text):
    prefix, _, data = text.rpartition("1")
    groups = [ALPHABET.index(letter) for letter in data]
    require(checksum(expand(prefix) + groups) == 0x2BC830A3, f"{text} is no address")
    number = 0
    for group in groups[:-6]:
        number = number << 5 | group
    return number.to_bytes(20, "big")


def account(key):
    return sha256(b"\x00", key.public_key().public_bytes_raw())[:20]


# ── The round ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def pay(url, key, receiver):
    from trellis_client import Client, models
    from trellis_client.api.accounts import get_account, get_account_transactions
    from trellis_client.api.blocks import get_block, get_blocks
    from trellis_client.api.chain import get_chain, get_chain_genesis_document, get_validators
    from trellis_client.api.contracts import post_contract_view
    from trellis_client.api.transactions import get_fees, get_transaction, post_simulate, post_transactions, post_transactions_batch
    from trellis_client.types import File

    client = Client(base_url=url, raise_on_unexpected_status=True, timeout=30)

    def ask(route, kind, *path, **keys):
        answer = route.sync(*path, client=client, **keys)
        require(isinstance(answer, kind), f"{route.__name__}: {answer}")
        return answer

    def wait(name):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            report = ask(get_transaction, models.TransactionReport, name)
            if report.state != models.TransactionReportState.PENDING:
                return report
            time.sleep(0.05)
        require(False, f"{name} waits still")

    # The chain, and the document from which it began: its hash is the chain's name.
    chain = ask(get_chain, models.Chain)
    chain_id = bytes.fromhex(chain.chain_id[2:])
    document = ask(get_chain_genesis_document, File).payload.read()
    require(sha256(b"trellis/genesis/1", document) == chain_id, "the genesis document is of another chain")
    require(ask(get_validators, models.Validators).validators, "there are no validators")

    # The account, and what a payment from it would do.
    sender = account(key)
    mine = address_text(chain.address_prefix, sender)
    before, theirs = ask(get_account, models.Account, mine), ask(get_account, models.Account, receiver)
    amount = 1_250_000
    intended = models.SimulatedCall(contract="accounts", method="transfer", arguments={"to": receiver}, value=str(amount))
    simulation = ask(post_simulate, models.Simulation, body=models.SimulationRequest(sender=mine, calls=[intended]))
    require(simulation.outcome == models.SimulationOutcome.SUCCEEDED, f"it would fail: {simulation}")
    arguments = address_bytes(receiver)
    require(simulation.calls[0].data == "0x" + arguments.hex(), "the node encodes the arguments differently")

    # Signed here.
    price = int(ask(get_fees, models.Fees).medium)

    def payment(nonce, value, memo):
        calls = [call(b"accounts".ljust(20, b"\x00"), "transfer", arguments, value)]
        body = transaction(chain_id, sender, nonce, chain.head.height + 600, simulation.gas_limit_suggested, price, calls, memo)
        return "0x" + sha256(b"trellis/transaction/1", body).hex(), signed(key, chain_id, body)

    name, envelope = payment(before.next_nonce, amount, "for bread")
    report = ask(post_transactions, (models.TransactionReport, models.Submission),
                 body=models.SubmissionRequest("0x" + envelope.hex()), wait=models.PostTransactionsWait.COMMITTED, timeout=20)
    require(report.id == name, f"the node calls it {report.id}, not {name}")
    report = wait(name)
    require(report.state == models.TransactionReportState.COMMITTED, f"{report.state}")
    require(report.receipt.outcome == models.ReceiptOutcome.SUCCEEDED, f"{report.receipt}")
    told = report.transaction
    require((told.sender, told.nonce, told.memo, told.envelope) == (mine, before.next_nonce, "for bread", "0x" + envelope.hex()), f"{told}")
    require(told.calls[0].arguments == {"to": receiver} and told.calls[0].value == str(amount), f"{told.calls}")
    fee = int(report.receipt.fee)

    # The same as bytes, and two in one request.
    again = ask(post_transactions, (models.TransactionReport, models.Submission), body=File(payload=BytesIO(envelope)))
    require(again.id == name, "the same bytes have another name")
    more = [payment(before.next_nonce + 1 + place, 1 + place, "") for place in range(2)]
    batch = ask(post_transactions_batch, models.Batch, body=File(payload=BytesIO(sequence([byte_string(data) for _, data in more]))))
    require([item.id for item in batch.items] == [name for name, _ in more], f"{batch}")
    for other, _ in more:
        fee += int(wait(other).receipt.fee)

    # What it came to.
    after, proven = ask(get_account, models.Account, mine), ask(get_account, models.Account, receiver, proof=True)
    require(int(before.balance) - int(after.balance) == amount + 3 + fee, f"{before.balance} became {after.balance}")
    require(int(proven.balance) - int(theirs.balance) == amount + 3, f"{theirs.balance} became {proven.balance}")
    require(after.nonce == before.nonce + 3, f"{after}")
    history = ask(get_account_transactions, models.PageOfTransactionReport, mine, limit=3)
    require({item.id for item in history.items} == {name, *(other for other, _ in more)}, f"{history}")
    view = ask(post_contract_view, models.View, "accounts", body=models.ViewRequest(method="balance", arguments={"account": receiver}))
    require(view.outcome == models.ViewOutcome.SUCCEEDED, f"{view}")

    # Two pages of blocks that hang together.
    page = ask(get_blocks, models.PageOfBlock, limit=2)
    blocks = page.items + ask(get_blocks, models.PageOfBlock, limit=2, cursor=page.next_).items
    require([block.height for block in blocks] == list(range(page.height, page.height - 4, -1)), "blocks are missing")
    require(all(upper.parent_hash == lower.hash_ for upper, lower in zip(blocks, blocks[1:])), "blocks do not hang together")
    require(ask(get_block, models.Block, str(report.height)).hash_ == report.block_hash, "it is in another block")

    # Refusals are values with codes.
    refused = ask(get_account, models.Problem, "nobody")
    require(refused.status == 400 and refused.code, f"{refused}")
    unknown = ask(get_transaction, models.Problem, "0x" + "00" * 32)
    require(unknown.status == 404 and unknown.code == "tx.unknown", f"{unknown}")
    return {"id": name, "height": report.height, "balance": proven.balance, "account": proven.to_dict()}


def main(arguments):
    match arguments:
        case ["address", seed, prefix]:
            print(address_text(prefix, account(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))))
        case ["pay", url, seed, receiver]:
            print(json.dumps(pay(url, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)), receiver)))
        case _:
            raise SystemExit(__doc__)


main(sys.argv[1:])
