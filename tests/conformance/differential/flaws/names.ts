/** Names that do not match. */
import { plannedName } from '../../../fixtures/planned-certificates.ts';
import { authoritiesOf, leafOf } from '../draft.ts';
import { chance, commonName, organization, organizationOf } from '../sound-chain.ts';
import { changed, type Flaw, issued } from './flaw.ts';

export function nameFlaws(): Flaw[] {
  return [
    {
      name: 'issued by another name',
      clause: 'RFC 5280 6.1.3 (a) (4)',
      apply: (draft) =>
        changed(issued(draft), (plan) => {
          plan.issuer = plannedName([organization, organizationOf(draft.number)], [commonName, 'Somebody else']);
        }),
    },
    {
      name: 'issuer without its last attribute',
      clause: 'RFC 5280 6.1.3 (a) (4)',
      apply: (draft) =>
        changed(issued(draft), (plan) => (plan.issuer = plannedName([organization, organizationOf(draft.number)]))),
    },
    {
      name: 'another name than asked for',
      clause: 'RFC 9525 6',
      apply: (draft) => {
        const { asked, random } = draft;
        const leaf = leafOf(draft);
        const { dns, ip, email } = leaf.names ?? {};
        const choices = [
          ...(dns === undefined
            ? []
            : ([
                [
                  'dns',
                  ['other.example.org', '*.test', 'web.example.test.other', '*.web.example.test', 'xweb.example.test'],
                ],
              ] as const)),
          ...(ip === undefined ? [] : ([['ip', ['10.1.2.4', '2001:db8::1']]] as const)),
          ...(email === undefined ? [] : ([['email', ['WEB@mail.example.test', 'web@example.test']]] as const)),
        ];
        if (choices.length === 0 || authoritiesOf(draft).some(({ permitted, excluded }) => permitted ?? excluded)) {
          return undefined;
        }
        const [kind, names] = random.pick(choices);
        leaf.names = { ...leaf.names, [kind]: [random.pick(names)] };
        const values = { dns: 'web.example.test', ip: '10.1.2.3', email: 'web@mail.example.test' };
        asked.name = { kind, value: values[kind] };
        return leaf;
      },
    },
    {
      name: 'wildcard that is a part of its label alone',
      clause: 'RFC 9525 6.3',
      apply: (draft) => {
        if (authoritiesOf(draft).some(({ permitted, excluded }) => permitted ?? excluded)) return undefined;
        draft.asked.name = { kind: 'dns', value: 'web.example.test' };
        return changed(leafOf(draft), (leaf) => {
          leaf.names = {
            ...leaf.names,
            dns: [draft.random.pick(['w*.example.test', '*b.example.test', 'w*b.example.test'])],
          };
        });
      },
    },
    {
      name: 'no subject and no critical name',
      clause: 'RFC 5280 4.2.1.6',
      apply: (draft) =>
        changed(leafOf(draft), (plan) => {
          plan.subject = plannedName();
          if (chance(draft.random, 50)) delete plan.names;
          else plan.namesCritical = false;
          if (plan.names === undefined) delete draft.asked.name;
        }),
    },
  ];
}
