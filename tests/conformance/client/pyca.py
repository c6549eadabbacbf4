"""A judge of clients' chains that shares no code with the project: pyca/cryptography. One JSON object a line in, one out."""

import base64
import datetime
import json
import sys

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store


def load(text):
    return x509.load_der_x509_certificate(base64.b64decode(text))


for line in sys.stdin:
    asked = json.loads(line)
    try:
        at = datetime.datetime.fromtimestamp(asked["at"], datetime.timezone.utc).replace(tzinfo=None)
        builder = PolicyBuilder().store(Store([load(asked["anchor"])])).time(at)
        builder.build_client_verifier().verify(
            load(asked["leaf"]), [load(der) for der in asked["intermediates"]]
        )
        answer = {"accepts": True, "why": ""}
    except Exception as error:  # whatever it says, it did not accept
        answer = {"accepts": False, "why": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))
