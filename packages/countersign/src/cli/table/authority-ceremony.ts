/** The ceremonies of a root that is kept apart, and `authority root export`, as data. */
import { authorityOptions, dirOption, passphraseOption, rootPassphraseOption, type Command } from './command.ts';

const yes = { name: 'yes', kind: 'switch', summary: 'do not ask', default: 'asks on a terminal' } as const;

export const authorityCeremonyRequest: Command = {
  name: 'authority ceremony request',
  group: 'authority',
  summary: 'make the next issuer here, and its request as a file to carry',
  about:
    'The key stays in the state directory and waits; a running authority goes on with the issuer that it has. The request goes to the machine of the root (authority ceremony sign), or to the corporate authority; an earlier request is void.',
  arguments: [],
  options: [
    dirOption,
    {
      name: 'out',
      kind: 'path',
      value: 'FILE',
      summary: 'where the request goes',
      default: 'issuer.request.pem',
    },
    {
      name: 'name',
      kind: 'text',
      value: 'NAME',
      summary: 'the name to ask for, such as CN=Issuer 2,O=Example',
      default: 'the trust domain, with a mark that no other issuer has',
    },
    passphraseOption,
  ],
  examples: [{ line: 'countersign authority ceremony request --out issuer.request.pem', shows: 'the file to carry' }],
  result: ['dir', 'trustDomain', 'request', 'sha256', 'keySha256'],
};

export const authorityCeremonySign: Command = {
  name: 'authority ceremony sign',
  group: 'authority',
  summary: "certify a carried request, on the root's own machine",
  about:
    'Needs the folder of the root and nothing else: no state directory, no network. Shows what would be signed, with the sums to compare, and asks. Leaves a transcript beside the root, for two people to sign by hand.',
  arguments: [],
  options: [
    {
      name: 'root',
      kind: 'path',
      value: 'FOLDER',
      summary: 'the folder of the root',
      default: 'none',
      required: true,
    },
    {
      name: 'request',
      kind: 'path',
      value: 'FILE',
      summary: 'the request that was carried here',
      default: 'none',
      required: true,
    },
    {
      name: 'out',
      kind: 'path',
      value: 'FILE',
      summary: "where the issuer's certificate goes",
      default: 'none',
      required: true,
    },
    rootPassphraseOption,
    yes,
  ],
  examples: [
    {
      line: 'countersign authority ceremony sign --root root --request r.pem --out a.pem',
      shows: 'asks for the passphrase, shows the request, asks again',
    },
  ],
  result: ['certificate', 'serial', 'subject', 'notAfter', 'sha256', 'transcript'],
};

export const authorityCeremonyList: Command = {
  name: 'authority ceremony list',
  group: 'authority',
  summary: "sign the root's revocation list, on the root's own machine",
  about:
    "For peers that check the whole chain: a list of the issuers that the root has revoked, which may be none. What was revoked before stays in each next one; it is kept beside the root. Shows what would be signed, and asks. The file goes to the authority (authority publish-crl), and a next one before it ends. Where the root's key lies in a state directory, FOLDER is its folder authority.",
  arguments: [],
  options: [
    {
      name: 'root',
      kind: 'path',
      value: 'FOLDER',
      summary: 'the folder of the root',
      default: 'none',
      required: true,
    },
    { name: 'revoke', kind: 'path', value: 'FILE', summary: 'the certificate of an issuer to revoke', default: 'none' },
    {
      name: 'reason',
      kind: 'choice',
      value: 'REASON',
      choices: [
        'unspecified',
        'keyCompromise',
        'cACompromise',
        'affiliationChanged',
        'superseded',
        'cessationOfOperation',
        'privilegeWithdrawn',
      ],
      summary: 'why it is revoked',
      default: 'unspecified',
    },
    { name: 'life', kind: 'duration', value: 'DURATION', summary: 'life of the list (s, m, h, d)', default: '90d' },
    { name: 'out', kind: 'path', value: 'FILE', summary: 'where the list goes', default: 'none', required: true },
    {
      name: 'ocsp',
      kind: 'path',
      value: 'FILE',
      summary: 'where OCSP answers about the issuers go, signed as well',
      default: 'none are signed',
    },
    rootPassphraseOption,
    yes,
  ],
  examples: [
    {
      line: 'countersign authority ceremony list --root root --revoke old.pem --out r.crl',
      shows: 'asks for the passphrase, shows the issuer, asks again',
    },
  ],
  result: ['list', 'ocsp', 'number', 'revoked', 'nextUpdate', 'transcript'],
};

export const authorityPublishCrl: Command = {
  name: 'authority publish-crl',
  group: 'authority',
  summary: "hand out the root's revocation list that was carried here",
  about:
    "Verifies that the root of the authority has signed it, that it is in force, and newer than the one before, and puts it beside the authority's own lists: it is handed out from that moment on, by a running authority, too, and authority export-crl takes it along.",
  arguments: [{ name: 'FILE', summary: 'the list, PEM or DER', required: true, many: false }],
  options: [
    dirOption,
    {
      name: 'ocsp',
      kind: 'path',
      value: 'FILE',
      summary: 'the OCSP answers that were signed with it',
      default: 'none; those of before go',
    },
  ],
  examples: [{ line: 'countersign authority publish-crl r.crl', shows: 'under which path it is handed out' }],
  result: ['path', 'number', 'revoked', 'nextUpdate', 'answers'],
};

export const authorityCeremonyAccept: Command = {
  name: 'authority ceremony accept',
  group: 'authority',
  summary: 'take the certificate that was carried back, and use it from now on',
  about:
    'The same checks as authority import, under the root that the authority has. The key of the old issuer is kept for its revocation lists and OCSP answers, until the last of its certificates has ended. A running authority uses the new one from its next start on. Where two administrators have the role root, it must run, and the other one must approve.',
  arguments: [{ name: 'FILE', summary: 'the certificate that was carried back', required: true, many: false }],
  options: [...authorityOptions, passphraseOption],
  examples: [{ line: 'countersign authority ceremony accept answer.pem', shows: 'the new chain' }],
  result: ['dir', 'trustDomain', 'replaces', 'chain', 'anchor', 'warnings', 'proposal'],
};

export const authorityCeremonyRoot: Command = {
  name: 'authority ceremony root',
  group: 'authority',
  summary: 'make a root on a machine that stays apart',
  about:
    'For a root that was never near the authority: make it here, then certify the request of authority create --issuer with authority ceremony sign, and import the answer with this root as its anchor.',
  arguments: [],
  options: [
    {
      name: 'trust-domain',
      kind: 'text',
      value: 'NAME',
      summary: 'the name under which all identities will stand, for good',
      default: 'none',
      required: true,
    },
    {
      name: 'out',
      kind: 'path',
      value: 'FOLDER',
      summary: 'the folder of the root; new or empty',
      default: 'none',
      required: true,
    },
    rootPassphraseOption,
  ],
  examples: [
    {
      line: 'countersign authority ceremony root --trust-domain corp.internal --out root',
      shows: 'asks for a passphrase; the transcript lies beside the root',
    },
  ],
  result: ['root', 'sha256', 'trustDomain', 'transcript'],
};

export const authorityRootExport: Command = {
  name: 'authority root export',
  group: 'authority',
  summary: "take the root's key out of the state directory, to carry it away",
  about:
    'For an authority that began with its root beside it. The key is written under a passphrase of its own into the folder, and is removed here when it is safely there. The authority goes on as before: it never reads that key. It must not be running now.',
  arguments: [],
  options: [
    dirOption,
    {
      name: 'out',
      kind: 'path',
      value: 'FOLDER',
      summary: 'the folder of the root; new or empty',
      default: 'none',
      required: true,
    },
    rootPassphraseOption,
    passphraseOption,
    yes,
  ],
  examples: [{ line: 'countersign authority root export --out /media/root', shows: 'asks for a passphrase' }],
  result: ['root', 'sha256', 'transcript'],
};
