/** What an agent tells of: each turn of a credential's life, once. */

export type AgentEvent =
  | {
      readonly type: 'enrolled' | 'loaded' | 'renewed';
      readonly serialNumber: string;
      readonly notAfter: number;
      readonly renewsAt: number;
    }
  /** It goes on trying. `error` is a `Refusal` unless something is broken inside. */
  | { readonly type: 'renewal-failed'; readonly error: Error; readonly attempt: number; readonly nextAttemptMs: number }
  /** The certificate ran out before it could be renewed; the agent goes on trying. */
  | { readonly type: 'expired'; readonly serialNumber: string; readonly notAfter: number }
  /** The authority says that the certificate is revoked: it is never renewed, and the agent has stopped. */
  | { readonly type: 'revoked'; readonly error: Error; readonly serialNumber: string }
  /** It expired so long ago that only a new token helps; the agent has stopped. */
  | { readonly type: 'lapsed'; readonly error: Error; readonly serialNumber: string };

export type AgentEventListener = (event: AgentEvent) => void;
