/** The storage that the authority's server is given; who composes it decides which database. */
import type { AuditJournal } from '../../runtime/audit/index.ts';
import type { CertificateInventory, IssuanceLedger } from '../authority/index.ts';
import type { RevokedRows } from '../crl/index.ts';
import type { TokenVault } from '../enrollment-server/index.ts';
import type { PartnerBook } from '../partner-registry/index.ts';
import type { TokenClientBook } from '../token-issuer/index.ts';
import type { ProposalBook, SettingsMemory } from './approval/proposal-book.ts';
import type { EndpointRegister } from './endpoint-register.ts';
import type { RevocationLedger } from './revocation-ledger.ts';
import type { RecoveryLedger, Snapshots } from './recovery-ledger.ts';
import type { StoreKeeper } from './store-keeper.ts';
import type { StoreVitals } from './store-vitals.ts';

export interface AuthorityStores {
  /** Which database this is; the authority's directory remembers it. */
  readonly ledgerId: string;
  readonly issuance: IssuanceLedger;
  readonly inventory: CertificateInventory;
  readonly tokens: TokenVault;
  readonly revocations: RevocationLedger;
  readonly revokedRows: RevokedRows;
  readonly endpoints: EndpointRegister;
  readonly partners: PartnerBook;
  readonly tokenClients: TokenClientBook;
  readonly proposals: ProposalBook;
  readonly settings: SettingsMemory;
  readonly keeper: StoreKeeper;
  readonly recovery: RecoveryLedger;
  readonly snapshots: Snapshots;
  readonly audit: AuditJournal;
  readonly vitals: StoreVitals;
}
