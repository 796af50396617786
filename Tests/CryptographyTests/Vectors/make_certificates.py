"""Writes certificates.json: certificates of the openssl command line and of Python's cryptography, signatures by their keys, and
thousands of altered certificates with what Python's parser makes of them.

    python3 make_certificates.py > certificates.json

Every run makes new keys. The private keys are there so that tests can sign; they protect nothing.
"""
import datetime, hashlib, json, random, subprocess, sys, tempfile, warnings
from pathlib import Path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID, ExtendedKeyUsageOID, ObjectIdentifier

warnings.simplefilter("ignore")
DER = serialization.Encoding.DER
UTC = datetime.timezone.utc
MUTATIONS = 3000


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True).stdout


def milliseconds(time):
    return int((time - datetime.datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1000


def fields(der):
    """What is kept of a certificate, by Python's parser; None when it refuses, now or when a part is asked for."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        info = certificate.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return {
            "serial": str(certificate.serial_number), "issuer": certificate.issuer.public_bytes().hex(),
            "subject": certificate.subject.public_bytes().hex(), "commonName": names[0].value if names else None,
            "notBefore": milliseconds(certificate.not_valid_before_utc), "notAfter": milliseconds(certificate.not_valid_after_utc),
            "fingerprint": certificate.fingerprint(hashes.SHA256()).hex(), "keyFingerprint": hashlib.sha256(info).hexdigest(),
            "version": certificate.version.name,
        }
    except Exception:
        return None


def private_bytes(key):
    return key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).hex()


def name(*attributes):
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])


ORGANISATION = [(NameOID.COUNTRY_NAME, "DE"), (NameOID.ORGANIZATION_NAME, "Example & Söhne")]
YEAR = datetime.timedelta(days=365)
START = datetime.datetime(2025, 1, 1, tzinfo=UTC)


def build(subject, issuer, key, issuer_key, hash=hashes.SHA256(), start=START, end=START + 20 * YEAR, extensions=(), pss=False):
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
               .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    if isinstance(issuer_key, ed25519.Ed25519PrivateKey):
        hash = None
    options = {"rsa_padding": padding.PSS(padding.MGF1(hash), hash.digest_size)} if pss else {}
    return builder.sign(issuer_key, hash, **options).public_bytes(DER)


def authority(length=None):
    return (x509.BasicConstraints(True, length), True)


def usage(sign=True):
    return (x509.KeyUsage(True, False, False, False, False, sign, sign, False, False), True)


def by_command_line(directory):
    """Self-signed certificates as people make them."""
    kinds = {
        "cli-ed25519": ["-newkey", "ed25519"], "cli-p256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "cli-p384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], "cli-rsa2048": ["-newkey", "rsa:2048"],
        "cli-rsa3072": ["-newkey", "rsa:3072"], "cli-rsa4096": ["-newkey", "rsa:4096"],
    }
    for kind, options in kinds.items():
        key = directory / f"{kind}.key"
        der = openssl("req", "-x509", *options, "-nodes", "-keyout", str(key), "-outform", "DER", "-days", "7300", "-sha256",
                      "-subj", f"/C=DE/O=Example/CN={kind}.example.org", "-addext", f"subjectAltName=DNS:{kind}.example.org")
        yield kind, der, serialization.load_pem_private_key(key.read_bytes(), None), kind


def by_library():
    def entry(label, subject, issuer, key, issuer_key, signer, **options):
        return label, build(subject, issuer, key, issuer_key, **options), key, signer
    root, other, middle, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(4))
    middle = rsa.generate_private_key(65537, 2048)
    big = ec.generate_private_key(ec.SECP384R1())
    edwards = ed25519.Ed25519PrivateKey.generate()
    root_name, middle_name = name(*ORGANISATION, (NameOID.COMMON_NAME, "Root")), name(*ORGANISATION, (NameOID.COMMON_NAME, "Intermediate"))
    leaf_name = name(*ORGANISATION, (NameOID.COMMON_NAME, "Zoë's service"))
    yield entry("root", root_name, root_name, root, root, "root", extensions=[authority(), usage()])
    yield entry("root-short", root_name, root_name, root, root, "root", extensions=[authority(0), usage()])
    yield entry("root-late", root_name, root_name, root, root, "root", start=START + 10 * YEAR, extensions=[authority()])
    yield entry("root-p384", root_name, root_name, big, big, "root-p384", hash=hashes.SHA384(), extensions=[authority(1), usage()])
    yield entry("root-ed25519", root_name, root_name, edwards, edwards, "root-ed25519", extensions=[authority()])
    yield entry("middle", middle_name, root_name, middle, root, "root", extensions=[authority(0), usage()])
    yield entry("middle-no-authority", middle_name, root_name, middle, root, "root", extensions=[(x509.BasicConstraints(False, None), True)])
    yield entry("middle-no-signing", middle_name, root_name, middle, root, "root", extensions=[authority(), usage(False)])
    yield entry("middle-constrained", middle_name, root_name, middle, root, "root", extensions=[
        authority(), (x509.NameConstraints([x509.DNSName("example.org")], None), True)])
    yield entry("middle-old", middle_name, root_name, middle, root, "root", end=START + YEAR, extensions=[authority()])
    yield entry("middle-forged", middle_name, root_name, middle, other, "none", extensions=[authority()])
    key = ec.generate_private_key(ec.SECP256R1())
    yield entry("leaf-of-root", leaf_name, root_name, key, root, "root")
    yield entry("leaf-forged", leaf_name, root_name, key, other, "none")
    yield entry("leaf-of-p384", leaf_name, root_name, leaf, big, "root-p384", hash=hashes.SHA384())
    yield entry("leaf-of-ed25519", leaf_name, root_name, leaf, edwards, "root-ed25519")
    yield entry("leaf-of-middle", leaf_name, middle_name, leaf, middle, "middle", extensions=[
        (x509.SubjectAlternativeName([x509.DNSName("a.example.org")]), False), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True)])
    yield entry("leaf-sha384", leaf_name, middle_name, leaf, middle, "middle", hash=hashes.SHA384())
    yield entry("leaf-sha512", leaf_name, middle_name, leaf, middle, "middle", hash=hashes.SHA512())
    yield entry("leaf-pss", leaf_name, middle_name, leaf, middle, "none", pss=True)
    yield entry("leaf-critical", leaf_name, root_name, leaf, root, "root", extensions=[
        (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)])
    # The same key as leaf-of-middle, a year later, as a renewal has it.
    yield entry("leaf-renewed", leaf_name, middle_name, leaf, middle, "middle", end=START + 21 * YEAR)
    yield entry("no-name", name(), name(), leaf, leaf, "leaf-of-middle")
    yield entry("expired", leaf_name, leaf_name, leaf, leaf, "leaf-of-middle", end=START + datetime.timedelta(days=1))
    yield entry("long-life", leaf_name, leaf_name, leaf, leaf, "leaf-of-middle", end=datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    yield entry("not-yet", leaf_name, leaf_name, leaf, leaf, "leaf-of-middle", start=datetime.datetime(2055, 2, 28, 1, 2, 3, tzinfo=UTC),
                end=datetime.datetime(2056, 2, 29, 23, 59, 59, tzinfo=UTC))
    pair = x509.Name([x509.RelativeDistinguishedName([
        x509.NameAttribute(NameOID.COMMON_NAME, "pair"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Two in one part")])])
    yield entry("pair", pair, pair, edwards, edwards, "root-ed25519")


def refused(directory):
    """Certificates that Python reads and that are not accepted here, and why."""
    leaf = ec.generate_private_key(ec.SECP256R1())
    one = name((NameOID.COMMON_NAME, "refused"))
    for label, key in [("p521", ec.generate_private_key(ec.SECP521R1())), ("secp256k1", ec.generate_private_key(ec.SECP256K1())),
                       ("rsa1024", rsa.generate_private_key(65537, 1024)), ("rsa-exponent-3", rsa.generate_private_key(3, 2048)),
                       ("rsa2047", None)]:
        if key is None:
            pem = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2047")
            key = serialization.load_pem_private_key(pem, None)
        yield label, build(one, one, key, key), "key"
    for label, options in [("explicit-curve", ["-pkeyopt", "ec_param_enc:explicit"])]:
        key = directory / f"{label}.key"
        yield label, openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", *options, "-nodes", "-keyout", str(key),
                             "-outform", "DER", "-subj", "/CN=refused"), "key"
    yield "ed448", openssl("req", "-x509", "-newkey", "ed448", "-nodes", "-keyout", str(directory / "k"), "-outform", "DER", "-subj", "/CN=refused"), "key"
    key = directory / "compressed.key"
    key.write_bytes(leaf.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()))
    openssl("ec", "-in", str(key), "-out", str(key), "-conv_form", "compressed")
    yield "compressed-point", openssl("req", "-x509", "-key", str(key), "-outform", "DER", "-subj", "/CN=refused"), "key"
    request = openssl("req", "-new", "-newkey", "ed25519", "-nodes", "-keyout", str(directory / "v1.key"), "-subj", "/CN=refused")
    yield "version-1", openssl("x509", "-req", "-key", str(directory / "v1.key"), "-outform", "DER", data=request), "malformed"
    wide = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "wide", x509.name._ASN1Type.BMPString)])
    yield "bmp-name", build(wide, wide, leaf, leaf), "malformed"
    twice = name((NameOID.COMMON_NAME, "a"), (NameOID.COMMON_NAME, "b"))
    yield "two-common-names", build(twice, twice, leaf, leaf), "malformed"


def fixed(key, signature):
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return signature
    size = (key.key_size + 7) // 8
    r, s = decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def signatures(directory, certificates):
    """By the command line, over a message of its own each."""
    for label in [label for label in certificates if label.startswith("cli-")]:
        der, key, _ = certificates[label]
        message = f"a message for {label}".encode()
        (directory / "message").write_bytes(message)
        pem = directory / f"{label}.key"
        if label == "cli-ed25519":
            made = openssl("pkeyutl", "-sign", "-inkey", str(pem), "-rawin", "-in", str(directory / "message"))
        else:
            made = openssl("dgst", "-sha256", "-sign", str(pem), str(directory / "message"))
        yield {"certificate": label, "message": message.hex(), "signature": fixed(key, made).hex()}


def infinite(certificates):
    """A signature for which u1·G + u2·Q is infinite: r = −e/d. The holder of the key can make it, and it is none."""
    key = certificates["cli-p256"][1]
    order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
    message = b"infinite"
    e = int.from_bytes(hashlib.sha256(message).digest(), "big")
    r = -e * pow(key.private_numbers().private_value, -1, order) % order
    return {"certificate": "cli-p256", "message": message.hex(), "signature": (r.to_bytes(32, "big") + (7).to_bytes(32, "big")).hex()}


def mutate(generator, der):
    """One to three changes: [place, bytes removed, bytes put there]."""
    edits = []
    for _ in range(generator.choice([1, 1, 1, 2, 3])):
        place = generator.randrange(len(der))
        kind = generator.randrange(7)
        if kind == 0: edit = [place, 1, bytes([der[place] ^ 1 << generator.randrange(8)])]
        elif kind == 1: edit = [place, 1, bytes([generator.choice([0, 1, 2, 3, 5, 6, 0xc, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0xff])])]
        elif kind == 2: edit = [place, 1, bytes([generator.randrange(256)])]
        elif kind == 3: edit = [place, 1, b""]
        elif kind == 4: edit = [place, 0, bytes([generator.randrange(256)])]
        elif kind == 5: edit = [place, 1, bytes([(der[place] + generator.choice([1, -1])) % 256])]
        else: edit = [place, 2, bytes([0x81, der[place]])]
        edits.append(edit)
        der = der[:edit[0]] + edit[2] + der[edit[0] + edit[1]:]
        if not der: break
    return edits, der


def main():
    generator = random.Random(20251009)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        certificates = {label: (der, key, signer) for label, der, key, signer in [*by_command_line(directory), *by_library()]}
        small = [label for label, (der, _, _) in certificates.items() if len(der) < 900]
        mutations = []
        for _ in range(MUTATIONS):
            label = generator.choice(small)
            edits, der = mutate(generator, certificates[label][0])
            kept = fields(der)
            if kept: kept.pop("fingerprint")
            original = fields(certificates[label][0])
            same = kept and {key: value for key, value in kept.items() if original[key] != value}
            mutations.append({"of": label, "edits": [[place, count, put.hex()] for place, count, put in edits],
                              "verdict": "refused" if kept is None else same})
        result = {
            "certificates": [{"name": label, "der": der.hex(), "key": private_bytes(key), "signer": signer, "fields": fields(der)}
                             for label, (der, key, signer) in certificates.items()],
            "refused": [{"name": label, "der": der.hex(), "why": why} for label, der, why in refused(directory)],
            "signatures": list(signatures(directory, certificates)),
            "infinite": infinite(certificates),
            "mutations": mutations,
        }
    lines = []
    for key, value in result.items():
        if isinstance(value, list):
            lines.append(json.dumps(key) + ": [\n" + ",\n".join(json.dumps(item, ensure_ascii=False) for item in value) + "]")
        else:
            lines.append(json.dumps(key) + ": " + json.dumps(value))
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


main()
