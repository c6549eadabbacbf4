/** `list`: what the authority issued, page by page. */
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { printable, Refusal } from '../../ground/errors/index.ts';
import {
  reservedPath,
  type ListCertificatesRequest,
  type ListedCertificate,
  type AdministeredAuthority,
} from '../../runtime/api/index.ts';
import type { Call } from '../call.ts';
import { withAuthority } from '../administered-authority.ts';
import { formatDuration } from '../text/duration.ts';
import { table } from '../text/table.ts';

type Question = Pick<ListCertificatesRequest, 'name' | 'serial'>;

/** The most that the authority gives at once. */
const pageSize = 1000;

export function run(call: Call): Promise<number> {
  return withAuthority(call, async (authority) => {
    const { output, options, world } = call;
    const shown: ListedCertificate[] = [];
    let count = 0;
    const question = questionOf(call);
    for await (const page of pages(authority, question)) {
      for (const { serial, names, notBefore, notAfter, status, issuedAt } of page) {
        output.event('certificate', { serial, names, notBefore, notAfter, status, issuedAt });
      }
      count += page.length;
      output.progress(`${count} certificates`);
      if (!output.json)
        shown.push(...page.filter((one) => options.on('all') || question.serial !== undefined || isOfInterest(one)));
      if (output.closed) break;
    }
    if (!output.json) output.say(listing(shown, count - shown.length, world.clock.now()));
    output.result({ count });
    return 0;
  });
}

/** What a person looks for: neither long over nor the authority's own. */
function isOfInterest({ status, names }: ListedCertificate): boolean {
  return (
    status !== 'expired' && !names.some((name) => URL.canParse(name) && new URL(name).pathname.startsWith(reservedPath))
  );
}

function questionOf({ options }: Call): Question {
  const [name, serial] = [options.text('name'), options.text('serial')];
  if (name !== undefined && serial !== undefined)
    throw new Refusal('CS-USAGE-006', { given: '--name, --serial', rule: 'a serial number names one certificate' });
  return {
    ...(name === undefined ? {} : { name }),
    // Colons as in other tools' output.
    ...(serial === undefined ? {} : { serial: serial.replaceAll(':', '').toUpperCase() }),
  };
}

async function* pages(
  authority: AdministeredAuthority,
  question: Question,
): AsyncGenerator<readonly ListedCertificate[]> {
  let after: string | undefined;
  do {
    const page = await authority.listCertificates({
      ...question,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    yield page.certificates;
    after = page.next;
  } while (after !== undefined);
}

function listing(certificates: readonly ListedCertificate[], leftOut: number, now: number): string {
  const rows = certificates.map(({ status, notAfter, serial, names }) => ({
    cells: [status, ends(notAfter, now), serial],
    below: printable(names.join(' ')),
  }));
  const note = leftOut === 0 ? [] : [` not shown: ${leftOut} expired or the authority's own (--all)`];
  return [rows.length === 0 ? ' no certificates' : table(['STATUS', 'EXPIRES', 'SERIAL'], rows), ...note].join('\n');
}

function ends(notAfter: string, now: number): string {
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  const left = (parseRfc3339(notAfter) ?? 0) + 1000 - now;
  return left > 0 ? `in ${formatDuration(left)}` : `${formatDuration(-left)} ago`;
}
