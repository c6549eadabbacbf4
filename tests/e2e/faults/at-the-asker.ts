/** Faults that somebody meets who asks a running authority: clocks, pins, addresses, requests out of all measure; and an issuer near its end. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '../../../packages/countersign/src/ground/clock/index.ts';
import { readCertificatesPem } from '../../../packages/countersign/src/identity/x509/index.ts';
import { decodeToken, encodeToken } from '../../../packages/countersign/src/runtime/api/index.ts';
import { makeRequest } from '../certificates.ts';
import { ended, launcher, spawnClean } from '../command.ts';
import { countersign } from '../here.ts';
import { openMortalAuthority } from '../killed/mortal-authority.ts';
import type { Fault } from './fault.ts';
import { type House, inAuthority, met, up } from './house.ts';
import type { Met } from './met.ts';

const hour = 3_600_000;
/** As the authority makes them (issuing/authority/own-hierarchy.ts); a test below requires it. */
const issuerLifeMs = 365 * 24 * hour;

const issue = async (house: House, token: string, out: string = house.fresh()): Promise<Met> =>
  met(await countersign(['issue', '--token-file', '-', '--out', house.folder.in(out), '--json'], { input: token }));

async function requireIssues(house: House, token: string): Promise<void> {
  const { status, text } = await issue(house, token);
  assert.equal(status, 0, text);
}

/** The token of a fault, which must be good afterwards. */
function withToken(
  fault: Omit<Fault, 'meet' | 'after'> & { readonly meet: (house: House, token: string) => Promise<Met> },
): Fault {
  let token = '';
  return {
    ...fault,
    meet: async (house) => {
      token = await house.token(house.fresh());
      return fault.meet(house, token);
    },
    after: (house) => requireIssues(house, token),
  };
}

/** The whole command under libfaketime, TLS included; the monotonic clock goes on as it is. */
function offBy(offset: string): (house: House, token: string) => Promise<Met> {
  return async (house, token) => {
    const args = [
      '-f',
      offset,
      launcher,
      'issue',
      '--token-file',
      '-',
      '--out',
      house.folder.in(house.fresh()),
      '--json',
    ];
    return met(await ended(spawnClean('faketime', args, { input: token, env: { FAKETIME_DONT_FAKE_MONOTONIC: '1' } })));
  };
}

let faketime: string | undefined = 'faketime is not installed: a wrong clock was not tried';
await promisify(execFile)('faketime', ['-f', '+1s', 'true']).then(
  () => (faketime = undefined),
  () => undefined,
);

/** One request over HTTPS by somebody who checks nothing, as `curl -k` does. */
function posted(url: string, path: string, body: string): Promise<Met> {
  return new Promise((resolve, reject) => {
    const asked = httpsRequest(new URL(path, url), {
      method: 'POST',
      rejectUnauthorized: false,
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => {
        const { code } = JSON.parse(text) as { code?: string };
        resolve({ code, text, status: response.statusCode ?? 0 });
        asked.destroy();
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function backThen(leftMs: number): Clock {
  const awayMs = issuerLifeMs - leftMs;
  return { ...systemClock, now: () => systemClock.now() - awayMs };
}

async function lastMoment(dir: string, file: string): Promise<number> {
  const [certificate] = readCertificatesPem(await readFile(inAuthority(dir, file), 'utf8'));
  assert.ok(certificate);
  return certificate.notAfter;
}

export const faultsAtTheAsker: readonly Fault[] = [
  ...(
    [
      ['10 minutes ahead', '+10m', '10 min', "this machine's clock"],
      ['2 hours behind', '-2h', '2 h', "the authority's clock"],
    ] as const
  ).map(([off, offset, apart, ahead]) =>
    withToken({
      name: `the asker's clock is ${off}`,
      typed: 'countersign issue --token-file FILE',
      code: 'CS-CLOCK-001',
      status: 3,
      told: 'how far apart the clocks are, and which is ahead',
      words: [new RegExp(`apart: ${apart}`), new RegExp(`ahead: ${ahead}`)],
      remedy: /timedatectl set-ntp true.*token is still unused/,
      skip: () => faketime,
      meet: offBy(offset),
    }),
  ),
  withToken({
    name: "the token pins another authority's root",
    typed: 'countersign issue --token-file FILE',
    code: 'CS-PIN-001',
    status: 1,
    told: 'the root expected and the root found; nothing secret was sent',
    words: [/expected: (?:ab){32}/, /found: [0-9a-f]{64}/, /Nothing secret was sent/],
    remedy: /Compare both/,
    meet: (house, token) => issue(house, encodeToken({ ...decodeToken(token), root: 'ab'.repeat(32) })),
  }),
  withToken({
    name: 'the authority is unreachable',
    typed: 'countersign issue --token-file FILE',
    code: 'CS-NET-001',
    status: 3,
    told: 'the address, and the reason of the system',
    words: [/127\.0\.0\.1:\d+/, /ECONNREFUSED/],
    remedy: /countersign up/,
    meet: async (house, token) =>
      issue(
        house,
        encodeToken({ ...decodeToken(token), authority: `https://127.0.0.1:${String(await unusedPort())}` }),
      ),
  }),
  {
    name: 'no authority runs in this state directory',
    typed: 'countersign list',
    code: 'CS-NET-004',
    status: 3,
    told: 'the socket on which nobody listens',
    words: [/authority\.sock/],
    remedy: /countersign up/,
    meet: async (house) => met(await countersign(['list', '--dir', (await house.stopped()).dir, '--json'])),
    after: async () => undefined,
  },
  withToken({
    name: 'a certification request of 1 MB',
    typed: 'POST /v1/enroll',
    code: 'CS-ACCESS-005',
    status: 413,
    told: 'the most that is taken',
    words: [/65536 bytes/],
    meet: ({ authority }, token) =>
      posted(authority.url, '/v1/enroll', JSON.stringify({ token, request: 'A'.repeat(1_000_000) })),
  }),
  withToken({
    name: 'a certification request with a thousand names',
    typed: 'POST /v1/enroll',
    code: 'CS-AUTHORITY-006',
    status: 403,
    told: 'the first of the names that were not granted, how many more there are, and those that were',
    words: [/name-0\.internal/, /and 990 more/],
    remedy: /Leave the names out of the request/,
    meet: async ({ authority }, token) => {
      const dns = Array.from({ length: 1000 }, (_, index) => `name-${String(index)}.internal`);
      const found = await posted(
        authority.url,
        '/v1/enroll',
        JSON.stringify({ token, request: makeRequest({ dns }).pem }),
      );
      assert.ok(found.text.length < 4096, 'the refusal of much is short');
      return found;
    },
  }),
  {
    name: 'a token for a thousand names',
    typed: 'countersign token NAME...',
    code: 'CS-AUTHORITY-003',
    status: 2,
    told: 'how many names a certificate may have',
    words: [/more than 20 names/],
    meet: async (house) => {
      const names = Array.from({ length: 100 }, (_, index) => `name-${String(index)}`);
      return met(await countersign(['token', ...names, '--dir', house.authority.dir, '--json']));
    },
    after: async (house) => requireIssues(house, await house.token(house.fresh())),
  },
  {
    name: 'the authority was started again between the token and its use',
    typed: 'countersign issue --token-file FILE',
    instead: 'the token is good',
    status: 0,
    told: 'the certificate',
    words: [/issued/],
    meet: async (house) => {
      const { dir, token } = await house.stopped();
      const server = await openMortalAuthority({ dir, port: 0 });
      try {
        return await issue(house, encodeToken({ ...decodeToken(token), authority: server.url }));
      } finally {
        await server.close();
      }
    },
    after: async () => undefined,
  },
  nearTheEnd({
    name: 'the issuer is about to expire',
    typed: 'countersign issue NAME',
    instead: 'the certificate ends with the issuer, not after it',
    status: 0,
    told: 'until when it is good',
    words: [/issued/],
    leftMs: 2 * hour,
    meet: async (house, dir) => {
      const server = await openMortalAuthority({ dir, port: 0 });
      const out = house.fresh();
      try {
        const asked = ['issue', 'late', '--dir', dir, '--out', house.folder.in(out), '--json'];
        const found = met(await countersign(asked));
        const [leaf] = readCertificatesPem(await readFile(house.folder.in(out, 'cert.pem'), 'utf8'));
        assert.ok(
          leaf !== undefined && leaf.notAfter <= (await lastMoment(dir, 'issuer.pem')),
          'it outlives its issuer',
        );
        return found;
      } finally {
        await server.close();
      }
    },
  }),
  nearTheEnd({
    name: 'the issuer has expired',
    typed: 'countersign up',
    code: 'CS-AUTHORITY-005',
    status: 3,
    told: 'when it ended',
    words: [/notAfter: 20\d\d-/],
    remedy: /issuer/,
    leftMs: -hour,
    meet: (_, dir) => up(dir),
  }),
];

/** An authority that was made so long ago that its issuer has `leftMs` left. */
function nearTheEnd({
  leftMs,
  meet,
  ...said
}: Omit<Fault, 'meet' | 'after'> & {
  readonly leftMs: number;
  readonly meet: (house: House, dir: string) => Promise<Met>;
}): Fault {
  return {
    ...said,
    meet: async (house) => {
      const dir = house.folder.in(house.fresh());
      await (await openMortalAuthority({ dir, port: 0, clock: backThen(leftMs) })).close();
      const left = (await lastMoment(dir, 'issuer.pem')) - Date.now();
      assert.ok(Math.abs(left - leftMs) < 60_000, 'the life of issuers is another than this test was written for');
      return meet(house, dir);
    },
    after: async () => undefined,
  };
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}
