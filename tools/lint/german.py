#!/usr/bin/env python3
"""Tells which texts of the pages are not there in German.

Looks at the string literals of the pages that people meet while they sign in, enrol, look after their
security or recover an account, and at the words of refusals: texts between two tags, labels that are
read aloud, and what begins with a capital like a sentence or has several words. Each must be a key of
german_*.cpp. Prints file and text; exits with 1 if any is missing.
"""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
api = root / "src/edge/api"

PAGES = [
    "authenticator_words.cpp",
    "badge_routes.cpp",
    "card_handoff.cpp",
    "card_host.cpp",
    "card_routes.cpp",
    "cli_sign_in_routes.cpp",
    "enrolment_routes.cpp",
    "explain.cpp",
    "explain_words.cpp",
    "extra_codes_routes.cpp",
    "handoff_routes.cpp",
    "home_routes.cpp",
    "incident_routes.cpp",
    "mail_recovery_routes.cpp",
    "notice_words.cpp",
    "own_badge_routes.cpp",
    "own_passphrase_routes.cpp",
    "own_security_routes.cpp",
    "own_session_routes.cpp",
    "paging.cpp",
    "passkey_routes.cpp",
    "passphrase_change_routes.cpp",
    "phone_routes.cpp",
    "proofing_input.cpp",
    "push_sign_in_routes.cpp",
    "rebinding_routes.cpp",
    "recovery_routes.cpp",
    "responses.cpp",
    "second_factor_routes.cpp",
    "session_routes.cpp",
    "sign_in_routes.cpp",
    "step_up_routes.cpp",
    "unlock_routes.cpp",
    "workstation_certificate_routes.cpp",
    "pages/badge_pages.cpp",
    "pages/handoff_page.cpp",
    "pages/key_form.cpp",
    "pages/layout.cpp",
    "pages/phone_pages.cpp",
    "pages/push_waiting.cpp",
    "pages/recovery_codes_page.cpp",
    "pages/session_watch.cpp",
    "pages/true_address.cpp",
]

# Look like texts of ours and are none, or are the same in both languages.
NOT_TEXTS = {"Deutsch", "English", "Set-Cookie", "Sallyport", "· Sallyport"}
# For the operator's log.
NOT_TEXTS |= {
    "a client certificate was refused",
    "a kind of notice has no words",
    "a verifier was not upgraded",
    "the breach list could not be asked",
}
# A sentence or label; more than one word in small letters, such as a state.
SENTENCE = re.compile(r"[A-Z][a-z' ]|[A-Z]+:? [a-z0-9]|\(?[a-z']+(,? [a-z']+)+\)?$")

TOKEN = re.compile(
    r"""(?P<skip>//[^\n]*|/\*.*?\*/|^\#[^\n]*|R"(?P<d>[^(]*)\(.*?\)(?P=d)")"""
    r"""|"(?P<text>(?:[^"\\\n]|\\.)*)"|(?P<space>\s+)|(?P<other>'(?:[^'\\]|\\.)'|.)""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
ESCAPES = {"n": "\n", "t": "\t"}


def literals(source: str) -> list[str]:
    """String literals, neighbours joined as the compiler joins them."""
    found: list[str] = []
    joined: str | None = None
    for token in TOKEN.finditer(source):
        if token["text"] is not None:
            text = re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), token["text"])
            joined = (joined or "") + text
        elif token["other"] is not None and joined is not None:
            found.append(joined)
            joined = None
    return found


def texts(literal: str) -> list[str]:
    """What a person reads of it."""
    if "<" not in literal and ">" not in literal:
        return [literal.strip()] if SENTENCE.match(literal) else []
    first_open, first_close = literal.find("<"), literal.find(">")
    begins_in_tag = first_close >= 0 and (first_open < 0 or first_close < first_open)
    markup = ("<" if begins_in_tag else "") + literal
    labels = re.findall(r'aria-label="([^"]+)"', markup)
    between = re.sub(r"<[^>]*(>|$)", "\0", markup).split("\0")
    return [text.strip() for text in labels + between if re.search(r"[A-Za-z]{2}", text)]


def known() -> set[str]:
    keys: set[str] = set()
    for file in sorted((api / "pages").glob("german_*.cpp")):
        found = [text for text in literals(file.read_text()) if text]
        keys.update(found)
    return keys


def main() -> int:
    keys = known()
    missing = []
    for name in PAGES:
        for literal in literals((api / name).read_text()):
            missing += [(name, text) for text in texts(literal) if text not in keys | NOT_TEXTS]
    for name, text in dict.fromkeys(missing):
        print(f"src/edge/api/{name}: not there in German: {text}")
    print(f"german: {len(set(missing))} missing" if missing else "german: every text is there")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
