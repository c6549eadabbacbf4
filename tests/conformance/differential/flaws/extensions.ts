/** Extensions that nobody may accept. */
import { encodeSequence } from '../../../../packages/countersign/src/ground/encoding/index.ts';
import { plannedExtension, plannedName } from '../../../fixtures/planned-certificates.ts';
import { leafOf } from '../draft.ts';
import { organization, organizationOf } from '../sound-chain.ts';
import { any, authority, changed, type Flaw, withMore } from './flaw.ts';

export function extensionFlaws(): Flaw[] {
  return [
    {
      name: 'unknown critical extension',
      clause: 'RFC 5280 6.1.4 (o), 6.1.5 (f)',
      apply: (draft) =>
        changed(any(draft), (plan) =>
          withMore(plan, plannedExtension('1.3.6.1.4.1.55555.2.2', true, Uint8Array.of(5, 0))),
        ),
    },
    {
      name: 'extension twice',
      clause: 'RFC 5280 4.2',
      encoding: true,
      apply: (draft) =>
        changed(any(draft), (plan) => {
          const extension = plannedExtension('1.3.6.1.4.1.55555.2.3', false, Uint8Array.of(5, 0));
          withMore(plan, extension);
          withMore(plan, extension);
        }),
    },
    {
      name: 'basicConstraints twice',
      clause: 'RFC 5280 4.2',
      encoding: true,
      apply: (draft) =>
        changed(authority(draft), (plan) =>
          withMore(plan, plannedExtension('2.5.29.19', true, encodeSequence(Uint8Array.of(1, 1, 0xff)))),
        ),
    },
    {
      name: 'extendedKeyUsage that is empty',
      clause: 'RFC 5280 4.2.1.12',
      encoding: true,
      apply: (draft) =>
        changed(leafOf(draft), (plan) => {
          delete plan.extendedKeyUsage;
          withMore(plan, plannedExtension('2.5.29.37', false, encodeSequence()));
        }),
    },
    {
      name: 'subjectAltName that is empty',
      clause: 'RFC 5280 4.2.1.6',
      encoding: true,
      apply: (draft) =>
        changed(leafOf(draft), (plan) => {
          if (plan.subject.length === 2) plan.subject = plannedName([organization, organizationOf(draft.number)]);
          delete plan.names;
          delete draft.asked.name;
          withMore(plan, plannedExtension('2.5.29.17', false, encodeSequence()));
        }),
    },
  ];
}
