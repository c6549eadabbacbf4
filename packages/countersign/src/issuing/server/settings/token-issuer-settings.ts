/** The section `tokenIssuer` of an authority's settings: where machines get access tokens that are bound to their certificates, and who gets which. */
import { z } from 'zod';

import { isRefusal } from '../../../ground/errors/index.ts';
import { type PeerPolicy, spiffeId, spiffeIdPattern } from '../../../identity/authorization/index.ts';
import { durationMs, durationText } from '../../../runtime/config/index.ts';
import {
  type AddedClients,
  ClientSet,
  type IdentityGrant,
  longestTokenMs,
  type ResourceServer,
} from '../../token-issuer/index.ts';
import { address, hostAndPort } from './telemetry-settings.ts';

export interface TokenIssuerSettings {
  /** `iss`: an https URL. */
  readonly issuer: string;
  /** HOST:PORT; default 127.0.0.1:7444. */
  readonly listen?: string | undefined;
  /** Under which address clients reach it, where that is not the issuer itself. */
  readonly endpoints?: string | undefined;
  /** Of a token; default 5m. */
  readonly life?: string | undefined;
  readonly selfSigned?: 'accepted' | 'refused' | undefined;
  /** Client metadata (RFC 7591). */
  readonly clients?: readonly unknown[] | undefined;
  /** Whoever has such a SPIFFE ID is a client under it. */
  readonly identities?: readonly IdentitySettings[] | undefined;
  /** Who may ask about tokens. */
  readonly resourceServers?: readonly { readonly resource: string; readonly who: string }[] | undefined;
}

export interface IdentitySettings {
  readonly who: string;
  readonly scopes?: readonly string[] | undefined;
  readonly resources: readonly string[];
}

const who = z
  .string()
  .refine((text) => !isRefused(() => policyOf(text)), 'a SPIFFE ID, or a pattern of whole segments')
  .meta({ description: 'a SPIFFE ID, or a pattern of whole segments: spiffe://TRUST-DOMAIN/partner/*' });

const url = z
  .string()
  .max(1024)
  .refine(isIssuer, 'an https URL without user, query and fragment')
  .meta({ description: 'an https URL without user, query and fragment' });

const resource = z.string().min(1).max(2048);
const leastLifeMs = 1000;

export const tokenIssuerSettings: z.ZodType<TokenIssuerSettings> = z
  .strictObject({
    issuer: url,
    listen: address.optional(),
    endpoints: url.optional(),
    life: durationText
      .refine((text) => durationMs(text) >= leastLifeMs && durationMs(text) <= longestTokenMs, 'from 1s to 1h')
      .optional(),
    selfSigned: z.enum(['accepted', 'refused']).optional(),
    clients: z.array(z.record(z.string(), z.unknown())).max(100_000).optional(),
    identities: z
      .array(
        z.strictObject({
          who,
          scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'one scope (RFC 6749, 3.3)')).optional(),
          resources: z.array(resource).min(1).max(256),
        }),
      )
      .optional(),
    resourceServers: z.array(z.strictObject({ resource, who })).optional(),
  })
  .superRefine(({ clients = [] }, context) => {
    try {
      new ClientSet(clients);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { client, rule } = error.evidence;
      context.addIssue({ code: 'custom', path: ['clients'], message: `${String(client)}: ${String(rule)}` });
    }
  });

export function clientSetOf({ clients = [], identities = [] }: TokenIssuerSettings, added?: AddedClients): ClientSet {
  return new ClientSet(
    clients,
    identities.map(({ who: text, scopes = [], resources }): IdentityGrant => ({
      who: policyOf(text),
      scopes,
      resources,
    })),
    added,
  );
}

export function resourceServersOf({ resourceServers = [] }: TokenIssuerSettings): readonly ResourceServer[] {
  return resourceServers.map(({ resource: name, who: text }) => ({ resource: name, who: policyOf(text) }));
}

/** This machine alone: what others reach, a person says. */
const defaultAddress = '127.0.0.1:7444';

export function tokenIssuerPlace({ listen }: TokenIssuerSettings): { readonly host: string; readonly port: number } {
  return hostAndPort(listen ?? defaultAddress);
}

function policyOf(text: string): PeerPolicy {
  return text.includes('*') ? spiffeIdPattern(text) : spiffeId(text);
}

function isRefused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

function isIssuer(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed?.protocol === 'https:' && parsed.search === '' && parsed.hash === '' && parsed.username === '';
}
