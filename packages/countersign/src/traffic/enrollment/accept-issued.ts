/** What an authority answered, checked before anything of it is kept: our key, our names, a path to the root, our time. */
import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { svidId } from '../../identity/spiffe/index.ts';
import { type Certificate, readCertificatesPem, validatePath } from '../../identity/x509/index.ts';
import type { IssuedCredential } from '../../runtime/api/index.ts';
import { type PrivateKey, sha256Hex, verifySignature } from '../../runtime/cryptography/index.ts';
import { type HeldCredential, namesOf } from './held-credential.ts';

export interface Asked {
  readonly privateKey: PrivateKey;
  readonly names: readonly string[];
  /** The trust domain of the authority that was spoken to. */
  readonly trustDomain: string;
  /** At first contact: the one root that the path must end in. At renewal: one of the roots that came. */
  readonly pinnedRoot?: Certificate;
  readonly clock: Clock;
}

export function acceptIssued(issued: IssuedCredential, asked: Asked): HeldCredential {
  const certificates = readAnswered(issued.certificates, issued.authority);
  const roots = readAnswered(issued.roots, issued.authority);
  const [leaf, ...intermediates] = certificates;
  if (leaf === undefined) throw mismatch(issued, 'a certificate', 'one', 'none');
  requireAsked(issued, leaf, asked);
  requireRoot(issued, roots, asked.pinnedRoot);
  requireOurTime(leaf, asked.clock.now());
  const anchors = asked.pinnedRoot === undefined ? roots : [asked.pinnedRoot];
  validatePath({ leaf, intermediates, anchors, at: asked.clock.now(), purpose: 'any', verifySignature });
  const { trustDomain, authority, rootSha256, renewAfterExpirySeconds } = issued;
  const spiffeId = svidId(leaf)?.toString();
  if (spiffeId === undefined) throw mismatch(issued, 'a SPIFFE ID among the names', 'one', namesOf(leaf));
  const where = { trustDomain, authority: new URL(authority).origin, rootSha256, renewAfterExpirySeconds };
  return {
    privateKey: asked.privateKey,
    leaf,
    spiffeId,
    intermediates,
    roots,
    ...where,
    receivedAt: asked.clock.now(),
  };
}

function requireAsked(issued: IssuedCredential, leaf: Certificate, asked: Asked): void {
  if (!equalBytes(leaf.publicKey.raw, asked.privateKey.publicKey.raw)) {
    throw mismatch(issued, 'the key of the request', keyId(asked.privateKey.publicKey.raw), keyId(leaf.publicKey.raw));
  }
  if (issued.trustDomain !== asked.trustDomain) {
    throw mismatch(issued, 'the trust domain of the authority', asked.trustDomain, issued.trustDomain);
  }
  const found = namesOf(leaf);
  const missing = asked.names.filter((name) => !found.some((other) => sameName(other, name)));
  // A service without a SPIFFE ID of its own is given one in its trust domain; nothing else may be added.
  const added = found.filter((name) => !asked.names.some((other) => sameName(other, name)));
  const ours = `spiffe://${issued.trustDomain}/`;
  const asksId = asked.names.some((name) => name.includes('://'));
  const allowed = added.length === 0 || (added.length === 1 && !asksId && added[0]?.startsWith(ours) === true);
  if (missing.length > 0 || !allowed) throw mismatch(issued, 'the names asked for', asked.names, found);
}

/** DNS names without regard to case (RFC 4343), URIs exactly; of a mailbox the local part exactly, the host as DNS names (RFC 5280, 7.5). */
function sameName(a: string, b: string): boolean {
  if (a.includes('://')) return a === b;
  const exact = (name: string): string => name.slice(0, name.lastIndexOf('@') + 1);
  return exact(a) === exact(b) && a.toLowerCase() === b.toLowerCase();
}

function requireRoot(issued: IssuedCredential, roots: readonly Certificate[], pinned: Certificate | undefined): void {
  const found = roots.map((root) => sha256Hex(root.raw));
  const expected = pinned === undefined ? issued.rootSha256 : sha256Hex(pinned.raw);
  if (!found.includes(expected) || !found.includes(issued.rootSha256)) {
    throw mismatch(issued, 'the pinned root among the roots', expected, found);
  }
}

/** Before the path is validated, which would call it "expired": a certificate this new is wrong by one of the clocks. */
function requireOurTime(leaf: Certificate, now: number): void {
  // notAfter includes its last second (RFC 5280, 4.1.2.5).
  if (leaf.notBefore <= now && now < leaf.notAfter + 1000) return;
  const ahead = leaf.notBefore > now ? "the authority's clock" : "this machine's clock";
  const dates = { notBefore: toRfc3339(leaf.notBefore), notAfter: toRfc3339(leaf.notAfter) };
  throw new Refusal('CS-CLOCK-002', { ...dates, here: toRfc3339(now), ahead });
}

function readAnswered(pem: string, authority: string): Certificate[] {
  try {
    return readCertificatesPem(pem);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new Refusal(
      'CS-AGENT-003',
      { authority, rule: 'certificates in PEM', expected: 'PEM', found: error.message },
      { cause: error },
    );
  }
}

function mismatch(
  { authority }: IssuedCredential,
  rule: string,
  expected: string | readonly string[],
  found: string | readonly string[],
): Refusal {
  return new Refusal('CS-AGENT-003', { authority, rule, expected, found });
}

function keyId(spki: Uint8Array): string {
  return `sha256:${sha256Hex(spki)}`;
}
