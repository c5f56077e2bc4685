#!/usr/bin/env python3
"""Holds unleak's checksums against values that are made here, by other code: Python's zlib, hashlib and plain arithmetic.

Usage: tests/checksums/check.py UNLEAK      (the built program; only the standard library is used)

Each value is judged twice, as it is made and with one character of its body changed. The first must be proven ("checksum holds"
or "structure holds", confidence 1), the second must not. Values are random in every run; none is written down.
"""
import base64, hashlib, json, random, string, struct, subprocess, sys, zlib

RANDOM = random.Random()
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE36 = string.digits + string.ascii_lowercase
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def draw(alphabet, count):
    return "".join(RANDOM.choice(alphabet) for _ in range(count))


def crc(text):
    return zlib.crc32(text.encode())


def digits(number, alphabet, width):
    text = ""
    while number:
        number, digit = divmod(number, len(alphabet))
        text = alphabet[digit] + text
    return text.rjust(width, alphabet[0])


def github():
    body = draw(BASE62, 30)
    return RANDOM.choice(["ghp_", "gho_", "ghu_"]) + body + digits(crc(body), BASE62, 6)


def npm():
    body = draw(BASE62, 30)
    return "npm_" + body + digits(crc(body), BASE62, 6)


def vercel():
    body = draw(BASE62, 50)
    return RANDOM.choice(["vcp_", "vci_", "vca_", "vcr_", "vck_"]) + body + digits(crc(body), BASE62, 6)


def github_fine_grained():
    base32 = string.ascii_uppercase + "234567"
    start = "github_pat_11" + draw(base32, 9) + "0" + draw(BASE62, 10) + "_" + draw(BASE62, 43) + draw(base32, 8)
    return start + base64.b32encode(hashlib.sha256(start.encode()).digest()).decode()[:8]


def atlassian():
    start = "ATATT3xFfGF0" + draw(BASE62 + "-_", 168) + "="
    return start + f"{crc(start):08X}"


def grafana():
    start = "glsa_" + draw(BASE62, 32)
    return start + "_" + struct.pack("<I", crc(start)).hex()


def cloudflare():
    body = draw(BASE62, 40)
    return RANDOM.choice(["cfut_", "cfat_", "cfk_"]) + body + f"{crc(body):08x}"


def zuplo():
    body = draw(BASE36, 32)
    return f"zpka_{body}_{crc(body):08x}"


def confluent():
    body = draw(BASE62, 54)
    return "cflt" + body + base64.b64encode(struct.pack("<I", crc(body))).decode().rstrip("=")


def gitlab_routable():
    payload = base64.urlsafe_b64encode(RANDOM.randbytes(16) + b"o:1\np:2a\nu:3b").decode().rstrip("=")
    start = f"glpat-{payload}.01.{digits(len(payload), BASE36, 2)}"
    return start + digits(crc(start), BASE36, 7)


def base58check(payload):
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits(int.from_bytes(data, "big"), BASE58, 1)


def wif():
    return base58check(b"\x80" + RANDOM.randbytes(32) + b"\x01")


def extended_key():
    return base58check(bytes.fromhex("0488ade4") + b"\x03" + RANDOM.randbytes(8) + RANDOM.randbytes(32) + b"\0" + RANDOM.randbytes(32))


def age():
    prefix, data = "age-secret-key-", RANDOM.randbytes(32)
    bits = "".join(f"{byte:08b}" for byte in data) + "0000"
    values = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]

    def polymod(values):
        check = 1
        for value in values:
            top = check >> 25
            check = (check & 0x1FFFFFF) << 5 ^ value
            for bit, generator in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
                check ^= generator if top >> bit & 1 else 0
        return check

    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    remainder = polymod(expanded + values + [0] * 6) ^ 1
    values += [remainder >> 5 * (5 - at) & 31 for at in range(6)]
    return (prefix + "1" + "".join(BECH32[value] for value in values)).upper()


def pypi():
    location = b"\x02\x01\x08pypi.org"
    identifier = b"\x02\x24" + "-".join(draw("0123456789abcdef", n) for n in (8, 4, 4, 4, 12)).encode() + b"\x00"
    caveat = b"\x02\x2a[3,\"" + "-".join(draw("0123456789abcdef", n) for n in (8, 4, 4, 4, 12)).encode() + b"\"]\x00"
    data = location + identifier + caveat + b"\x00\x06\x20" + RANDOM.randbytes(32)
    return "pypi-" + base64.urlsafe_b64encode(data).decode().rstrip("=")


FORMATS = [github, npm, vercel, github_fine_grained, atlassian, grafana, cloudflare, zuplo, confluent, gitlab_routable, wif, extended_key, age, pypi]
# Macaroons carry no checksum that can be verified offline: another body parses as well.
PARSED_ONLY = {pypi}


def proven(unleak, make, value):
    # Some formats are only looked for beside a word that says what they are.
    line = f'bitcoin_wif = "{value}"\n' if make is wif else f'value = "{value}"\n'
    done = subprocess.run([unleak, "paths", "--format", "json", "-"], input=line.encode(), capture_output=True)
    report = json.loads(done.stdout)
    return any(finding["confidence"] == 1 for finding in report["findings"]), report


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    failures = 0
    for make in FORMATS:
        held = refused = 0
        for _ in range(5):
            value = make()
            held += proven(sys.argv[1], make, value)[0]
            at = len(value) * 2 // 5
            other = value[:at] + RANDOM.choice([c for c in "acdefghjk23456789ACDEFGHJK" if c.isupper() == value[at].isupper() and c != value[at]]) + value[at + 1 :]
            refused += not proven(sys.argv[1], make, other)[0]
        good = held == 5 and (refused == 5 or make in PARSED_ONLY)
        failures += not good
        print(f"{make.__name__:20} {held} of 5 hold, {refused} of 5 altered ones do not{'' if good else '   WRONG'}")
    sys.exit(1 if failures else 0)


main()
