"""A partner in Python: `urllib` (the standard library) or `requests`, by the first argument; the second names the trust anchors."""
import socket
import ssl
import sys
import urllib.error
import urllib.request

library, roots = sys.argv[1], sys.argv[2]
resolve = socket.getaddrinfo
# Every name is this machine.
socket.getaddrinfo = lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more)


def by_urllib(url, host, certificate, key):
    context = ssl.create_default_context(cafile=roots)
    if certificate:
        context.load_cert_chain(certificate, key)
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
    asked = urllib.request.Request(url, headers={"Host": host})
    try:
        with urllib.request.build_opener(*handlers).open(asked, timeout=15) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def by_requests(url, host, certificate, key):
    import requests

    session = requests.Session()
    session.trust_env = False
    own = (certificate, key) if certificate else None
    answer = session.get(url, headers={"Host": host}, cert=own, verify=roots, timeout=15)
    return answer.status_code, answer.text


ask = {"urllib": by_urllib, "requests": by_requests}[library]
for line in sys.stdin:
    _, url, host, certificate, key = line.rstrip("\n").split("\t")
    place = url.split("/")[2]
    # Who has no wish of his own says it with the port.
    said = place if place.startswith(f"{host}:") else host
    try:
        status, text = ask(url, said, certificate, key)
    except Exception as error:  # whatever a caller would see
        status, text = 0, f"{type(error).__name__}: {error}"
    print(status, "1.1", " ".join(text.split()), sep="\t", flush=True)
