/** Whoever is asked about a chain: the library, and three that share no code with it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @peculiar/x509 wants it loaded first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { Refusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import { anyPolicy, parseCertificate, validatePath } from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { encodePem } from '../../../packages/countersign/src/ground/encoding/index.ts';
import { environment, run } from '../../interop/peers.ts';
import type { Chain } from './chain.ts';
import { moment } from './draft.ts';

export interface Verdict {
  readonly accepts: boolean;
  /** In the judge's own words. */
  readonly why: string;
}

/** By the chain's number. */
export type Verdicts = ReadonlyMap<number, Verdict>;

export type JudgeName = 'countersign' | 'openssl' | 'go' | 'peculiar';

export interface Judge {
  readonly name: JudgeName;
  decides(chain: Chain): boolean;
  judge(chains: readonly Chain[]): Promise<Verdicts>;
}

/** Where a flaw is one of these, the builder of @peculiar/x509 decides; it links names and verifies signatures, and claims no more. */
const linking: ReadonlySet<string> = new Set([
  'signature changed',
  'signed with another key',
  'signed with a key of another type',
  'issued by another name',
  'issuer without its last attribute',
]);

export const countersign: Judge = {
  name: 'countersign',
  decides: () => true,
  judge: async (chains) => new Map(chains.map((chain) => [chain.number, ourVerdict(chain)])),
};

/** In the profile that is nearest to the others: path validation alone. */
export function ourVerdict({ asked, leaf, intermediates, anchor }: Chain): Verdict {
  try {
    validatePath({
      leaf: parseCertificate(leaf),
      intermediates: intermediates.map((der) => parseCertificate(der)),
      anchors: [parseCertificate(anchor)],
      at: moment,
      purpose: asked.purpose,
      profile: 'rfc5280-section-6',
      verifySignature,
      ...(asked.name === undefined ? {} : { names: [asked.name] }),
      ...(asked.policy === undefined ? {} : { policies: { accepted: [asked.policy], requireExplicit: true } }),
    });
    return { accepts: true, why: '' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { accepts: false, why: `${error.code} ${JSON.stringify(error.evidence)}` };
  }
}

/** Leaves to one call of `openssl verify`: a call costs 5 ms, a leaf a tenth of that. */
const leavesOfCall = 200;
const callsAtOnce = 2;

/** Chains that are asked the same go into one call, with all their anchors and intermediates: names and numbers keep them apart. */
export const openssl: Judge = {
  name: 'openssl',
  decides: () => true,
  async judge(chains) {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-differential-'));
    try {
      const calls = batches(chains);
      const verdicts = new Map<number, Verdict>();
      const work = async (): Promise<void> => {
        for (let call = calls.pop(); call !== undefined; call = calls.pop()) {
          for (const [number, verdict] of await verifyBatch(folder, call)) verdicts.set(number, verdict);
        }
      };
      await Promise.all(Array.from({ length: callsAtOnce }, work));
      return verdicts;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function batches(chains: readonly Chain[]): Chain[][] {
  const alone = chains.filter(({ flaw }) => flaw?.encoding === true).map((chain) => [chain]);
  const together = chains.filter(({ flaw }) => flaw?.encoding !== true);
  const groups = Object.values(Object.groupBy(together, ({ asked }) => JSON.stringify(asked)));
  const pieces = groups.flatMap((group = []) =>
    Array.from({ length: Math.ceil(group.length / leavesOfCall) }, (_, at) =>
      group.slice(at * leavesOfCall, (at + 1) * leavesOfCall),
    ),
  );
  return [...alone, ...pieces];
}

async function verifyBatch(folder: string, chains: readonly Chain[]): Promise<Verdicts> {
  const { asked, number } = chains[0]!;
  const own = join(folder, String(number));
  mkdirSync(own);
  const write = (name: string, certificates: readonly Uint8Array[]): string => {
    const path = join(own, name);
    writeFileSync(path, pemOf(certificates));
    return path;
  };
  const untrusted = chains.flatMap(({ intermediates }) => intermediates);
  const args = [
    'verify',
    ...[
      '-no-CApath',
      '-no-CAstore',
      '-CAfile',
      write(
        'anchors.pem',
        chains.map(({ anchor }) => anchor),
      ),
    ],
    ...(untrusted.length === 0 ? [] : ['-untrusted', write('untrusted.pem', untrusted)]),
    // Level 2 is 112 bits, as ours; a policy is looked at only where it is asked for.
    ...['-partial_chain', '-auth_level', '2', '-policy_check', '-attime', String(moment / 1000)],
    ...['-purpose', asked.purpose === 'client' ? 'sslclient' : 'sslserver'],
    // Without a policy to ask for, OpenSSL takes an explicit one that a certificate requires for missing.
    ...(asked.policy === undefined ? ['-policy', anyPolicy] : ['-policy', asked.policy, '-explicit_policy']),
    ...(asked.name === undefined ? [] : [verifyOption[asked.name.kind], asked.name.value]),
    ...chains.map((chain) => write(`${chain.number}.pem`, [chain.leaf])),
  ];
  const { out, err } = await run('openssl', args);
  const accepted = new Set([...out.matchAll(/(\d+)\.pem: OK$/gm)].map(([, found]) => Number(found)));
  const reasons = reasonsIn(err);
  return new Map(
    chains.map((chain) => [
      chain.number,
      accepted.has(chain.number)
        ? { accepts: true, why: '' }
        : { accepts: false, why: reasons.get(chain.number) ?? err.trim() },
    ]),
  );
}

const verifyOption = { dns: '-verify_hostname', ip: '-verify_ip', email: '-verify_email' } as const;

/** The reasons stand in the lines before the one that names the file. */
function reasonsIn(text: string): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  let seen: string[] = [];
  for (const line of text.split('\n')) {
    const number = /(\d+)\.pem: verification failed|(\d+)\.pem$/.exec(line);
    if (number === null) {
      if (line.startsWith('error ')) seen.push(line);
      continue;
    }
    reasons.set(Number(number[1] ?? number[2]), seen.length === 0 ? line : seen.join('; '));
    seen = [];
  }
  return reasons;
}

/** One process: a line of JSON in for each chain, one out. */
export const go: Judge = {
  name: 'go',
  // Mailboxes are none of the names that Go can be asked for.
  decides: ({ asked }) => asked.name?.kind !== 'email',
  async judge(chains) {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-differential-'));
    try {
      const program = join(folder, 'verify');
      const source = join(import.meta.dirname, 'peers/go/main.go');
      const built = spawnSync('go', ['build', '-o', program, source], { env: environment(), encoding: 'utf8' });
      if (built.status !== 0) throw new Error(`the Go peer does not build: ${built.stderr}`);
      const lines = await talk(program, chains.map(lineFor));
      return new Map(
        lines.map((line) => {
          const { number, accepts, why } = JSON.parse(line) as Verdict & { number: number };
          return [number, { accepts, why }];
        }),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function lineFor({ number, asked, leaf, intermediates, anchor }: Chain): string {
  const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64');
  return JSON.stringify({
    number,
    leaf: base64(leaf),
    intermediates: intermediates.map(base64),
    anchor: base64(anchor),
    at: moment / 1000,
    purpose: asked.purpose,
    policy: asked.policy ?? '',
    name: asked.name?.value ?? '',
  });
}

async function talk(program: string, lines: readonly string[]): Promise<string[]> {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'], env: environment() });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  let text = '';
  for await (const piece of child.stdout.setEncoding('utf8')) text += piece as string;
  const status = await exit;
  if (status !== 0) throw new Error(`the Go peer ended with ${String(status)}`);
  return text.split('\n').filter((line) => line !== '');
}

/** Builds chains by names and signatures and nothing else, so it is asked about these alone. */
export const peculiar: Judge = {
  name: 'peculiar',
  // Nor does it look at times: the certificate that is out of time may stand for the one that is broken.
  decides: ({ flaw, traits }) =>
    flaw === undefined ||
    (linking.has(flaw.name) && !traits.has('issuer sent also in a certificate that is out of time')),
  async judge(chains) {
    x509.cryptoProvider.set(globalThis.crypto);
    const verdicts = new Map<number, Verdict>();
    for (const chain of chains) verdicts.set(chain.number, await builtBy(chain));
    return verdicts;
  },
};

async function builtBy({ leaf, intermediates, anchor }: Chain): Promise<Verdict> {
  try {
    const certificates = [...intermediates, anchor].map((der) => new x509.X509Certificate(Buffer.from(der)));
    const builder = new x509.X509ChainBuilder({ certificates });
    const found = await builder.build(new x509.X509Certificate(Buffer.from(leaf)));
    const last = found.at(-1);
    if (last === undefined || !Buffer.from(last.rawData).equals(Buffer.from(anchor))) {
      return { accepts: false, why: `the chain ends at ${last?.subject ?? 'nothing'}` };
    }
    return { accepts: true, why: '' };
  } catch (error) {
    return { accepts: false, why: String(error) };
  }
}

export function pemOf(certificates: readonly Uint8Array[]): string {
  return certificates.map((der) => encodePem('CERTIFICATE', der)).join('');
}
