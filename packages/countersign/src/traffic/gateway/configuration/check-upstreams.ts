/** Upstreams of a configuration: TLS where it is spoken, with whom, and nowhere a TLS that would not be. */
import { parseTarget } from '../../upstream/index.ts';
import { expectedPeerPolicy } from '../expected-peer.ts';
import type { GatewayFile, UpstreamSettings } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';

export function checkUpstreams(file: GatewayFile, problems: ProblemList): void {
  for (const [name, settings] of Object.entries(file.upstreams)) {
    checkTargets(name, settings, problems);
    checkTls(name, settings, file, problems);
  }
}

function checkTargets(name: string, { targets, tls }: UpstreamSettings, problems: ProblemList): void {
  targets.forEach((target, at) => {
    const place = ['upstreams', name, 'targets', at];
    try {
      const { isTls } = parseTarget(target);
      if (isTls && tls === undefined)
        problems.wrongValue(
          place,
          'TLS needs tls: { trust, expect } beside it: who the upstream may be is never left open',
        );
      if (!isTls && tls !== undefined)
        problems.wrongValue(place, 'this upstream has tls, and what goes to this target would go without it');
    } catch (error) {
      problems.wrongValue(place, reasonOf(error));
    }
  });
}

function checkTls(
  name: string,
  { tls }: UpstreamSettings,
  { credentials, trust }: GatewayFile,
  problems: ProblemList,
): void {
  if (tls === undefined) return;
  const place = ['upstreams', name, 'tls'];
  const known = Object.keys(credentials);
  if (tls.credential !== undefined && !known.includes(tls.credential))
    problems.unknownName([...place, 'credential'], 'credential', tls.credential, known);
  if (tls.credential === undefined && known.length !== 1)
    problems.wrongValue(place, 'credential is needed where the file has several');
  if (!Object.hasOwn(trust, tls.trust))
    problems.unknownName([...place, 'trust'], 'trust domain', tls.trust, Object.keys(trust));
  try {
    expectedPeerPolicy(tls.expect);
  } catch (error) {
    problems.wrongValue([...place, 'expect'], reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
