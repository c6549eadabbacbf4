import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../../ground/errors/index.ts';
import type { PartnerSettings, RouteSettings } from '../configuration/gateway-file.ts';
import type { PartnerCaller } from '../../../identity/partners/index.ts';
import { Partners } from '../partners.ts';
import { type Asker, decideRequest } from './decide-request.ts';
import { RouteTable } from './route-table.ts';

const bounds = { requestBytes: 1, headerBytes: 1, headerMs: 1, bodyMs: 1, answerMs: 1 };
const route = (name: string, path: string, more: Partial<RouteSettings> = {}): RouteSettings => ({
  name,
  path,
  host: 'api.test',
  upstream: 'plain',
  identity: 'none',
  bounds,
  observe: false,
  ...more,
});
const partner = (name: string, more: Partial<PartnerSettings> = {}): PartnerSettings => ({
  name,
  state: 'active',
  trust: 'corp.internal',
  who: [{ spiffeId: `spiffe://corp.internal/${name}` }],
  routes: ['*'],
  contacts: [],
  ...more,
});

const partners = new Partners([
  partner('acme'),
  partner('beta', { routes: ['open'] }),
  partner('gone', { state: 'suspended' }),
  partner('named', { who: [{ dnsName: 'named.test' }, { spkiPin: 'a'.repeat(64) }] }),
]);
const table = new RouteTable([
  route('payments', '/payments/', { allow: ['acme', 'beta', 'gone', 'spiffe://corp.internal/ops/*'] }),
  route('watched', '/watched/', { allow: ['acme'], observe: true }),
  route('open', '/'),
]);

function asker(name: string, more: Partial<PartnerCaller> = {}): Asker {
  const spiffeId = `spiffe://corp.internal/${name}`;
  const caller: PartnerCaller = {
    name: 'the caller',
    trustDomain: 'corp.internal',
    spiffeId,
    dnsNames: [],
    ipAddresses: [],
    uris: [],
    spkiPin: 'b',
    ...more,
  };
  return { identity: caller, name: caller.spiffeId ?? 'nameless', partner: partners.ofCaller(caller) };
}

function codeOf(who: Asker, target: string): string {
  const decision = decideRequest(table, { host: 'api.test', method: 'GET', target }, who);
  if (!decision.allowed) return decision.refusal.code.slice(-3);
  return decision.observed === undefined ? 'allowed' : `observed ${decision.observed.code.slice(-3)}`;
}

test('a route lets in whom it names, and whom the partner is listed for it', () => {
  assert.equal(codeOf(asker('acme'), '/payments/1'), 'allowed');
  assert.equal(codeOf(asker('beta'), '/payments/1'), '015');
  assert.equal(codeOf(asker('gone'), '/payments/1'), '016');
  assert.equal(codeOf(asker('ops/kim'), '/payments/1'), 'allowed');
  assert.equal(codeOf(asker('ops/kim/x'), '/payments/1'), '015');
  assert.equal(codeOf(asker('stranger'), '/payments/1'), '015');
  assert.equal(codeOf(undefined, '/payments/1'), '014');
  assert.equal(codeOf(undefined, '/'), 'allowed');
});

test('who shows no good certificate is never let through, observed or not', () => {
  assert.equal(codeOf(asker('beta'), '/watched/1'), 'observed 015');
  assert.equal(codeOf(asker('acme'), '/watched/1'), 'allowed');
  assert.equal(codeOf(undefined, '/watched/1'), '014');
  const refusal = new Refusal('CS-PEER-001', { address: '192.0.2.1' });
  assert.equal(codeOf({ refusal }, '/watched/1'), '001');
});

test('a partner is believed under his own trust domain alone', () => {
  assert.equal(partners.ofCaller({ ...callerOf('acme'), trustDomain: 'other.internal' }), undefined);
  assert.equal(partners.ofCaller({ ...callerOf('x'), dnsNames: ['named.test'] })?.settings.name, 'named');
  assert.equal(
    partners.ofCaller({ ...callerOf('x'), dnsNames: ['named.test'], trustDomain: 'other.internal' }),
    undefined,
  );
});

test('the upstream is asked for exactly the path that was decided on', () => {
  const decision = decideRequest(
    table,
    { host: 'api.test', method: 'GET', target: '/p%61yments/%31?a' },
    asker('acme'),
  );
  assert.ok(decision.allowed);
  assert.equal(decision.target, '/payments/1?a');
  assert.equal(decision.route.settings.name, 'payments');
  assert.equal(codeOf(undefined, '/open/../payments/1'), '010');
});

function callerOf(name: string): PartnerCaller {
  const spiffeId = `spiffe://corp.internal/${name}`;
  return { name, trustDomain: 'corp.internal', spiffeId, dnsNames: [], ipAddresses: [], uris: [], spkiPin: 'b' };
}
