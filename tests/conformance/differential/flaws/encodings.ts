/** DER that is none, in places where what it means is still clear. */
import {
  concatBytes,
  encodeElement,
  encodeOid,
  encodeSequence,
} from '../../../../packages/countersign/src/ground/encoding/index.ts';
import { type CertificatePlan, plannedExtension } from '../../../fixtures/planned-certificates.ts';
import { type Draft, leafOf } from '../draft.ts';
import { changed, type Flaw, issued, withMore } from './flaw.ts';

export function encodingFlaws(): Flaw[] {
  const inIssued = (name: string, clause: string, change: (plan: CertificatePlan, draft: Draft) => void): Flaw => ({
    name,
    clause,
    encoding: true,
    apply: (draft) => changed(issued(draft), (plan) => change(plan, draft)),
  });
  return [
    inIssued('serial number zero', 'RFC 5280 4.1.2.2', (plan) => (plan.serialNumber = Uint8Array.of(0))),
    inIssued('serial number negative', 'RFC 5280 4.1.2.2', (plan) => (plan.serialNumber = Uint8Array.of(0xff, 1))),
    inIssued('serial number of 21 octets', 'RFC 5280 4.1.2.2', (plan) => {
      plan.serialNumber = Uint8Array.of(0x7f, ...new Uint8Array(20).fill(1));
    }),
    inIssued('serial number padded', 'X.690 8.3.2', (plan) => (plan.serialNumber = Uint8Array.of(0, 1))),
    inIssued('version 2 with extensions', 'RFC 5280 4.1.2.1', (plan) => {
      // The version's INTEGER is the one element whose place is known: SEQUENCE (4), [0] (2), INTEGER (3).
      plan.changeTbs = (tbs) => tbs.with(headerOctets(tbs) + 4, 1);
    }),
    inIssued('criticality FALSE written out', 'X.690 11.5', (plan) => {
      const fields = [encodeOid('1.3.6.1.4.1.55555.2.4'), Uint8Array.of(1, 1, 0), Uint8Array.of(4, 2, 5, 0)];
      withMore(plan, encodeSequence(...fields));
    }),
    inIssued('criticality TRUE written as 1', 'X.690 11.1', (plan) => {
      // Of an extension that everybody knows, so that what is critical in it hinders nobody.
      delete plan.keyUsage;
      const fields = [encodeOid('2.5.29.15'), Uint8Array.of(1, 1, 1), Uint8Array.of(4, 4, 3, 2, 2, 0x84)];
      withMore(plan, encodeSequence(...fields));
    }),
    inIssued('length in more octets than it needs', 'X.690 10.1', (plan) => {
      const contents = concatBytes([encodeOid('1.3.6.1.4.1.55555.2.5'), Uint8Array.of(4, 0x81, 2, 5, 0)]);
      withMore(plan, encodeElement(0x30, contents));
    }),
    inIssued('octets behind the value of an extension', 'X.690 8.1; RFC 5280 4.2', (plan) => {
      delete plan.keyUsage;
      withMore(plan, plannedExtension('2.5.29.15', true, Uint8Array.of(3, 2, 2, 0x84, 0)));
    }),
    inIssued('keyUsage without a bit', 'RFC 5280 4.2.1.3', (plan) => {
      delete plan.keyUsage;
      withMore(plan, plannedExtension('2.5.29.15', true, Uint8Array.of(3, 1, 0)));
    }),
    inIssued('path length without an authority', 'RFC 5280 4.2.1.9', (plan, draft) => {
      const leaf = leafOf(draft);
      if (plan !== leaf) {
        delete plan.ca;
      } else delete leaf.ca;
      delete plan.pathLength;
      withMore(plan, plannedExtension('2.5.29.19', true, encodeSequence(Uint8Array.of(2, 1, 3))));
    }),
    inIssued('a name with a NUL', 'RFC 5280 4.2.1.6; RFC 1034 3.5', (plan) => {
      plan.rawNames = [encodeElement(0x82, new TextEncoder().encode('web.example.test\0.other.test'))];
    }),
    inIssued('a name beyond ASCII', 'RFC 5280 4.2.1.6', (plan) => {
      plan.rawNames = [encodeElement(0x82, new TextEncoder().encode('w\u00e9b.example.test'))];
    }),
    inIssued('an address of 5 octets', 'RFC 5280 4.2.1.6', (plan) => {
      plan.rawNames = [encodeElement(0x87, Uint8Array.of(10, 1, 2, 3, 4))];
    }),
  ];
}

/** Octets of tag and length. */
function headerOctets(element: Uint8Array): number {
  return element[1]! < 0x80 ? 2 : 2 + (element[1]! & 0x7f);
}
