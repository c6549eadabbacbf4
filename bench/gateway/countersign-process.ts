/** The gateway as it is built, without its log: `node countersign-process.ts FOLDER PORT UPSTREAM-PORT PROTOCOL PARTNERS ROUTES`. It speaks either version of HTTP. */
import { systemClock } from 'countersign/clock';
import { Gateway, loadConfiguration } from 'countersign/gateway';
import { writeConfiguration } from './configuration.ts';

const [, , folder = '.', port = '0', upstreamPort = '0', , partners = '1', routes = '1'] = process.argv;

const path = writeConfiguration({
  folder,
  port: Number(port),
  upstreamPort: Number(upstreamPort),
  partners: Number(partners),
  routes: Number(routes),
});
const loaded = await loadConfiguration(path);
if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
const ignore = (): void => undefined;
await new Gateway(loaded, { clock: systemClock, onAccess: ignore, onRefusal: ignore, onClosed: ignore }).listen();
