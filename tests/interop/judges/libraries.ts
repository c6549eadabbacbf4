/** Libraries that others build on: Go's crypto/x509 and golang.org/x/crypto/ocsp, and pyca/cryptography. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { python } from '../../conformance/client/judges.ts';
import { environment, missing, run } from '../peers.ts';
import { completeList, type Judge, type Lists, shardList, type Verdict, verdictsIn } from './judge.ts';
import type { Judged, Status } from './judged.ts';

const withoutGo = missing('go');
const peers = join(import.meta.dirname, '../peers');
let built: string | undefined;

function folder(): string {
  if (built === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'countersign-judges-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    built = made;
  }
  return built;
}

function buildOcsp(): string | false {
  if (withoutGo !== false) return withoutGo;
  const args = ['build', '-o', join(folder(), 'ocsp'), '.'];
  // From the module cache or the proxy.
  const env = { ...environment(), GO111MODULE: 'on', GOFLAGS: '-mod=readonly' };
  const { status, stderr } = spawnSync('go', args, { cwd: join(peers, 'ocsp'), env, encoding: 'utf8' });
  return status === 0 ? false : `golang.org/x/crypto/ocsp can not be built: ${stderr.trim()}`;
}

function buildLists(): string {
  const program = join(folder(), 'lists');
  execFileSync('go', ['build', '-o', program, join(peers, 'lists/main.go')], { env: environment() });
  return program;
}

function ofGo(name: string, own: Lists): Judge {
  return {
    name: `Go crypto/x509, ${name}`,
    missing: withoutGo,
    source: 'lists',
    heedsScope: false,
    judge: async (judged, statuses, lists = own) => {
      const program = buildLists();
      return oneByOne(statuses, async (status) => {
        const given = ['-issuer', judged.issuer, '-list', lists(judged, status), judged.leaf(status)];
        return verdictsIn(await run(program, given));
      });
    },
  };
}

async function oneByOne(
  statuses: readonly Status[],
  judge: (status: Status) => Promise<Verdict[]>,
): Promise<Verdict[]> {
  return (await Promise.all(statuses.map(judge))).flat();
}

const script = join(import.meta.dirname, 'pyca.py');

function withoutPyca(): string | false {
  const probe = spawnSync(python, ['-c', 'import cryptography.x509.ocsp'], { encoding: 'utf8' });
  return probe.status === 0 ? false : `${python} has no cryptography`;
}

const absentPyca = withoutPyca();

async function byPyca(
  judged: Judged,
  kind: 'list' | 'ocsp',
  from: string,
  statuses: readonly Status[],
): Promise<Verdict[]> {
  // Where CI has put it.
  const folders = process.env['PYTHONPATH'];
  const more: Record<string, string> = folders === undefined ? {} : { PYTHONPATH: folders };
  const leaves = statuses.map((status) => judged.leaf(status));
  return verdictsIn(await run(python, [script, kind, judged.issuer, from, ...leaves], '', more));
}

export const libraries: readonly Judge[] = [
  ofGo('complete', completeList),
  ofGo('shard', shardList),
  {
    name: 'Go x/crypto/ocsp',
    missing: buildOcsp(),
    source: 'responder',
    judge: async ({ issuer, responder, leaf }, statuses) =>
      verdictsIn(await run(join(folder(), 'ocsp'), ['-issuer', issuer, '-url', responder, ...statuses.map(leaf)])),
  },
  {
    name: 'pyca/cryptography, complete',
    missing: absentPyca,
    source: 'lists',
    heedsScope: false,
    judge: (judged, statuses, lists = completeList) =>
      oneByOne(statuses, (status) => byPyca(judged, 'list', lists(judged, status), [status])),
  },
  {
    name: 'pyca/cryptography, OCSP',
    missing: absentPyca,
    source: 'responder',
    judge: (judged, statuses) => byPyca(judged, 'ocsp', judged.responder, statuses),
  },
];
