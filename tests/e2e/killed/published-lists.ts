/** Reads the revocation lists through all deaths: none has less than was acknowledged, none an older number, and what was read before is brought up to date. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type CertificateList, parseCertificateList } from '../../../packages/countersign/src/identity/x509/index.ts';

export class ListReader {
  #before: CertificateList | undefined;

  /** @param revoked serial numbers of what has not expired */
  async requireAll(published: string, dir: string, revoked: Iterable<string>): Promise<void> {
    const [folder = ''] = await readdir(join(dir, 'crl'));
    const [list, delta] = [await fetched(published, `${folder}/all`), await fetched(published, `${folder}/all-delta`)];
    for (const serial of revoked) assert.equal(list.revoked.find(serial).length, 1, `not in the list: ${serial}`);
    const before = this.#before;
    this.#before = list;
    if (before === undefined) return;
    assert.ok(numberOf(list.crlNumber) > numberOf(before.crlNumber), 'the number of the list went back');
    assert.ok(numberOf(delta.baseCrlNumber) <= numberOf(before.crlNumber), 'the delta list is not for the list before');
    const known = new Set([...before.revoked, ...delta.revoked].map(({ serialNumber }) => serialNumber));
    for (const { serialNumber } of list.revoked) assert.ok(known.has(serialNumber), `not told: ${serialNumber}`);
  }
}

/** After a restart there is none until all of them have been made anew, which a busy machine takes long for: no list is no promise that is broken. */
const mostMakingMs = 60_000;

async function fetched(published: string, name: string): Promise<CertificateList> {
  const endMs = performance.now() + mostMakingMs;
  let answer = await fetch(`${published}/crl/${name}.crl`);
  while (answer.status === 503 && performance.now() < endMs) {
    await answer.arrayBuffer();
    await setTimeout(20);
    answer = await fetch(`${published}/crl/${name}.crl`);
  }
  assert.equal(answer.status, 200, name);
  return parseCertificateList(new Uint8Array(await answer.arrayBuffer()));
}

function numberOf(digits: string | undefined): bigint {
  return BigInt(`0x${digits ?? '0'}`);
}
