/** The proof that a to-be-signed certificate passed the lint: only the lint makes one, only a signer takes it, and only once. */

let make: (toBeSigned: Uint8Array) => LintedCertificate;
let take: (linted: LintedCertificate) => Uint8Array | undefined;

export class LintedCertificate {
  // A private field is a brand that plain JavaScript cannot imitate either.
  #toBeSigned: Uint8Array | undefined;

  private constructor(toBeSigned: Uint8Array) {
    this.#toBeSigned = toBeSigned;
  }

  static {
    make = (toBeSigned) => new LintedCertificate(toBeSigned);
    take = (linted) => {
      const toBeSigned = linted.#toBeSigned;
      linted.#toBeSigned = undefined;
      return toBeSigned;
    };
  }

  /** What will be signed, TBSCertificate in DER; for the record of the intent. */
  get toBeSigned(): Uint8Array {
    if (this.#toBeSigned === undefined) throw new TypeError('this certificate was signed already');
    return this.#toBeSigned;
  }
}

/** For the lint alone. */
export function markLinted(toBeSigned: Uint8Array): LintedCertificate {
  return make(toBeSigned);
}

/** For signers alone. Two signatures under one serial number would be two certificates under one (RFC 5280, 4.1.2.2). */
export function takeOnce(linted: LintedCertificate): Uint8Array {
  const toBeSigned = take(linted);
  if (toBeSigned === undefined) throw new TypeError('a linted certificate is signed at most once');
  return toBeSigned;
}
