/** Each hostile setting by name, and no harmless one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../ground/errors/index.ts';
import { refuseHostileEnvironment } from './index.ts';

const hostile: readonly [Record<string, string>, readonly string[], string][] = [
  [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, [], 'CS-ENV-001'],
  [{ NODE_OPTIONS: '--tls-keylog=/tmp/keys' }, [], 'CS-ENV-002'],
  [{ NODE_OPTIONS: '--max-old-space-size=100 "--tls-keylog=/tmp/a b"' }, [], 'CS-ENV-002'],
  [{ NODE_OPTIONS: '"--tls\\-keylog=x"' }, [], 'CS-ENV-002'],
  [{ NODE_OPTIONS: '--tls_keylog=x' }, [], 'CS-ENV-002'],
  [{ SSLKEYLOGFILE: '/tmp/keys' }, [], 'CS-ENV-002'],
  [{}, ['--trace-tls'], 'CS-ENV-002'],
  [{}, ['--heapsnapshot-signal=SIGUSR2'], 'CS-ENV-002'],
  [{}, ['--inspect'], 'CS-ENV-003'],
  [{}, ['--inspect-brk=0.0.0.0:1'], 'CS-ENV-003'],
  [{ NODE_OPTIONS: '--inspect-wait' }, [], 'CS-ENV-003'],
  [{}, ['--tls-min-v1.0'], 'CS-ENV-004'],
  [{ NODE_OPTIONS: '--tls-min-v1.2' }, [], 'CS-ENV-004'],
  [{}, ['--tls-max-v1.2'], 'CS-ENV-004'],
  [{}, ['--use-openssl-ca'], 'CS-ENV-005'],
  [{}, ['--use-system-ca'], 'CS-ENV-005'],
  [{ NODE_USE_SYSTEM_CA: '1' }, [], 'CS-ENV-005'],
  [{ OPENSSL_CONF: '/tmp/openssl.cnf' }, [], 'CS-ENV-005'],
  [{ OPENSSL_MODULES: '/tmp' }, [], 'CS-ENV-005'],
  [{}, ['--openssl-config=/tmp/x'], 'CS-ENV-005'],
  [{}, ['--experimental-config-file=x.json'], 'CS-ENV-005'],
];

test('each hostile setting is refused under its own code, and named', () => {
  for (const [env, argv, code] of hostile) {
    assert.throws(
      () => refuseHostileEnvironment(env, argv),
      (error) => isRefusal(error) && error.code === code && String(error.evidence['setting']).length > 5,
      JSON.stringify([env, argv]),
    );
  }
});

test('harmless settings pass', () => {
  const env = {
    NODE_OPTIONS: '--max-old-space-size=512 --disable-sigusr1 --enable-source-maps --title="--inspect "',
    NODE_TLS_REJECT_UNAUTHORIZED: '1',
    NODE_EXTRA_CA_CERTS: '/etc/ssl/extra.pem',
    OPENSSL_CONF: '',
    PATH: '/bin',
  };
  refuseHostileEnvironment(env, ['--disable-sigusr1', '--test', '--experimental-strip-types']);
});
