"""A mail server for tests: aiosmtpd, and how it may misbehave.

It writes its port to FOLDER/port, a line for each command to FOLDER/commands with `tls` or `clear`
before it, and each mail that it took to FOLDER/mail-N.json, as Python's own parser reads it.
"""

import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--tls", choices=["starttls", "tls", "none"], default="starttls")
parser.add_argument("--login", help="user:password")
parser.add_argument("--refuse", action="append", default=[], help="RCPT=550 5.1.1 no such user")
parser.add_argument("--close", help="MAIL, RCPT or DATA: close the connection there")
parser.add_argument("--silent", action="store_true", help="say nothing")
options = parser.parse_args()
refusals = dict(item.split("=", 1) for item in options.refuse)
taken = 0


def note(server, command):
    kind = "tls" if server.transport.get_extra_info("sslcontext") else "clear"
    with open(os.path.join(options.folder, "commands"), "a") as file:
        file.write(f"{kind} {command}\n")


async def judge(server, command):
    note(server, command)
    if options.close == command:
        server.transport.abort()
        await asyncio.sleep(3600)
    return refusals.get(command)


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        note(server, "EHLO")
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        refusal = await judge(server, "MAIL")
        if refusal is None:
            envelope.mail_from = address
        return refusal or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        refusal = await judge(server, "RCPT")
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global taken
        refusal = await judge(server, "DATA")
        if refusal:
            return refusal
        taken += 1
        content = envelope.original_content
        message = email.message_from_bytes(content, policy=email.policy.default)
        body = message.get_body(("plain",))
        found = {
            "from": str(message["From"]),
            "to": str(message["To"]),
            "recipients": envelope.rcpt_tos,
            "subject": str(message["Subject"]),
            "id": str(message["Message-ID"]),
            "body": body.get_content().replace("\r\n", "\n"),
            "files": [
                {"name": part.get_filename(), "text": part.get_content()}
                for part in message.iter_attachments()
            ],
            "defects": [type(defect).__name__ for defect in message.defects],
            "isASCII": all(byte < 128 for byte in content),
            "longestLine": max(len(line) for line in content.split(b"\r\n")),
        }
        path = os.path.join(options.folder, f"mail-{taken}.json")
        with open(path + ".new", "w") as file:
            json.dump(found, file)
        os.rename(path + ".new", path)
        return f"250 OK taken as {taken}"


def authenticate(server, session, envelope, mechanism, data):
    note(server, "AUTH")
    user, password = options.login.split(":", 1)
    right = data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=right, handled=False)


class Silent(asyncio.Protocol):
    pass


async def main():
    loop = asyncio.get_running_loop()
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)

    def make():
        if options.silent:
            return Silent()
        return SMTP(
            Handler(),
            hostname="localhost",
            ident="test",
            tls_context=context if options.tls == "starttls" else None,
            authenticator=authenticate if options.login else None,
            auth_require_tls=options.tls == "starttls",
            auth_required=bool(options.login),
            loop=loop,
        )

    server = await loop.create_server(
        make, "127.0.0.1", options.port, ssl=context if options.tls == "tls" else None
    )
    port = server.sockets[0].getsockname()[1]
    path = os.path.join(options.folder, "port")
    with open(path + ".new", "w") as file:
        file.write(str(port))
    os.rename(path + ".new", path)
    await server.serve_forever()


asyncio.run(main())
