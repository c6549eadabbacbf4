/** Callers behind a proxy that names them at the gateway, each with several things under way over connections of that proxy. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { TestContext } from 'node:test';
import { toBase64 } from '../../packages/countersign/src/ground/encoding/index.ts';
import { pemOfAll } from '../fixtures/presented.ts';
import { type GatewaySettings, type Shown, streaming, type TrustingGateway, upgraded } from './trusting-gateway.ts';

export const clientCert = ({ chain: [leaf = new Uint8Array()] }: Shown): Record<string, string> => ({
  'client-cert': `:${toBase64(leaf)}:`,
});

/** @param domain that of the proxy, whose name is edge */
export const behind = (domain: string): Pick<GatewaySettings, 'hostMore' | 'routeMore'> => ({
  hostMore: `, proxies: [{ who: { spiffeId: 'spiffe://${domain}/edge' }, trust: ${domain}, takes: rfc9440 }]`,
  routeMore: ', forwarded: allowed',
});

/** A session that the proxy keeps, over which all of its callers come. */
export async function session(t: TestContext, port: number, { chain, key }: Shown): Promise<ClientHttp2Session> {
  const made = connect(`https://127.0.0.1:${String(port)}`, {
    ...{ servername: 'api.test', rejectUnauthorized: false, cert: pemOfAll(chain), key: key.toPem() },
  });
  t.after(() => made.destroy());
  made.on('error', () => undefined);
  await once(made, 'connect');
  return made;
}

export interface UnderWay {
  readonly ended: Promise<unknown>;
}

async function stream(over: ClientHttp2Session, path: string, as: Shown, method = 'GET'): Promise<UnderWay> {
  const asked = over.request(
    { ':path': path, ':authority': 'api.test', ':method': method, ...clientCert(as) },
    { endStream: method === 'GET' },
  );
  asked.on('error', () => undefined);
  if (method !== 'GET') asked.write('more will come');
  const ended = new Promise((resolve) => asked.once('close', () => resolve(undefined)));
  await once(asked, 'data');
  return { ended };
}

/** A request, an upload and a stream over a session that others use too; a request and a WebSocket over connections of their own. */
export async function allOf(
  { port }: TrustingGateway,
  over: ClientHttp2Session,
  edge: Shown,
  caller: { readonly name: string; readonly as: Shown },
): Promise<readonly UnderWay[]> {
  const { name, as } = caller;
  return Promise.all([
    stream(over, `/${name}/stream`, as),
    stream(over, `/${name}/stream`, as, 'POST'),
    streaming(port, `/${name}/stream`, edge, clientCert(as)),
    upgraded(port, `/${name}/socket`, edge, clientCert(as)),
  ]);
}

/** How many of them go on. */
export function leftOf(all: readonly UnderWay[]): () => number {
  let left = all.length;
  for (const { ended } of all) void ended.then(() => (left -= 1));
  return () => left;
}
