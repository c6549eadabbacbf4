import { memoryLedger } from '../../packages/countersign/src/issuing/authority/index.ts';
import { issuingContract } from './contract.ts';

issuingContract('memory', async () => {
  const ledger = memoryLedger();
  return { issuance: ledger, inventory: ledger };
});
