#!/usr/bin/env python3
"""Prints vectors.json. Shares nothing with the code it checks: hashlib, unicodedata, an HKDF written out below, AES-GCM of the package
`cryptography`, and the bcrypt of the C library, reached through perl. The vectors are for ever: add some, never change one."""
import base64, hashlib, hmac, json, subprocess, unicodedata
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def account_keys(name, username, password, salt_of_hash=None):
    secret = unicodedata.normalize("NFKC", password).encode()
    derived = hashlib.pbkdf2_hmac("sha512", secret, b"halley/account-keys/1/" + username.encode(), 210_000, 48)
    vector = {"name": name, "kdf": 1, "username": username, "password": password, "lKey": derived[:24].hex(), "rKey": derived[24:].hex()}
    if salt_of_hash:
        vector["storedHash"] = stored_hash(vector["lKey"], salt_of_hash)
    return vector


def stored_hash(l_key, salt):
    seen = base64.b64encode(hashlib.sha512(l_key.encode()).digest()).decode()[:72]
    return subprocess.run(["perl", "-e", "print crypt($ARGV[0], $ARGV[1])", seen, "$2a$04$" + salt], check=True, capture_output=True, text=True).stdout


def hkdf_sha512_32(key, info):
    extracted = hmac.digest(bytes(64), key, "sha512")
    return hmac.digest(extracted, info + b"\x01", "sha512")[:32]


def sealed_text(root_key, purpose, nonce, secret):
    info = b"halley/sealed/1/" + purpose.encode()
    sealed = nonce + AESGCM(hkdf_sha512_32(root_key, info)).encrypt(nonce, secret, info)
    return "1." + base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def profile_secret(name, r_key, purpose, nonce, secret):
    text = sealed_text(bytes.fromhex(r_key), purpose, bytes.fromhex(nonce), secret)
    return {"name": name, "rKey": r_key, "purpose": purpose, "nonce": nonce, "secret": secret.hex(), "text": text}


def recovery_code(name, code, r_key, nonce):
    bits = bytes.fromhex(code)
    checksum = hashlib.sha256(b"halley/recovery-code/1/" + bits).digest()
    number = int.from_bytes(bits + checksum[:3], "big") >> 4
    digits = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * place & 31] for place in reversed(range(36)))
    text = "-".join(digits[at:at + 4] for at in range(0, 36, 4))
    wrapped = sealed_text(bits, "recovery", bytes.fromhex(nonce), bytes.fromhex(r_key))
    return {"name": name, "code": code, "text": text, "rKey": r_key, "nonce": nonce, "wrapped": wrapped}


R_KEY = bytes(range(1, 25)).hex()
NONCE = bytes(range(0xa0, 0xac)).hex()

print(json.dumps({
    "about": "Fixed vectors of the key hierarchy, made by make-vectors.py. Existing accounts depend on them: add some, never change one.",
    "accountKeys": [
        account_keys("ASCII", "alice", "correct horse battery staple", "abcdefghijklmnopqrstuu"),
        account_keys("another case of the username is another account", "Alice", "correct horse battery staple"),
        account_keys("another case of the password is another password", "alice", "Correct horse battery staple"),
        account_keys("one character", "a", "x"),
        account_keys("white space and control characters are kept", "b@example.com", "  pass\tword\r\n\x00 "),
        account_keys("slash and spaces in the username", "halley/account-keys/1/ x", "secret"),
        account_keys("umlauts, composed", "zo\u00eb", "P\u00e4ssw\u00f6rd", "./ABCDEFGHIJKLMNOPQRSO"),
        account_keys("umlauts, combining accents: same as composed", "zo\u00eb", "Pa\u0308sswo\u0308rd"),
        account_keys("a username is not normalised", "zoe\u0308", "P\u00e4ssw\u00f6rd"),
        account_keys("ligature, full-width letters, circled digit", "bob", "\ufb01nd\uff21\uff42\uff43\u2460\u00a0\u2126"),
        account_keys("what these are compatible with: same keys", "bob", "findAbc1 \u03a9"),
        account_keys("half-width katakana, Hangul jamo", "\u540d\u524d", "\uff8a\uff9f\uff7d\uff9c\uff70\uff84\uff9e\u1112\u1161\u11ab"),
        account_keys("accents out of canonical order, long s with dots", "carol", "q\u0307\u0323\u1e9b\u0323"),
        account_keys("emoji with joiner and variation selector", "\U0001f98a", "\U0001f469\u200d\U0001f4bb\U0001f511\u2604\ufe0f\uffff", "zyxwvutsrqponmlkjihgfe"),
        account_keys("300 characters", "d" * 255, "0123456789" * 30),
        account_keys("4096 characters that become 73 728", "e", "\ufdfa" * 4096),
    ],
    "profileSecrets": [
        profile_secret("key of a bucket", R_KEY, "bucket-key", NONCE, b"00112233445566778899aabbccddeeff"),
        profile_secret("key of one vault", R_KEY, "vault-key/5f1c", "00" * 12, b"ffeeddccbbaa99887766554433221100"),
        profile_secret("empty", R_KEY, "source-password", "ff" * 12, b""),
        profile_secret("every byte", "80" * 24, "source-password/\u00e9", NONCE, bytes(range(256))),
    ],
    "recoveryCodes": [
        recovery_code("ascending", bytes(range(20)).hex(), R_KEY, NONCE),
        recovery_code("zeros", "00" * 20, "ff" * 24, "00" * 12),
        recovery_code("ones", "ff" * 20, R_KEY, "ff" * 12),
        recovery_code("random", "d41b3a0f6c2e97885b10c4ea73f95d2668af01be", "5a" * 24, NONCE),
    ],
}, indent=2))
