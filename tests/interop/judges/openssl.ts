/** OpenSSL's `verify` and `ocsp`. */
import { missing, run } from '../peers.ts';
import { completeList, deltaLists, each, type Judge, type Lists, shardList, type Verdict } from './judge.ts';
import type { Judged, Status } from './judged.ts';

const absent = missing('openssl');

async function verify(judged: Judged, status: Status, lists: Lists, options: readonly string[]): Promise<Verdict> {
  const given = ['-CAfile', judged.root, '-untrusted', judged.chain(status), '-CRLfile', lists(judged, status)];
  const { out, err } = await run('openssl', ['verify', '-crl_check_all', ...given, ...options, judged.leaf(status)]);
  if (/: OK/.test(out)) return 'good';
  if (/error 23 at 0 depth/.test(err)) return 'revoked';
  // Different CRL scope; no CRL at all.
  return /error (?:44|3) at 0 depth/.test(err) ? 'undetermined' : out + err;
}

async function ocsp({ responder, issuer, root, leaf }: Judged, status: Status, hash: string): Promise<Verdict> {
  const trust = ['-issuer', issuer, '-CAfile', root, '-verify_other', issuer];
  const { out, err } = await run('openssl', [
    ...['ocsp', '-no_nonce', '-url', responder, ...trust, hash, '-cert', leaf(status)],
  ]);
  if (!err.includes('Response verify OK')) return out + err;
  if (/Reason: certificateHold/.test(out)) return 'held';
  return /: (good|revoked|unknown)/.exec(out)?.[1] ?? out;
}

function ofVerify(name: string, own: Lists, ...options: readonly string[]): Judge {
  return {
    name: `openssl verify${options.map((option) => ` ${option}`).join('')}, ${name}`,
    missing: absent,
    source: 'lists',
    heedsScope: true,
    judge: (judged, statuses, lists = own) => each(statuses, (status) => verify(judged, status, lists, options)),
  };
}

function ofOcsp(hash: string): Judge {
  return {
    name: `openssl ocsp ${hash}`,
    missing: absent,
    source: 'responder',
    judge: (judged, statuses) => each(statuses, (status) => ocsp(judged, status, hash)),
  };
}

export const openssl: readonly Judge[] = [
  ofVerify('complete', completeList),
  ofVerify('shard', shardList),
  ofVerify('delta', deltaLists, '-extended_crl', '-use_deltas'),
  ofOcsp('-sha1'),
  ofOcsp('-sha256'),
];
