/** What `run` says while its program runs: JSON events, and for people only what went wrong or must be done. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal, toLogLine } from '../../ground/errors/index.ts';
import type { AgentEvent } from '../../traffic/agent/index.ts';
import type { Output } from '../output/output.ts';
import type { FromFront } from './front-messages.ts';

/** The program's own words have the terminal: only what went wrong is said there. */
export function tellAgentEvent(event: AgentEvent, output: Output): void {
  const serial = 'serialNumber' in event ? { serial: event.serialNumber } : {};
  const notAfter = 'notAfter' in event ? { notAfter: toRfc3339(event.notAfter) } : {};
  const failure = 'error' in event ? { code: isRefusal(event.error) ? event.error.code : null } : {};
  if (event.type !== 'loaded' && event.type !== 'enrolled')
    output.event(event.type, { ...serial, ...notAfter, ...failure });
  if ('error' in event)
    output.hint(`countersign: ${event.type}: ${isRefusal(event.error) ? toLogLine(event.error) : event.error.message}`);
  if (event.type === 'expired')
    output.hint('countersign: expired: the certificate ran out; renewal is tried again and again');
}

/** @param called how the person calls the command */
export function tellFrontNews(news: FromFront, output: Output, called: string): void {
  switch (news.type) {
    case 'refused':
    case 'closed': {
      const { code, evidence, line } = news.refusal;
      output.event(news.type, { code, evidence, address: news.address });
      output.hint(`countersign: ${news.type}: ${line}${remedy(code, called)}`);
      return;
    }
    case 'unanswered':
      output.event('warning', { code: news.refusal.code, evidence: news.refusal.evidence });
      output.hint(`countersign: ${news.refusal.line}`);
      return;
    case 'status-warning': {
      const { code, evidence, line } = news.refusal;
      output.event('warning', { code, evidence });
      output.hint(`countersign: ${line}`);
      return;
    }
    case 'trust-warning':
      tellWarning(news, output);
      return;
    default:
      return;
  }
}

export function tellWarning(
  { code, text }: { readonly code: string | null; readonly text: string },
  output: Output,
): void {
  output.event('warning', { code, text });
  output.hint(`countersign: ${text}`);
}

export function tellRefusalAsWarning(refusal: Refusal, output: Output): void {
  output.event('warning', { code: refusal.code, evidence: refusal.evidence });
  output.hint(`countersign: ${toLogLine(refusal)}; ${refusal.remedy}`);
}

function remedy(code: string, called: string): string {
  return code === 'CS-PEER-001' ? `; try: ${called} run --as NAME -- COMMAND` : '';
}
