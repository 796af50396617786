#!/usr/bin/env python3
"""Writes key-files.json and bip39-unicode.json: what this room has to read and derive, by a program that shares no code with it.

Argon2id and XChaCha20-Poly1305 are called in libsodium through ctypes; format, header, checksum and normalisation are written
out here once more. Needs libsodium.so.23 and nothing else: python3 make_vectors.py
"""
import ctypes, hashlib, json, pathlib, struct, unicodedata

sodium = ctypes.CDLL("libsodium.so.23")
assert sodium.sodium_init() >= 0
here = pathlib.Path(__file__).parent
u64 = ctypes.c_ulonglong
ROLES = ["account", "validator", "node", "vrf", "sealing"]


def nfkd(text):
    return unicodedata.normalize("NFKD", text).encode()


def public_key(role, seed):
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
    make = sodium.crypto_box_seed_keypair if role == "sealing" else sodium.crypto_sign_seed_keypair
    make(public, secret, seed)
    return public.raw


def key_file(role, seed, passphrase, ops, mem, salt, nonce):
    password, public = nfkd(passphrase), public_key(role, seed)
    key = ctypes.create_string_buffer(32)
    assert sodium.crypto_pwhash(key, u64(32), password, u64(len(password)), salt, u64(ops), ctypes.c_size_t(mem), 2) == 0
    header = (b"trellis/key-file/1" + bytes([1, ROLES.index(role)]) + public + b"\x08argon2id" + struct.pack("<QQ", ops, mem) + salt
              + b"\x11xchacha20poly1305" + nonce)
    box = ctypes.create_string_buffer(48)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        box, None, seed, u64(32), header, u64(len(header)), None, nonce, key)
    lines = ['{', '  "version": 1,', f'  "role": "{role}",', f'  "publicKey": "{public.hex()}",']
    if role == "account":
        lines.append(f'  "address": "{hashlib.sha256(bytes([0]) + public).digest()[:20].hex()}",')
    lines += [f'  "kdf": {{ "name": "argon2id", "ops": {ops}, "mem": {mem}, "salt": "{salt.hex()}" }},',
              '  "cipher": "xchacha20poly1305",', f'  "nonce": "{nonce.hex()}",', f'  "ciphertext": "{box.raw.hex()}",',
              f'  "checksum": "{hashlib.sha256(header + box.raw).hexdigest()}"', '}', '']
    return {"role": role, "seed": seed.hex(), "passphrase": passphrase, "ops": ops, "mem": mem, "salt": salt.hex(),
            "nonce": nonce.hex(), "json": "\n".join(lines)}


def bip39_unicode(phrase, passphrase):
    seed = hashlib.pbkdf2_hmac("sha512", nfkd(phrase), b"mnemonic" + nfkd(passphrase), 2048)
    return {"mnemonic": phrase, "passphrase": passphrase, "seed": seed.hex()}


files = [key_file(role, bytes([number + 1]) * 32, passphrase, 1 + number, 8192 * (1 + number), bytes(range(number, number + 16)),
                  bytes(range(100 + number, 124 + number)))
         for number, (role, passphrase) in enumerate(zip(ROLES, ["correct horse", "", "Ünïcödé ﬁﬀ Å", "x" * 1000, "sealed"]))]
about = " ".join(["abandon"] * 11 + ["about"])
seeds = [bip39_unicode(about, passphrase) for passphrase in ["", "Ångström", "㍍ガバヴァぱばぐゞちぢ十人十色", "ﬁ ½ ② ｆｕｌｌ", "é", "e\u0301"]]
for name, vectors in [("key-files", files), ("bip39-unicode", seeds)]:
    (here / f"{name}.json").write_text(
        json.dumps({"source": "make_vectors.py", "vectors": vectors}, indent=1, ensure_ascii=False) + "\n")
