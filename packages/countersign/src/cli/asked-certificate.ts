/** A certificate as it is named on the command line: by its serial number, or by a name that it carries. */

/** What list prints: 128-bit serials, and a little less where the first octets happen to be zero. Colons as in other tools' output. */
const serialForm = /^(?:[0-9A-Fa-f]{2}:?){12,20}$/;

export interface AskedCertificate {
  readonly serial?: string;
  readonly name?: string;
}

export function askedCertificate(text: string): AskedCertificate {
  return serialForm.test(text) ? { serial: plainSerial(text) } : { name: text };
}

/** As the authority writes it. */
export function plainSerial(text: string): string {
  return text.replaceAll(':', '').toUpperCase();
}
