/** A gateway of an authority's registry, `edge`, and the partners that were invited there: how it gets its credential, how they get theirs, and how they call. */
import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { tokenOfInvitation } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll, type HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { presented, type ServerHouse, temporaryDirectory } from '../authority/server-house.ts';
import { type Answer, answerTo } from './gateway-process.ts';

export const edge = 'spiffe://dev.internal/gateway/edge';

/** A folder with its `cert.pem`, `key.pem` and the authority's `root.pem`, until the test is over. */
export async function edgeFolder(t: TestContext, bank: ServerHouse): Promise<string> {
  const dir = await temporaryDirectory(t);
  const { chain, key } = presented(await bank.service(edge));
  await writeFile(join(dir, 'cert.pem'), chain);
  await writeFile(join(dir, 'key.pem'), key.toPem(), { mode: 0o600 });
  await writeFile(join(dir, 'root.pem'), await readFile(join(bank.dir, 'authority', 'root.pem')));
  return dir;
}

/** With a credential. @param routes of the partner; default `payments` */
export async function partner(
  bank: ServerHouse,
  name: string,
  routes: string[] | '*' = ['payments'],
): Promise<HeldCredential> {
  const { link, code } = await bank.local.invitePartner({ name, routes, lifeSeconds: 60 });
  return enroll({ token: tokenOfInvitation(link, code), privateKey: generatePrivateKey('P-256') });
}

/** At the host `api.test`. */
export function call(port: number, held: HeldCredential, path: string, agent: Agent = new Agent()): Promise<Answer> {
  const { chain, key } = presented(held);
  return answerTo(
    request({
      ...{ host: '127.0.0.1', port, path, servername: 'api.test', agent, headers: { host: 'api.test' } },
      ...{ rejectUnauthorized: false, cert: chain, key: key.toPem() },
    }),
  );
}
