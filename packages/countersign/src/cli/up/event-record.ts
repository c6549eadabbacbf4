/** What the authority tells, as a record of a log: the words for people, the fields for programs. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable, toLogLine } from '../../ground/errors/index.ts';
import type { ServerEvent } from '../../issuing/server/index.ts';
import type { LogRecord } from '../../runtime/telemetry/index.ts';

export function eventRecord(event: ServerEvent, atMs: number): LogRecord {
  switch (event.event) {
    case 'refused': {
      const { refusal, endpoint, address } = event;
      const { code, title, evidence } = refusal;
      return {
        ...{ atMs, event: 'peer-refused', code },
        // What the caller can do nothing about is ours to look at; a handshake is his.
        level: refusal.http >= 500 && endpoint !== 'connection' ? 'error' : 'notice',
        message: `${toLogLine(refusal)} at ${printable(endpoint)} from ${address}`,
        fields: { title, evidence, endpoint, address },
      };
    }
    case 'issued': {
      const { how, profile, serial, names, notAfterMs } = event;
      const notAfter = toRfc3339(notAfterMs);
      return {
        ...{ atMs, event: 'issued', level: 'info' },
        message: `${how} ${printable(names.join(' '))} until ${notAfter}`,
        fields: { how, profile, serial, names, notAfter },
      };
    }
    case 'revoked': {
      const { serials, number, widely = [] } = event;
      return {
        ...{ atMs, event: 'revoked', level: 'notice' },
        message: `revoked ${printable([...widely, ...serials].join(' '))}`,
        fields: { serials, number, ...(widely.length === 0 ? {} : { widely }) },
      };
    }
    case 'held':
    case 'released': {
      const { serials, number } = event;
      return {
        ...{ atMs, event: event.event, level: 'notice' },
        message: `${event.event} ${serials.join(' ')}`,
        fields: { serials, number },
      };
    }
    case 'own-certificate': {
      const { profile, serial, notAfterMs } = event;
      const notAfter = toRfc3339(notAfterMs);
      return {
        // Routine of its own, of no interest to anybody at a terminal.
        ...{ atMs, event: 'own-certificate', level: 'debug' },
        message: `own certificate ${profile} until ${notAfter}`,
        fields: { profile, serial, notAfter },
      };
    }
    case 'audit-contradicted': {
      const { refusal, spiffeId, endpoint } = event;
      const { code, title, evidence } = refusal;
      return {
        ...{ atMs, event: 'audit-contradicted', code, level: 'error' },
        message: `audit ${toLogLine(refusal)} says ${printable(spiffeId)}`,
        fields: { title, evidence, spiffeId, endpoint },
      };
    }
    case 'database-went-back': {
      const { refusal, spiffeId, endpoint } = event;
      const { code, title, evidence } = refusal;
      return {
        ...{ atMs, event: 'database-went-back', code, level: 'error' },
        message: `${toLogLine(refusal)} says ${printable(spiffeId)}`,
        fields: { title, evidence, spiffeId, endpoint },
      };
    }
    case 'settings': {
      if (event.state === 'in-force')
        return { ...{ atMs, event: 'settings-in-force', level: 'notice' }, message: 'settings in force', fields: {} };
      const { code, title, evidence } = event.refusal;
      return {
        ...{ atMs, event: `settings-${event.state}`, code, level: 'error' },
        message: `settings ${event.state}: ${toLogLine(event.refusal)}`,
        fields: { title, evidence },
      };
    }
    case 'listener': {
      const { what, where } = event;
      return {
        ...{ atMs, event: 'listener', level: 'notice' },
        message: where === undefined ? `${what} closed` : `${what} at ${where}`,
        fields: { what, ...(where === undefined ? {} : { where }) },
      };
    }
    case 'proposal': {
      const { change, id, operation, what, by } = event;
      return {
        ...{ atMs, event: 'proposal', level: 'notice' },
        message: `${change} ${operation} ${id} by ${printable(by)}: ${printable(what.join('; '))}`,
        fields: { change, id, operation, what, by },
      };
    }
    case 'partner-expires': {
      const { partner, serial, notAfterMs } = event;
      const notAfter = toRfc3339(notAfterMs);
      return {
        ...{ atMs, event: 'partner-expires', level: 'notice' },
        message: `the last certificate of partner ${printable(partner)} ends ${notAfter}`,
        fields: { partner, serial, notAfter },
      };
    }
    case 'tidied':
      return {
        // Routine, too.
        ...{ atMs, event: 'tidied', level: 'debug' },
        message: `tidied ${Object.entries(event.removed)
          .map(([what, count]) => `${what} ${String(count)}`)
          .join(', ')}`,
        fields: { ...event.removed },
      };
    case 'profiles': {
      const { names, widens } = event;
      const wider = widens.length === 0 ? '' : `; allowed from now on: ${widens.join('; ')}`;
      return {
        ...{ atMs, event: 'profiles', level: 'notice' },
        message: `profiles ${names.join(' ')}${printable(wider)}`,
        fields: { names, widens },
      };
    }
    case 'failed': {
      const { what, why } = event;
      return {
        ...{ atMs, event: 'failed', level: 'error' },
        message: `failed ${printable(what)}: ${printable(why.split('\n')[0] ?? '')}`,
        fields: { what, why },
      };
    }
  }
}
