/** Refusals by OCSP: answers that say nothing of a certificate, or that nobody knows it (RFC 6960, 3.2). */

export const ocspRefusals = {
  'CS-OCSP-002': {
    title: 'OCSP responder gave no answer',
    cause: 'The responder answered with an error, which nobody signs and which says nothing of the certificate.',
    evidence: ['serial', 'status'],
    remedy:
      'For tryLater ask again later; unauthorized means that the responder does not know the issuer: look at the address in the certificate.',
    exit: 3,
    http: 503,
  },
  'CS-OCSP-003': {
    title: 'OCSP answer not signed by whom it may',
    cause:
      "The answer is signed neither by the certificate's issuer nor by a responder that this very issuer certified for OCSPSigning.",
    evidence: ['serial', 'responder', 'rule'],
    remedy:
      "Ask the responder that the certificate names; if that is it, its operator must renew the responder's certificate.",
    exit: 1,
    http: 403,
  },
  'CS-OCSP-004': {
    title: 'signature of the OCSP answer does not verify',
    cause: 'The answer was changed on its way, or another key signed it.',
    evidence: ['serial', 'responder'],
    remedy: 'Ask again; if it stays, somebody between here and the responder changes its answers.',
    exit: 1,
    http: 403,
  },
  'CS-OCSP-005': {
    title: 'OCSP answer is about other certificates',
    cause: 'None of the single responses names the certificate: by its serial number and by its issuer, name and key.',
    evidence: ['serial', 'answered'],
    remedy: 'Ask the responder that the certificate names, about this certificate.',
    exit: 1,
    http: 403,
  },
  'CS-OCSP-006': {
    title: 'OCSP answer not of this time',
    cause: 'The answer is past its nextUpdate, older than is allowed here, or from the future.',
    evidence: ['serial', 'rule', 'at', 'thisUpdate', 'nextUpdate', 'producedAt'],
    remedy: 'Ask the responder again, and compare the clocks; if it has no newer answer, its operator must look.',
    exit: 3,
    http: 503,
  },
  'CS-OCSP-007': {
    title: 'OCSP answer with an unknown critical extension',
    cause: 'Who does not know a critical extension must not use the answer (RFC 5280, 4.2; RFC 6960, 4.4).',
    evidence: ['serial', 'extension'],
    remedy: 'Use a responder that keeps to the extensions of RFC 6960.',
    exit: 1,
    http: 403,
  },
  'CS-OCSP-008': {
    title: 'OCSP answer to another question',
    cause:
      'The nonce of the answer is not the one that was asked with, or there is none though it was called for: it may be replayed.',
    evidence: ['serial', 'rule'],
    remedy: 'Ask again. A responder that signs ahead repeats no nonce: do not call for one from it.',
    exit: 1,
    http: 403,
  },
  'CS-OCSP-009': {
    title: 'certificate unknown to its OCSP responder',
    cause:
      'The responder answers for the issuer and has no record of such a certificate: it was never issued, or is long gone.',
    evidence: ['serial', 'responder'],
    remedy: 'Do not rely on it. If its authority did issue it, its records lack it: look there.',
    exit: 1,
    http: 403,
  },
  'CS-OCSP-010': {
    title: 'OCSP responder not reached',
    cause: 'Nobody answers at the address of the responder, or something else than a responder does.',
    evidence: ['url', 'why'],
    remedy:
      'Look whether the authority publishes (publishing in authority.yaml; its address is in the log), or give the address with --url.',
    exit: 3,
    http: 503,
  },
} as const;
