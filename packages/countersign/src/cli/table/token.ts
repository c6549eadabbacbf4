/** `token` as data. */
import { authorityOptions, type Command } from './command.ts';
import { profileOption } from './profile-options.ts';

export const token: Command = {
  name: 'token',
  group: 'certificates',
  summary: 'make a one-time token with which another machine enrols',
  about:
    "Whoever holds the token gets one certificate with these names, once: hand it over as the secret that it is. It carries the authority's address and the SHA-256 of its root, so the other side needs to trust nothing else. Printed alone on stdout.",
  arguments: [
    {
      name: 'NAME',
      summary: 'a DNS name or a SPIFFE ID that the certificate will carry; none where the profile or the request says',
      required: false,
      many: true,
    },
  ],
  options: [
    ...authorityOptions,
    {
      name: 'life',
      kind: 'duration',
      value: 'DURATION',
      summary: 'how long it can be used (s, m, h, d)',
      default: '1h',
    },
    {
      name: 'certificate-life',
      kind: 'duration',
      value: 'DURATION',
      summary: 'life of the certificate that it is for (s, m, h, d)',
      default: "the profile's: 24h",
    },
    profileOption,
    {
      name: 'out',
      kind: 'path',
      value: 'FILE',
      summary: 'write the token there (mode 0600; must not exist) instead of printing it',
      default: 'stdout',
    },
  ],
  examples: [
    { line: 'countersign token web.internal --out web.token', shows: 'into a file that only you can read' },
    { line: 'countersign token orders --profile service', shows: 'under a profile of the settings' },
    { line: 'countersign token orders --life 10m --certificate-life 1h', shows: 'usable for ten minutes' },
  ],
  result: ['token', 'names', 'profile', 'expires', 'file'],
};
