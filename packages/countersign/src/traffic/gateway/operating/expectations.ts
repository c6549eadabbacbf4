/** A file of expectations: who asks for what, and whether a configuration lets it through. The same function decides that decides on live requests. */
import { z } from 'zod';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { readCheckedSettings } from '../../../runtime/config/index.ts';
import type { GatewayFile } from '../configuration/gateway-file.ts';
import { refusalOfProblem } from '../configuration/problems.ts';
import { Partners } from '../partners.ts';
import { type Asker, decideRequest, type RequestDecision } from '../routing/decide-request.ts';
import { namedHost } from '../routing/named-host.ts';
import { plainHost } from '../routing/request-target.ts';
import { RouteTable } from '../routing/route-table.ts';

/** A code says more than `denied`: for that reason, and no other. */
const outcome = z.union([
  z.enum(['allowed', 'denied']),
  z.string().regex(/^CS-[A-Z0-9]+-\d{3}$/, 'allowed, denied or a code'),
]);

const expectationsFile = z
  .array(
    z.strictObject({
      as: z.string().min(1).describe('a partner by name, a SPIFFE ID, or nobody'),
      method: z
        .string()
        .regex(/^[A-Z]{1,20}$/, 'a method in capital letters')
        .default('GET'),
      url: z.string().regex(/^https:\/\/[^/?#\s]+\/\S*$/, 'https://HOST/PATH'),
      expect: outcome,
    }),
  )
  .min(1);

type Expectation = z.output<typeof expectationsFile>[number];

export interface MetExpectations {
  readonly count: number;
  /** CS-GATEWAY-026, one for each that is not met. */
  readonly unmet: readonly Refusal[];
}

/** @param path what refusals call the text */
export async function meetExpectations(
  text: string,
  path: string,
  file: GatewayFile,
): Promise<MetExpectations | { readonly problems: readonly Refusal[] }> {
  const read = await readCheckedSettings(text, expectationsFile);
  if ('problems' in read) return { problems: read.problems.map((problem) => refusalOfProblem(path, problem)) };
  const simulated = new Simulated(file);
  const unmet = read.value.flatMap((expectation, place) => {
    const found = outcomeOf(simulated.decide(expectation));
    const { as, method, url, expect: expected } = expectation;
    if (found === expected || (expected === 'denied' && found !== 'allowed')) return [];
    const { line } = read.at([place]);
    return [new Refusal('CS-GATEWAY-026', { expectation: `${as}: ${method} ${url}`, line, expected, found })];
  });
  return { count: read.value.length, unmet };
}

function outcomeOf(decision: RequestDecision): string {
  return decision.allowed ? 'allowed' : decision.refusal.code;
}

class Simulated {
  readonly #file: GatewayFile;
  readonly #table: RouteTable;
  readonly #partners: Partners;

  constructor(file: GatewayFile) {
    this.#file = file;
    this.#table = new RouteTable(file.routes);
    this.#partners = new Partners(file.partners);
  }

  decide({ as, method, url }: Expectation): RequestDecision {
    const [, authority = '', target = ''] = /^https:\/\/([^/]+)(\/.*)$/.exec(url) ?? [];
    const named = plainHost(authority) ?? authority;
    const host = namedHost(this.#file.hosts, named);
    if (host === undefined) return denied(new Refusal('CS-GATEWAY-012', { host: named }));
    // A handshake that asks nobody for a certificate knows nobody.
    const { certificate, trust } = this.#file.hosts[host] ?? { certificate: 'none', trust: [] };
    return decideRequest(
      this.#table,
      { host, method, target },
      certificate === 'none' ? undefined : this.#asker(as, trust),
    );
  }

  #asker(as: string, trust: readonly string[]): Asker {
    if (as === 'nobody') return undefined;
    if (!as.startsWith('spiffe://')) {
      const partner = this.#partners.all.get(as);
      if (partner !== undefined && trust.includes(partner.settings.trust))
        return { identity: nameless, name: as, partner };
      return { identity: nameless, name: as, partner: undefined };
    }
    const trustDomain = as.slice('spiffe://'.length).split('/', 1)[0] ?? '';
    // Its certificate would not be believed at the handshake.
    if (!trust.includes(trustDomain)) return { refusal: new Refusal('CS-PEER-009', { peer: as, known: trust }) };
    const caller = { ...nameless, name: as, spiffeId: as, trustDomain };
    try {
      return { identity: caller, name: as, partner: this.#partners.ofCaller(caller) };
    } catch (refusal) {
      if (isRefusal(refusal)) return { refusal };
      throw refusal;
    }
  }
}

function denied(refusal: Refusal): RequestDecision {
  return { allowed: false, route: undefined, refusal };
}

/** No name of its own: what the partner may counts alone. */
const nameless = { dnsNames: [], ipAddresses: [], uris: [], spkiPin: '' };
