"""A mail server for tests (aiosmtpd): keeps what it takes, and misbehaves when it is told to.

Usage: mail_server.py CERTIFICATE KEY. Says "Port: N" once it listens, then each mail as one line of
JSON on standard output. Standard input takes one way to behave a line:

    take        as it should
    later       451 to RCPT
    refuse      550 to RCPT
    greylist    451 to the first RCPT of each reader, then 250
    hang        no answer to DATA
    close       closes in the middle of DATA's answer, after all was read
    turn-away   554 to whoever says EHLO
"""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

way = "take"
seen_readers: set[str] = set()
login = ("sallyport", "a relay of one's own")


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        if way == "turn-away":
            return ["554 not here"]
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if way == "refuse":
            return "550 no such reader"
        if way == "later" or (way == "greylist" and address not in seen_readers):
            seen_readers.add(address)
            return "451 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if way == "hang":
            print(json.dumps({"hanging": True}), flush=True)
            await asyncio.sleep(3600)
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "message": envelope.content.decode("ascii"),
            "tls": session.ssl is not None,
            "user": getattr(session.auth_data, "login", b"").decode(),
            "way": way,
        }
        print(json.dumps(mail), flush=True)
        if way == "close":
            server.transport.abort()
        return "250 taken"


def check_login(server, session, envelope, mechanism, data):
    right = mechanism in ("PLAIN", "LOGIN") and (data.login.decode(), data.password.decode()) == login
    return AuthResult(success=right, handled=False, auth_data=data)


async def main():
    global way
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    handler = Handler()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            handler, tls_context=context, require_starttls=True, auth_required=True,
            authenticator=check_login, loop=loop,
        ),
        "127.0.0.1", 0,
    )
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(f"Port: {server.sockets[0].getsockname()[1]}", flush=True)
    while line := await reader.readline():
        way = line.decode().strip()
        print(json.dumps({"now": way}), flush=True)


asyncio.run(main())
