"""What pyca/cryptography reads in a revocation list, or a responder's answer, about certificates: one line for each, in the order of the arguments.

pyca.py list issuer.pem list.pem leaf.pem...
pyca.py ocsp issuer.pem http://host:port/ocsp leaf.pem...
"""

import datetime
import sys
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

now = datetime.datetime.now(datetime.timezone.utc)


def certificate(path):
    with open(path, "rb") as file:
        return x509.load_pem_x509_certificate(file.read())


def in_list(issuer, path, leaves):
    with open(path, "rb") as file:
        # The first of the file.
        crl = x509.load_pem_x509_crl(file.read())
    assert crl.issuer == issuer.subject
    assert crl.is_signature_valid(issuer.public_key())
    assert crl.last_update_utc <= now < crl.next_update_utc
    for leaf in leaves:
        entry = crl.get_revoked_certificate_by_serial_number(leaf.serial_number)
        if entry is None:
            yield "good"
        else:
            yield "revoked " + entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value


def by_responder(issuer, url, leaves):
    for leaf in leaves:
        asked = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256()).build()
        body = asked.public_bytes(serialization.Encoding.DER)
        request = urllib.request.Request(url, body, {"Content-Type": "application/ocsp-request"})
        # Not through a proxy of the environment.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            response = ocsp.load_der_ocsp_response(answer.read())
        assert response.response_status == ocsp.OCSPResponseStatus.SUCCESSFUL
        # It decodes, and leaves the responder to its caller (RFC 6960, 4.2.2.2).
        [responder] = response.certificates
        responder.verify_directly_issued_by(issuer)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert ExtendedKeyUsageOID.OCSP_SIGNING in usage
        responder.public_key().verify(
            response.signature, response.tbs_response_bytes, ec.ECDSA(response.signature_hash_algorithm)
        )
        assert response.serial_number == leaf.serial_number
        assert response.this_update_utc <= now + datetime.timedelta(minutes=1)
        assert response.next_update_utc > now
        if response.certificate_status == ocsp.OCSPCertStatus.REVOKED:
            yield "revoked " + response.revocation_reason.value
        else:
            yield response.certificate_status.name.lower()


if __name__ == "__main__":
    [kind, issuer_path, source, *leaf_paths] = sys.argv[1:]
    judge = in_list if kind == "list" else by_responder
    for said in judge(certificate(issuer_path), source, [certificate(path) for path in leaf_paths]):
        print(said)
