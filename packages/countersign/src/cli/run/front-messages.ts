/** What `run` and the process of its front say to each other: plain data over the channel between parent and child. */
import type { Fact } from '../../ground/errors/index.ts';
import type { BundleSnapshot, TrustSnapshot } from '../../traffic/preload/index.ts';
import type { StapleMeans, StatusMeans } from '../../traffic/revocation-sources/index.ts';
import type { Upstream } from '../../traffic/relay/index.ts';
import type { FrontProtocol } from '../../traffic/sidecar/index.ts';

export interface CredentialMessage {
  readonly type: 'credential';
  /** PEM; the key is in this message and nowhere else in that process's reach. */
  readonly key: string;
  /** PEM, the leaf first. */
  readonly chain: string;
}

export interface StartMessage {
  readonly type: 'start';
  readonly credential: CredentialMessage;
  readonly bundle: BundleSnapshot;
  /** The authority's address, and the SHA-256 of its root. */
  readonly authority: string;
  readonly rootSha256: string;
  /** The SPIFFE ID of the program. */
  readonly spiffeId: string;
  /** Names of who may call. */
  readonly allow: readonly string[];
  readonly listen: { readonly host: string; readonly port: number };
  readonly protocol: FrontProtocol;
  /** What happens when the lease of the revocations ends. */
  readonly lease: 'refuseAfterLease' | 'continueAfterLease';
  /** What is asked beside the feed. */
  readonly means?: StatusMeans | undefined;
  /** Who is asked for the staple of its own certificate. */
  readonly staple?: StapleMeans | undefined;
}

export type ToFront = StartMessage | CredentialMessage | { readonly type: 'upstream'; readonly upstream: Upstream };

export interface SaidRefusal {
  readonly code: string;
  readonly evidence: Readonly<Record<string, Fact>>;
  readonly line: string;
}

export type FromFront =
  /** The process has started and waits for `start`. */
  | { readonly type: 'waiting' }
  | { readonly type: 'listening'; readonly host: string; readonly port: number }
  /** It could not be opened; the process ends. */
  | { readonly type: 'failed'; readonly refusal: SaidRefusal }
  | { readonly type: 'refused' | 'closed'; readonly refusal: SaidRefusal; readonly address: string }
  | { readonly type: 'unanswered'; readonly refusal: SaidRefusal }
  | { readonly type: 'trust'; readonly trust: TrustSnapshot }
  | { readonly type: 'trust-warning'; readonly text: string; readonly code: string | null }
  | { readonly type: 'status-warning'; readonly refusal: SaidRefusal };
