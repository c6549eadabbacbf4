/**
 * Loaded into every Node process under `countersign run` (NODE_OPTIONS): puts the certificate under its plain TLS calls,
 * keeps the port that it is given as PORT on this machine, and shuts the debugger's signal.
 *
 * Plain JavaScript without dependencies, since whatever Node there is loads it; the rest is loaded with the first TLS call.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const armed = Symbol.for('countersign.preload');
const place = placeOf(process.env.COUNTERSIGN_PRELOAD);

// An inner `run` replaces the outer one's variables; a worker thread has what its process has.
if (place !== undefined && globalThis[armed] === undefined) {
  globalThis[armed] = true;
  armTls(place);
  if (place.port !== undefined) keepOnThisMachine(place.port);
  // Without a listener SIGUSR1 opens Node's debugger to every process of this user.
  process.on('SIGUSR1', () => undefined);
  syncBuiltinESMExports();
}

function placeOf(text) {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function armTls(place) {
  const tls = require('node:tls');
  const plainConnect = tls.connect;
  let guarded;
  tls.connect = function connect(...given) {
    guarded ??= isFitting(process.versions.node) ? load().armOutbound(plainConnect, place) : unfitting(plainConnect);
    return guarded(...given);
  };
}

/** The sources where they are, as the launcher does. */
function load() {
  const source = fileURLToPath(new URL('../src/traffic/preload/index.ts', import.meta.url));
  return require(existsSync(source) ? source : '../dist/traffic/preload/index.js');
}

/** As `engines` of the package: ^24.21 || >=26.10. */
function isFitting(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 26 || (major === 26 && minor >= 10) || (major === 24 && minor >= 21);
}

/** A call that brings its own certificate goes on; one that should have been given ours does not go on without. */
function unfitting(plainConnect) {
  return (...given) => {
    const options = given.find((one) => typeof one === 'object' && one !== null) ?? {};
    if (options.secureContext ?? options.cert ?? options.key ?? options.pfx) return plainConnect(...given);
    const needs = `countersign run gives calls a certificate on Node 24.21 or a later 24, or 26.10 or later; this is ${process.version}`;
    throw Object.assign(new Error(`CS-RUN-011 no identity to call with: ${needs}`), { code: 'CS-RUN-011' });
  };
}

/** `listen(PORT)` without an address means every interface, in plain, past the front. */
function keepOnThisMachine(port) {
  const { Server } = require('node:net');
  const { listen } = Server.prototype;
  Server.prototype.listen = function listenHere(...given) {
    const [first, second, ...rest] = given;
    if (isPort(first, port) && typeof second !== 'string')
      return listen.call(this, first, '127.0.0.1', ...given.slice(1));
    if (isPort(first, port) && second === '') return listen.call(this, first, '127.0.0.1', ...rest);
    if (
      typeof first === 'object' &&
      first !== null &&
      isPort(first.port, port) &&
      !first.host &&
      first.fd === undefined
    )
      return listen.call(this, { ...first, host: '127.0.0.1' }, ...given.slice(1));
    return listen.apply(this, given);
  };
}

function isPort(given, port) {
  return (typeof given === 'number' || typeof given === 'string') && Number(given) === port;
}
