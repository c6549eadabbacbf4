/** Revocation lists read from what a file or an address gave, without holding up who is served meanwhile. */
import { parsePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type CertificateList, certificateListInSteps } from '../../../identity/x509/index.ts';

/** RFC 7468, 6. */
const label = 'X509 CRL';

/** Lists in one file. Own choice: several times the issuers that an endpoint knows. */
const mostLists = 256;

export async function readLists(bytes: Uint8Array, mostBytes: number): Promise<CertificateList[]> {
  const lists: CertificateList[] = [];
  for (const der of blocksOf(bytes)) lists.push(await readList(der, mostBytes));
  return lists;
}

async function readList(der: Uint8Array, mostBytes: number): Promise<CertificateList> {
  const steps = certificateListInSteps(der, mostBytes);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function blocksOf(bytes: Uint8Array): Uint8Array[] {
  // A SEQUENCE; no PEM text begins with "0", as what stands before a block is rare and never begins so.
  if (bytes[0] === 0x30) return [bytes];
  const blocks = parsePem(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
  const wrong = blocks.find((block) => block.label !== label)?.label;
  if (wrong !== undefined) throw new Refusal('CS-CRL-001', { rule: `a ${wrong} instead of a revocation list` });
  if (blocks.length > mostLists) throw new Refusal('CS-CRL-001', { rule: `more than ${mostLists} lists` });
  return blocks.map((block) => block.bytes);
}
