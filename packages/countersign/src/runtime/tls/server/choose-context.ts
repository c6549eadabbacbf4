/**
 * Which credential a server presents to whom: by the server name of the handshake (RFC 6066, 3). A callback of our own, since Node's
 * `addContext` looks names up by regular expressions that it makes of them, and with regard to their letter case.
 */
import type { SecureContext } from 'node:tls';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { newestContext, takeContext, type Taken } from '../context/context-options.ts';
import { allCredentials, credentialsFor, isNamed } from '../context/named-credentials.ts';
import { minVersionOf, type ServerOptions } from './server-options.ts';

export type ServerNameCallback = (
  servername: string,
  done: (error: Error | null, context?: SecureContext) => void,
) => void;

/** `undefined` where there is one credential for everybody, and nothing to choose. */
export function chooseContext(options: ServerOptions): ServerNameCallback | undefined {
  if (!isNamed(options.credentials)) return undefined;
  return (servername, done) => {
    // A callback that throws ended the process in earlier versions of Node (CVE-2026-21637). Whatever fails here fails this handshake alone.
    let chosen: SecureContext | undefined;
    try {
      chosen = takenFor(options, servername)?.context;
    } catch (error) {
      done(isRefusal(error) ? error : new Refusal('CS-TLS-007', { reason: 'could not be chosen' }, { cause: error }));
      return;
    }
    done(null, chosen);
  };
}

/** What is presented to whoever asks for this name; `undefined` where that is the server's own context, so that the default one is in a single place. */
export function takenFor(options: ServerOptions, servername: string | undefined): Taken | undefined {
  const { credentials, trust } = options;
  const source = credentialsFor(credentials, servername);
  if (!isNamed(credentials) || source === credentials.otherwise) return undefined;
  return newestContext({ credentials: source, bundles: trust.bundles, minVersion: minVersionOf(options) });
}

/**
 * Builds what is presented by name now, and again at each change; the functions that are returned end that. A setter of a source hears of what TLS does
 * not take, and the last that it took stays in use. @throws CS-TLS-007 where it does not take the first
 */
export function watchNamedCredentials(options: ServerOptions): readonly (() => void)[] {
  const { credentials, trust } = options;
  if (!isNamed(credentials)) return [];
  const minVersion = minVersionOf(options);
  return allCredentials(credentials).flatMap((source) => {
    if (source === credentials.otherwise) return [];
    const take = (): void => void takeContext({ credentials: source, bundles: trust.bundles, minVersion });
    take();
    return [source.watch(take), trust.bundles.watch(take)];
  });
}
