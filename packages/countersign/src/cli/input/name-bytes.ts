/** What bytes that are none of our objects most likely are, and what would make one of them: for a refusal that helps. */

const beginnings: readonly (readonly [RegExp, string])[] = [
  [
    /^\xfe\xed\xfe\xed/,
    'a Java keystore (JKS); make PKCS#12 of it with: keytool -importkeystore -deststoretype pkcs12',
  ],
  [
    /^\xce\xce\xce\xce/,
    'a Java keystore (JCEKS); make PKCS#12 of it with: keytool -importkeystore -deststoretype pkcs12',
  ],
  // eslint-disable-next-line no-control-regex -- the octets with which these files begin
  [/^\x1f\x8b/, 'a gzip file; unpack it first'],
  [/^PK[^ -~]{2}/, 'a zip file; unpack it first'],
  [/^\xff\xfe|^\xfe\xff/, 'text in UTF-16; save it as UTF-8 or ASCII'],
  [/^\x7fELF|^MZ/, 'a program'],
  [/^(ssh|ecdsa)-\S+ AAAA/, 'a public key of SSH; make PEM of it with: ssh-keygen -e -m pkcs8'],
  [
    /^\s*MI[A-Za-z0-9+/\s]+=*\s*$/,
    'base64 without its boundaries; decode it (base64 -d), or put "-----BEGIN ...-----" around it',
  ],
  [/^\s*LS0tLS1CRUdJTi/, 'PEM in base64 once more, as in a Kubernetes secret; decode it with: base64 -d'],
  [/^\s*eyJ[\w-]+\.[\w-]+\.[\w-]*\s*$/, 'a JSON Web Token'],
  [/^\s*[[{]/, 'JSON'],
  [/^\s*</, 'HTML or XML: the page instead of the file?'],
  [/^cs1_/, 'an enrolment token; countersign issue --token-file uses it'],
];

export function nameBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'nothing: it is empty';
  const text = Buffer.from(bytes.subarray(0, 65_536)).toString('latin1');
  const known = beginnings.find(([form]) => form.test(text))?.[1];
  if (known !== undefined) return known;
  return /^[\s\x20-\x7e]*$/.test(text) ? 'other text' : 'other bytes';
}
