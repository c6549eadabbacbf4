/** Settings from outside a process that would read its keys or switch its checks off, and what is said of each. */

export interface Attack {
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
  readonly code: string;
  /** What the refusal names. */
  readonly named: string;
}

/** @param folder where it would write secrets to */
export const attacks = (folder: string): Readonly<Record<string, Attack>> => ({
  'verification off': {
    env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    code: 'CS-ENV-001',
    named: 'NODE_TLS_REJECT_UNAUTHORIZED',
  },
  'key log by NODE_OPTIONS': {
    env: { NODE_OPTIONS: `--tls-keylog=${folder}/keys` },
    code: 'CS-ENV-002',
    named: '--tls-keylog',
  },
  'key log by an option': { options: [`--tls-keylog=${folder}/keys`], code: 'CS-ENV-002', named: '--tls-keylog' },
  'key log with an underscore': {
    env: { NODE_OPTIONS: `--tls_keylog=${folder}/keys` },
    code: 'CS-ENV-002',
    named: '--tls_keylog',
  },
  'key log of OpenSSL': { env: { SSLKEYLOGFILE: `${folder}/keys` }, code: 'CS-ENV-002', named: 'SSLKEYLOGFILE' },
  'trace of TLS': { env: { NODE_OPTIONS: '--trace-tls' }, code: 'CS-ENV-002', named: '--trace-tls' },
  'heap to a file': { options: ['--heapsnapshot-signal=SIGUSR2'], code: 'CS-ENV-002', named: '--heapsnapshot-signal' },
  'debugger by an option': { options: ['--inspect=127.0.0.1:0'], code: 'CS-ENV-003', named: '--inspect' },
  'debugger by NODE_OPTIONS': {
    env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' },
    code: 'CS-ENV-003',
    named: '--inspect',
  },
  'TLS 1.0': { options: ['--tls-min-v1.0'], code: 'CS-ENV-004', named: '--tls-min-v1.0' },
  'TLS 1.1 by NODE_OPTIONS': { env: { NODE_OPTIONS: '--tls-min-v1.1' }, code: 'CS-ENV-004', named: '--tls-min-v1.1' },
  'no TLS 1.3': { options: ['--tls-max-v1.2'], code: 'CS-ENV-004', named: '--tls-max-v1.2' },
  'trust of OpenSSL': { options: ['--use-openssl-ca'], code: 'CS-ENV-005', named: '--use-openssl-ca' },
  'trust of the system': { env: { NODE_OPTIONS: '--use-system-ca' }, code: 'CS-ENV-005', named: '--use-system-ca' },
  'a foreign configuration of OpenSSL': {
    env: { OPENSSL_CONF: '/dev/null' },
    code: 'CS-ENV-005',
    named: 'OPENSSL_CONF',
  },
});
