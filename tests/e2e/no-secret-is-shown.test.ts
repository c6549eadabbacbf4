/** No token, key or passphrase in anything that the command says, whoever puts it in whichever wrong place; with COUNTERSIGN_DEBUG, too. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  type Ended,
  ended,
  event,
  type Folder,
  type RunningAuthority,
  start,
  startAuthority,
  temporaryFolder,
} from './command.ts';
import { countersign } from './here.ts';

const passphrase = 'correct-horse-battery-staple-7341';
const env = { COUNTERSIGN_DEBUG: '1', COUNTERSIGN_PASSPHRASE: passphrase };
const strayKey = generatePrivateKey('P-256').toPem();

let folder: Folder;
let authority: RunningAuthority;
let token = '';
/** What must not be seen anywhere. */
let secrets: string[] = [];

before(async () => {
  folder = await temporaryFolder();
  await mkdir(folder.in('files'));
  authority = await startAuthority(folder.in('state'), { env });
  const made = await countersign(['token', 'secretive', '--dir', authority.dir, '--json'], { env });
  token = String(made.result['token']);
  const { secret } = JSON.parse(Buffer.from(token.slice(4), 'base64url').toString()) as { secret: string };
  await countersign(['issue', 'keyholder', '--out', folder.in('held'), '--dir', authority.dir], { env });
  const files = [folder.in('held', 'key.pem'), folder.in('state', 'authority', 'issuer.key.pem')];
  const keys = [strayKey, ...(await Promise.all(files.map((file) => readFile(file, 'utf8'))))];
  secrets = [token, token.slice(4, 60), secret, passphrase, ...keys.flatMap(bodyLines)];
  await writeFile(folder.in('files', 'token'), token, { mode: 0o600 });
  await writeFile(folder.in('files', 'cut'), token.slice(0, -9), { mode: 0o600 });
  await writeFile(folder.in('files', 'key'), strayKey, { mode: 0o600 });
  await writeFile(folder.in('files', 'broken-key'), strayKey.replace('=', '!'), { mode: 0o600 });
  await writeFile(folder.in('files', 'settings.yaml'), `passphrase: ${passphrase}\ntoken: [${token}\n`);
  await writeFile(folder.in('files', 'other.yaml'), `${token}: ${passphrase}\n`);
});

after(async () => {
  await authority.stop();
  await folder.remove();
});

/** The lines between BEGIN and END; a last short one could be anything. */
function bodyLines(pem: string): string[] {
  return pem.split('\n').filter((line) => line.length >= 32 && !line.startsWith('-'));
}

function requireSilent(where: string, ...said: readonly string[]): void {
  // As it may have been wrapped, and as JSON has escaped it.
  for (const text of said)
    for (const [index, secret] of secrets.entries())
      assert.ok(!text.replaceAll(/\s+/g, '').includes(secret), `${where}: secret ${String(index)} in ${text}`);
}

test('every command that is given a secret in a wrong place', { timeout: 300_000 }, async (t) => {
  const file = (name: string): string => folder.in('files', name);
  const out = folder.in('out');
  const dir = ['--dir', authority.dir];
  const cases: Record<string, readonly string[]> = {
    'a token as a name': ['token', token, ...dir],
    'a token as a command': [token],
    'a token as an option': [`--${token}`, 'list'],
    "a token as an option's value": ['list', '--limit', token, ...dir],
    'a token where none is taken': ['list', token, ...dir],
    'a token as an argument of issue': ['issue', token, '--out', out, ...dir],
    'a token to be revoked': ['revoke', token, '--yes', ...dir],
    'a token as a duration': ['token', 'web', '--life', token, ...dir],
    'a token as an address': ['up', '--listen', token, '--dir', folder.in('other')],
    'a token as a trust domain': [
      'up',
      '--trust-domain',
      token,
      '--listen',
      '127.0.0.1:0',
      '--dir',
      folder.in('third'),
    ],
    'a token as an identity': ['run', '--as', token, ...dir, '--', 'true'],
    'a token to look at': ['inspect', file('token')],
    'a token that was cut': ['issue', '--token-file', file('cut'), '--out', out],
    'a key instead of a token': ['issue', '--token-file', file('key'), '--out', out],
    'a key to look at': ['inspect', file('key')],
    'a broken key to look at': ['inspect', file('broken-key')],
    'a key to verify': ['verify', file('key')],
    'settings with secrets, broken': [
      'up',
      '--config',
      file('settings.yaml'),
      '--listen',
      '127.0.0.1:0',
      '--dir',
      folder.in('fourth'),
    ],
    'settings with secrets, unknown': [
      'up',
      '--config',
      file('other.yaml'),
      '--listen',
      '127.0.0.1:0',
      '--dir',
      folder.in('fifth'),
    ],
  };
  for (const [name, args] of Object.entries(cases)) {
    await t.test(name, async () => {
      const json = args.includes('--') ? ['run', '--json', ...args.slice(1)] : [...args, '--json'];
      const { out: said, err, status } = await countersign(json, { env });
      if (!name.endsWith('to look at')) assert.notEqual(status, 0, said);
      requireSilent(name, said, err);
    });
  }
});

test('a running authority, in text and in JSON, whatever is sent to it', async () => {
  const second = start(['up', '--dir', folder.in('text'), '--listen', '127.0.0.1:0'], { env });
  const end: Promise<Ended> = ended(second);
  let said = '';
  const url = await new Promise<string>((found) => {
    second.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      const [, address] = /address +(https:\S+)/.exec(said) ?? [];
      if (address !== undefined) found(address);
    });
  });
  // A second listener of the first's stdout comes too late for `ready`, and in time for what follows.
  const json = collected(authority);
  for (const target of [url, authority.url]) await sendSecrets(target);
  second.kill('SIGTERM');
  const { out, err } = await end;
  requireSilent('text', out, err);
  assert.ok(/CS-[A-Z]+-\d{3}/.test(out), 'it was told of');
  requireSilent('json', json(), authority.said());
  assert.ok(json().includes('peer-refused'), 'it was told of');
});

function collected({ child }: RunningAuthority): () => string {
  let text = '';
  child.stdout?.on('data', (part: Buffer) => (text += part.toString()));
  return () => text;
}

async function sendSecrets(url: string): Promise<void> {
  const body = (value: unknown): string => JSON.stringify(value);
  await Promise.all([
    ask(url, `/v1/enroll/${token}`),
    ask(url, `/${encodeURIComponent(strayKey)}`),
    ask(url, `/v1/roots?token=${token}`),
    ask(url, '/v1/roots', { headers: { authorization: `Bearer ${token}`, cookie: token } }),
    ask(url, '/v1/enroll', { post: body({ token, request: strayKey }) }),
    ask(url, '/v1/enroll', { post: body({ token, request: token }) }),
    ask(url, '/v1/enroll', { post: body({ token: strayKey, request: strayKey }) }),
    ask(url, '/v1/enroll', { post: body({ [token]: passphrase }) }),
    ask(url, '/v1/enroll', { post: `{"token": "${token}` }),
    ask(url, '/v1/enroll', { post: body({ token }), headers: { 'content-type': `text/${token.slice(0, 60)}` } }),
    ask(url, '/v1/feed', { headers: { 'countersign-endpoint': token } }),
    ask(url, '/', { method: 'PROPFIND' }),
    plainText(url, `GET /${token} HTTP/1.1\r\n\r\n`),
    plainText(url, `${token}\r\n`),
  ]);
}

interface Asked {
  readonly method?: string;
  readonly post?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(url: string, path: string, { method, post, headers }: Asked = {}): Promise<void> {
  return new Promise((resolve) => {
    const asked = httpsRequest(url + path, {
      method: method ?? (post === undefined ? 'GET' : 'POST'),
      rejectUnauthorized: false,
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
    });
    asked.on('response', (response) => response.resume().once('close', resolve));
    asked.on('error', () => resolve());
    asked.end(post);
  });
}

/** Without TLS: what was sent is in the error of the handshake, if anywhere. */
function plainText(url: string, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end(text));
    socket
      .resume()
      .on('error', () => undefined)
      .once('close', () => resolve());
  });
}

test('keys that cannot be opened, and a process that ends badly', async () => {
  const stopped = folder.in('stopped');
  await (await startAuthority(stopped, { env })).stop();
  const again = ['up', '--dir', stopped, '--listen', '127.0.0.1:0', '--json'];
  const wrong = await countersign(again, { env: { ...env, COUNTERSIGN_PASSPHRASE: token } });
  assert.equal(wrong.result['code'], 'CS-PASS-001');
  requireSilent('another passphrase', wrong.out, wrong.err);
  await writeFile(`${stopped}/authority/issuer.key.pem`, strayKey.replace('=', `\n${token}\n`), { mode: 0o600 });
  const broken = await countersign(again, { env });
  requireSilent('a broken key', broken.out, broken.err);
  assert.notEqual(broken.status, 0);
  const aborted = start(['up', '--dir', folder.in('aborted'), '--listen', '127.0.0.1:0', '--json'], { env });
  const end = ended(aborted);
  await event(aborted, 'ready');
  aborted.kill('SIGABRT');
  const { out, err, signal } = await end;
  assert.equal(signal, 'SIGABRT');
  requireSilent('an abort', out, err);
});
