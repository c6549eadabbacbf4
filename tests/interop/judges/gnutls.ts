/** GnuTLS's `certtool --verify` and `ocsptool --ask`. */
import { readFile } from 'node:fs/promises';
import { absentProgram } from './absent-program.ts';
import { run } from '../peers.ts';
import { completeList, each, type Judge, type Lists, shardList, type Verdict } from './judge.ts';
import type { Judged, Status } from './judged.ts';

async function verify(judged: Judged, status: Status, lists: Lists): Promise<Verdict> {
  const given = ['--load-ca-certificate', judged.root, '--load-crl', lists(judged, status)];
  const { out, err } = await run('certtool', ['--verify', ...given], await readFile(judged.chain(status), 'utf8'));
  if (/Chain verification output: Verified\. The certificate is trusted\./.test(out)) return 'good';
  return /Chain verification output: .*revoked/.test(out) ? 'revoked' : out + err;
}

async function ask({ responder, issuer, anchors, leaf }: Judged, status: Status): Promise<Verdict> {
  const given = ['--load-cert', leaf(status), '--load-issuer', issuer, '--load-trust', anchors];
  const { out, err } = await run('ocsptool', [`--ask=${responder}`, ...given]);
  if (!/Verifying OCSP Response: Success\./.test(out)) return out + err;
  return /Certificate Status: (good|revoked|unknown)/.exec(out)?.[1] ?? out;
}

function ofVerify(name: string, own: Lists): Judge {
  return {
    name: `certtool --verify, ${name}`,
    missing: absentProgram('certtool'),
    source: 'lists',
    heedsScope: false,
    judge: (judged, statuses, lists = own) => each(statuses, (status) => verify(judged, status, lists)),
  };
}

export const gnutls: readonly Judge[] = [
  ofVerify('complete', completeList),
  ofVerify('shard', shardList),
  {
    name: 'ocsptool --ask',
    missing: absentProgram('ocsptool'),
    source: 'responder',
    judge: (judged, statuses) => each(statuses, (status) => ask(judged, status)),
  },
];
