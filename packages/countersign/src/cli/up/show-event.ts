/** What the authority tells while it runs: refusals and failures for people, everything for programs. */
import { toRfc3339, type Clock } from '../../ground/clock/index.ts';
import { printable, toLogLine } from '../../ground/errors/index.ts';
import type { ServerEvent } from '../../issuing/server/index.ts';
import type { Output } from '../output/output.ts';

export function showEvent(event: ServerEvent, output: Output, clock: Clock): void {
  // Strangers cause most of it: where nobody reads, it must not fill the memory of the authority.
  if (output.behind) return;
  const at = toRfc3339(clock.now());
  const say = (text: string): void => output.say(` ${output.paint.faint(at)} ${text}`);
  switch (event.event) {
    case 'refused': {
      const { refusal, endpoint, address } = event;
      const { code, title, evidence } = refusal;
      say(`${toLogLine(refusal)} at ${printable(endpoint)} from ${address}`);
      output.event('peer-refused', { at, code, title, evidence, endpoint, address });
      break;
    }
    case 'issued': {
      const { how, serial, names, notAfterMs } = event;
      say(`${how} ${printable(names.join(' '))} until ${toRfc3339(notAfterMs)}`);
      output.event('issued', { at, how, serial, names, notAfter: toRfc3339(notAfterMs) });
      break;
    }
    case 'revoked':
      say(`revoked ${event.serials.join(' ')}`);
      output.event('revoked', { at, serials: event.serials, number: event.number });
      break;
    case 'audit-contradicted': {
      const { refusal, spiffeId, endpoint } = event;
      const { code, title, evidence } = refusal;
      say(`${output.paint.bad('audit')} ${toLogLine(refusal)} says ${printable(spiffeId)}`);
      output.event('audit-contradicted', { at, code, title, evidence, spiffeId, endpoint });
      break;
    }
    case 'own-certificate':
      // Routine of its own, of no interest to anybody at a terminal.
      output.event('own-certificate', {
        ...{ at, profile: event.profile, serial: event.serial },
        notAfter: toRfc3339(event.notAfterMs),
      });
      break;
    case 'profiles':
      say(`profiles ${event.names.join(' ')}`);
      for (const wider of event.widens) say(`  allowed from now on: ${printable(wider)}`);
      output.event('profiles', { at, names: event.names, widens: event.widens });
      break;
    case 'failed':
      say(`${output.paint.bad('failed')} ${printable(event.what)}: ${printable(event.why.split('\n')[0] ?? '')}`);
      output.event('failed', { at, what: event.what, why: event.why });
      break;
  }
}
