/** Bare callers of mutual TLS, with what decides the cost as our endpoints have it: one small request on a connection that is kept. */
import { constants } from 'node:crypto';
import type { ClientHttp2Session } from 'node:http2';
import { type Agent, get } from 'node:https';

export const host = '127.0.0.1';

/** A record's cipher above all. */
export const same: {
  readonly minVersion: 'TLSv1.3';
  readonly ciphers: string;
  readonly ecdhCurve: string;
  readonly secureOptions: number;
} = {
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_256_GCM_SHA384',
  ecdhCurve: '*X25519MLKEM768:*X25519:P-256:P-384',
  secureOptions: constants.SSL_OP_NO_TICKET,
};

/** @param name of the host that is asked for; default its address */
export function requestThrough(agent: Agent, port: number, name?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = name === undefined ? {} : { host: name };
    get({ host, port, agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${String(response.statusCode)}`));
      response.resume().on('end', () => resolve());
    }).on('error', reject);
  });
}

/** @param name as above */
export function streamOf(session: ClientHttp2Session, name?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    session
      .request({ ':path': '/', ...(name === undefined ? {} : { ':authority': name }) })
      .on('response', ({ ':status': status }) => {
        if (status !== 200) reject(new Error(`answered ${String(status)}`));
      })
      .on('error', reject)
      .on('end', resolve)
      .resume();
  });
}
