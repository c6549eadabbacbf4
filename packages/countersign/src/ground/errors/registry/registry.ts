/** The one registry of refusals: whatever Countersign refuses has its code here, and every text about it is made from its entry. */
import { accessRefusals } from './access.ts';
import { auditRefusals } from './audit.ts';
import { authorityRefusals } from './authority.ts';
import { backupRefusals } from './backup.ts';
import { ceremonyRefusals } from './ceremony.ts';
import { clientRefusals } from './client.ts';
import { commandRefusals } from './command.ts';
import { crlRefusals } from './crl.ts';
import { encodingRefusals } from './encoding.ts';
import type { RefusalEntry } from './entry.ts';
import { gatewayRefusals } from './gateway.ts';
import { gatewayEvidenceRefusals } from './gateway-evidence.ts';
import { gatewayFailureRefusals } from './gateway-failures.ts';
import { gatewayRequestRefusals } from './gateway-requests.ts';
import { gatewayIdentityRefusals } from './gateway-identity.ts';
import { gatewayRegistryRefusals } from './gateway-registry.ts';
import { gatewayUpstreamRefusals } from './gateway-upstreams.ts';
import { gatewayWorkerRefusals } from './gateway-workers.ts';
import { forwardedIdentityRefusals } from './forwarded-identity.ts';
import { keyRefusals } from './keys.ts';
import { listRefusals } from './lists.ts';
import { ocspMeansRefusals } from './ocsp-means.ts';
import { ocspRefusals } from './ocsp.ts';
import { partnerRefusals } from './partners.ts';
import { peerRefusals } from './peer.ts';
import { profileRefusals } from './profiles.ts';
import { retrievalRefusals } from './retrieval.ts';
import { settingsRefusals } from './settings.ts';
import { storeRefusals } from './store.ts';
import { telemetryRefusals } from './telemetry.ts';
import { tokenIssuingRefusals } from './token-issuing.ts';
import { bearerRefusals } from './tokens.ts';
import { x509Refusals } from './x509.ts';

type Entries = typeof encodingRefusals &
  typeof forwardedIdentityRefusals &
  typeof x509Refusals &
  typeof ocspRefusals &
  typeof ocspMeansRefusals &
  typeof crlRefusals &
  typeof retrievalRefusals &
  typeof keyRefusals &
  typeof ceremonyRefusals &
  typeof peerRefusals &
  typeof auditRefusals &
  typeof authorityRefusals &
  typeof listRefusals &
  typeof clientRefusals &
  typeof commandRefusals &
  typeof settingsRefusals &
  typeof profileRefusals &
  typeof accessRefusals &
  typeof telemetryRefusals &
  typeof bearerRefusals &
  typeof partnerRefusals &
  typeof tokenIssuingRefusals &
  typeof storeRefusals &
  typeof backupRefusals &
  typeof gatewayRefusals &
  typeof gatewayUpstreamRefusals &
  typeof gatewayIdentityRefusals &
  typeof gatewayWorkerRefusals &
  typeof gatewayFailureRefusals &
  typeof gatewayRequestRefusals &
  typeof gatewayEvidenceRefusals &
  typeof gatewayRegistryRefusals;

export type RefusalCode = keyof Entries & string;

/** One fact of an occurrence. */
export type Fact = string | number | boolean | readonly string[];

/** The facts that an occurrence of `Code` must bring: exactly those that its entry names. */
export type EvidenceOf<Code extends RefusalCode> = { readonly [Name in Entries[Code]['evidence'][number]]: Fact };

const entries: Entries = {
  ...encodingRefusals,
  ...forwardedIdentityRefusals,
  ...x509Refusals,
  ...ocspRefusals,
  ...ocspMeansRefusals,
  ...crlRefusals,
  ...retrievalRefusals,
  ...keyRefusals,
  ...ceremonyRefusals,
  ...peerRefusals,
  ...auditRefusals,
  ...authorityRefusals,
  ...listRefusals,
  ...clientRefusals,
  ...commandRefusals,
  ...settingsRefusals,
  ...accessRefusals,
  ...profileRefusals,
  ...telemetryRefusals,
  ...bearerRefusals,
  ...partnerRefusals,
  ...tokenIssuingRefusals,
  ...storeRefusals,
  ...backupRefusals,
  ...gatewayRefusals,
  ...gatewayUpstreamRefusals,
  ...gatewayIdentityRefusals,
  ...gatewayWorkerRefusals,
  ...gatewayFailureRefusals,
  ...gatewayRequestRefusals,
  ...gatewayEvidenceRefusals,
  ...gatewayRegistryRefusals,
};

// Each entry is checked against `RefusalEntry` here: `satisfies` in the files of the areas would forbid isolated declarations.
export const registry: ReadonlyMap<string, RefusalEntry> = new Map(Object.entries(entries));

/** Whether `text`, from a peer or a person, is a code of the registry. */
export function isRefusalCode(text: string): text is RefusalCode {
  return registry.has(text);
}

export function entryOf(code: RefusalCode): RefusalEntry {
  const entry = registry.get(code);
  if (entry === undefined) throw new TypeError(`${code} is not in the registry of refusals`);
  return entry;
}
