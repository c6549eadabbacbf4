/** What to call the holder of a certificate or a request in a refusal. */
import type { DistinguishedName } from './distinguished-name.ts';
import type { GeneralNames } from './general-names.ts';

interface Named {
  readonly subject: DistinguishedName;
  readonly subjectAltName: GeneralNames;
  readonly serialNumber?: string;
}

/** The subject, or else the first alternative name, or else the serial number: an empty subject is allowed (RFC 5280, 4.1.2.6). */
export function naming({ subject, subjectAltName, serialNumber }: Named): string {
  const { uri, dns, ip } = subjectAltName;
  const alternative = uri[0] ?? dns[0] ?? ip[0];
  return subject.text || (alternative ?? (serialNumber === undefined ? 'without a name' : `serial ${serialNumber}`));
}
