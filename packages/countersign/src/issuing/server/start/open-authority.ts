/** The authority before it serves anybody: its keys, the settings in force, its profiles, its entry in the audit log, its own certificates. */
import type { AuditFacts } from '../../../runtime/audit/index.ts';
import { ensurePrivateDirectory } from '../../../runtime/config/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import { noTracing } from '../../../runtime/telemetry/index.ts';
import { fixedSource } from '../../../runtime/tls/index.ts';
import {
  type Authority,
  type AuthorityKeys,
  openAuthority as openIssuing,
  type Profile,
  reservedProfiles,
} from '../../authority/index.ts';
import type { Place } from '../access/administrators.ts';
import { openProposals, type Proposals } from '../approval/proposals.ts';
import { openSettingsGate, type SettingsGate } from '../approval/settings-gate.ts';
import { openAuthorityDirectory } from '../authority-directory.ts';
import { keepAuditExport } from '../keep-audit-export.ts';
import { keepRetired } from '../keys/keep-retired.ts';
import type { LoadedKeys } from '../keys/load-keys.ts';
import { requireKnownIssuer } from '../keys/require-known-issuer.ts';
import { type ProfileSource, profileSource } from '../profile-source.ts';
import { recordRun } from '../record-run.ts';
import type { ServerLog } from '../server-event.ts';
import { changedAuditExport } from '../settings/changed-audit-export.ts';
import { widenedTokens } from '../settings/widened-tokens.ts';
import { widenedProfiles } from '../settings/widened-profiles.ts';
import { serverTelemetry, type ServerTelemetry } from '../telemetry/server-telemetry.ts';
import { type AuthorityServerOptions, defaultListen, type Endings } from './options.ts';
import { keepOwnCertificates, type OwnCertificates } from './own-certificates.ts';

export interface OpenAuthority {
  readonly authority: Authority;
  /** Whether the issuer's key is under a passphrase on disk. */
  readonly keysEncrypted: boolean;
  readonly own: OwnCertificates;
  readonly gate: SettingsGate;
  readonly proposals: Proposals;
  readonly profiles: ProfileSource;
  readonly telemetry: ServerTelemetry;
  readonly place: Place;
  /** Issuers that were replaced, each with what issues the certificate of its OCSP responder and nothing else. */
  readonly retired: readonly Authority[];
}

/** @param routes of which telemetry counts, once they are known */
export async function openAuthority(
  options: AuthorityServerOptions,
  routes: () => readonly string[],
  endings: Endings,
): Promise<OpenAuthority> {
  const { stores, clock } = options;
  // Known when the settings in force are, which telemetry tells of.
  const known: { profiles?: ProfileSource } = {};
  const telemetry = telemetryOf(options, () => known.profiles?.current().profiles ?? [], routes);
  endings.push(() => telemetry.close());
  const { log } = telemetry;
  const { keys, encrypted: keysEncrypted, retired: replaced } = await openKeys(options);
  const sending: { end?: () => Promise<void> | void } = {};
  // Ended after the last entry was written, though it begins later.
  endings.push(() => sending.end?.());
  const place = { trustDomain: keys.trustDomain, ownerUid: process.geteuid?.() ?? -1 };
  await requireKnownIssuer({ dir: options.dir, place, keys, settings: stores.settings, audit: stores.audit });
  const { gate, proposals } = await openGate(options, place, log);
  endings.push(() => gate.close());
  sending.end = keepAuditExport({ ...options, journal: stores.audit, log, settings: gate.settings });
  const profiles = profileSource({ settings: gate.settings, audit: stores.audit, clock, log });
  known.profiles = profiles;
  endings.push(await recordRun(stores.audit, clock, { ...runFacts(keys), ...profiles.facts() }));
  endings.push(() => profiles.close());
  const ledger = telemetry.issuing.ledger(stores.issuance);
  const authority = telemetry.issuing.authority(await openIssuing({ keys, ledger, clock, onStep: options.onStep }));
  const retired = await Promise.all(
    (await keepRetired(options.dir, replaced, { inventory: stores.inventory, clock })).map((one) =>
      openIssuing({ keys: { ...keys, ...one }, ledger, clock }),
    ),
  );
  const own = await keepOwnCertificates(authority, (options.listen ?? defaultListen).host, options, log);
  for (const certificate of own.all) endings.push(() => certificate.close());
  return { authority, keysEncrypted, own, gate, proposals, profiles, telemetry, place, retired };
}

/** Which authority it was that ran. */
function runFacts({ trustDomain, anchor, issuer }: AuthorityKeys): AuditFacts {
  const { certificate, issuerKey } = issuer;
  return { trustDomain, root: sha256Hex(anchor.raw), issuer: sha256Hex(certificate.raw), issuerKey };
}

function telemetryOf(
  options: AuthorityServerOptions,
  profiles: () => readonly Profile[],
  routes: () => readonly string[],
): ServerTelemetry {
  return serverTelemetry({
    clock: options.clock,
    log: options.log ?? (() => undefined),
    tracing: options.tracing ?? noTracing,
    version: options.version ?? 'unknown',
    profiles: () => [...profiles(), ...reservedProfiles].map(({ name }) => name),
    routes,
  });
}

async function openKeys({ dir, trustDomain, passphrases, stores, clock }: AuthorityServerOptions): Promise<LoadedKeys> {
  await ensurePrivateDirectory(dir);
  const { records } = await stores.inventory.page(undefined, 1);
  return openAuthorityDirectory({
    dir,
    trustDomain,
    ledgerId: stores.ledgerId,
    ledgerInUse: records.length > 0,
    passphrases,
    clock,
  });
}

/** From here on the settings are those in force, whatever the file says. */
async function openGate(
  { stores, settings, clock }: AuthorityServerOptions,
  place: Place,
  log: ServerLog,
): Promise<{ gate: SettingsGate; proposals: Proposals }> {
  const file = settings ?? fixedSource({});
  const path = settings?.path ?? 'the settings';
  const gate = await openSettingsGate({
    file,
    path,
    memory: stores.settings,
    place,
    clock,
    log,
    widens: [widenedProfiles, widenedTokens, changedAuditExport],
  });
  const { administrators } = gate;
  const proposals = openProposals({ book: stores.proposals, administrators, clock, log });
  await gate.begin(proposals);
  return { gate, proposals };
}
