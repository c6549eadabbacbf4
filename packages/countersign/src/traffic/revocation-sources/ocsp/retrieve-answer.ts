/** The bounded retriever of this room as OCSP uses it. */
import { Refusal } from '../../../ground/errors/index.ts';
import { retrieve } from '../retrieve/retrieve.ts';
import type { OcspRetriever } from './ocsp-retriever.ts';

export const retrieveAnswer: OcspRetriever = async (retrieval) => {
  const retrieved = await retrieve(retrieval);
  if (retrieved.kind === 'fetched') return retrieved.body;
  throw new Refusal('CS-OCSP-010', { url: retrieval.url, why: 'it says that nothing changed, and was not asked that' });
};
