/** Refusals of the byte formats: DER (X.690) and PEM (RFC 7468). */

export const encodingRefusals = {
  'CS-DER-001': {
    title: 'malformed DER',
    cause: 'The bytes are not DER: a rule of X.690 is broken at the offset shown.',
    evidence: ['offset', 'rule'],
    remedy: 'Have the sender encode the object again with a DER encoder; it is refused rather than guessed at.',
    exit: 1,
    http: 400,
  },
  'CS-DER-002': {
    title: 'DER beyond a limit',
    cause: 'The encoding is larger or nested deeper than anything of its kind has reason to be.',
    evidence: ['offset', 'limit', 'maximum'],
    remedy: 'Check that the right file was given; split an over-large object.',
    exit: 1,
    http: 413,
  },
  'CS-PEM-001': {
    title: 'malformed PEM',
    cause: 'The text is not PEM as RFC 7468 defines it.',
    evidence: ['line', 'rule'],
    remedy:
      'Give the file as it was issued, from "-----BEGIN" to "-----END", each on a line of its own; where DER is not read, make PEM of it with: openssl x509 -inform DER.',
    exit: 1,
    http: 400,
  },
  'CS-PEM-002': {
    title: 'PEM of another kind',
    cause: 'The PEM text holds another kind of object than the one needed here.',
    evidence: ['expected', 'found'],
    remedy:
      'Give the file that holds the expected kind of object; if the label after BEGIN and END is wrong, correct it.',
    exit: 1,
    http: 400,
  },
} as const;
