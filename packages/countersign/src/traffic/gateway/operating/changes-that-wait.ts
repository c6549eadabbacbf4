/** What of a new configuration waits for a restart: where the gateway listens, and how many processes serve. */
import { Refusal } from '../../../ground/errors/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';

export function changesThatWait(running: LoadedConfiguration, written: LoadedConfiguration): readonly Refusal[] {
  const text = (value: unknown): string => JSON.stringify(value);
  const place = ({ file: { listen } }: LoadedConfiguration): string => `${listen.host}:${listen.port}`;
  const facts = [
    { setting: 'listen', running: place(running), written: place(written) },
    { setting: 'workers', running: text(running.file.workers), written: text(written.file.workers) },
    { setting: 'state', running: text(running.file.state), written: text(written.file.state) },
    { setting: 'admin', running: text(running.file.admin), written: text(written.file.admin) },
    { setting: 'check', running: checkPlace(running), written: checkPlace(written) },
  ];
  return facts.filter((fact) => fact.running !== fact.written).map((fact) => new Refusal('CS-GATEWAY-028', fact));
}

function checkPlace({ file: { check } }: LoadedConfiguration): string {
  return check === undefined ? 'none' : `${check.host}:${check.port}`;
}
