/** SPIFFE IDs and trust domains, read strictly: nothing is decoded, folded or normalized (SPIFFE-ID, 2). */
import { Refusal } from '../../ground/errors/index.ts';

/** What every implementation must support, and so the most that can be exchanged with all of them (SPIFFE-ID, 2.3). */
const mostCharacters = 2048;
const mostTrustDomainCharacters = 255;

const trustDomainForm = /^[a-z0-9._-]+$/;
const segmentForm = /^[a-zA-Z0-9._-]+$/;

export class SpiffeId {
  readonly trustDomain: string;
  /** Begins with "/", or is empty for the trust domain's own ID. */
  readonly path: string;

  constructor(trustDomain: string, path: string) {
    this.trustDomain = trustDomain;
    this.path = path;
  }

  toString(): string {
    return `spiffe://${this.trustDomain}${this.path}`;
  }
}

export function parseSpiffeId(text: string): SpiffeId {
  if (text.length > mostCharacters) throw broken(text, `longer than ${mostCharacters} characters`);
  if (!text.startsWith('spiffe://')) throw broken(text, 'does not begin with "spiffe://"');
  const rest = text.slice('spiffe://'.length);
  const slash = rest.indexOf('/');
  const trustDomain = requireTrustDomain(text, slash === -1 ? rest : rest.slice(0, slash));
  const path = slash === -1 ? '' : rest.slice(slash);
  for (const segment of path.split('/').slice(1)) {
    if (segment === '') throw broken(text, 'an empty path segment or a slash at the end');
    if (segment === '.' || segment === '..') throw broken(text, 'a relative path segment');
    if (!segmentForm.test(segment)) throw broken(text, 'a character that a path may not have');
  }
  return new SpiffeId(trustDomain, path);
}

/** A trust domain's name alone, such as "dev.internal". */
export function parseTrustDomain(text: string): string {
  return requireTrustDomain(text, text);
}

function requireTrustDomain(text: string, name: string): string {
  if (name === '') throw broken(text, 'the trust domain is empty');
  if (name.length > mostTrustDomainCharacters) throw broken(text, 'a trust domain longer than 255 characters');
  if (!trustDomainForm.test(name)) throw broken(text, 'a character that a trust domain may not have');
  return name;
}

function broken(text: string, rule: string): Refusal {
  return new Refusal('CS-SPIFFE-001', { text: text.slice(0, 200), rule });
}
