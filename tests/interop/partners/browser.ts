/** Chromium without a window, over its DevTools protocol; its home's NSS database trusts the bank, and may hold a client's certificate. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { run } from '../peers.ts';

export interface BrowserHome {
  readonly path: string;
  /** Trust anchors, PEM. */
  readonly roots: string;
  /** PKCS#12, with its password. */
  readonly own?: { readonly file: string; readonly password: string };
  /** Of the machine's administrator; needs root, for a mount that only this browser sees. */
  readonly policy?: Readonly<Record<string, unknown>>;
}

export interface Browser {
  /** What a page makes of `expression`, when its promise is settled. */
  evaluate(expression: string): Promise<unknown>;
  /** The protocol over which the page came (`h2`), or why it did not (`net::ERR_...`). */
  open(url: string): Promise<string>;
  close(): Promise<void>;
}

export async function openBrowser(home: BrowserHome): Promise<Browser> {
  const folder = await makeHome(home);
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--remote-debugging-port=0',
  ];
  const places = [`--user-data-dir=${join(home.path, 'data')}`, '--host-resolver-rules=MAP *.test 127.0.0.1'];
  const args = ['chromium', ...flags, ...places, 'about:blank'];
  const mounted = ['--mount', 'sh', '-c', 'mount --bind "$0" /etc/chromium && exec "$@"', folder, ...args];
  const [program, given] = home.policy === undefined ? ['chromium', args.slice(1)] : ['unshare', mounted];
  const child = spawn(program, given, { env: { PATH: process.env['PATH'], HOME: home.path } });
  const over = once(child, 'exit');
  const address = await new Promise<string>((found, fail) => {
    createInterface({ input: child.stderr })
      .on('line', (line) => {
        const [, url] = /listening on (ws:\S+)/.exec(line) ?? [];
        if (url !== undefined) found(url);
      })
      .once('close', () => fail(new Error('chromium did not start')));
  });
  const socket = new WebSocket(address);
  await once(socket, 'open');
  const page = await pageOf(socket);
  return {
    evaluate: async (expression) => {
      const { result } = await page.call('Runtime.evaluate', { expression, awaitPromise: true });
      return (result as { readonly value?: unknown }).value;
    },
    open: async (url) => {
      const answered = page.next('Network.responseReceived', url);
      const { errorText } = await page.call('Page.navigate', { url });
      return typeof errorText === 'string' ? errorText : answered;
    },
    close: async () => {
      socket.terminate();
      child.kill('SIGKILL');
      await over;
    },
  };
}

/** Returns the folder that stands in for /etc/chromium. */
async function makeHome({ path, roots, own, policy = {} }: BrowserHome): Promise<string> {
  const database = join(path, '.pki/nssdb');
  const folder = join(path, 'etc');
  await mkdir(database, { recursive: true });
  await mkdir(join(folder, 'policies/managed'), { recursive: true });
  await writeFile(join(folder, 'policies/managed/policy.json'), JSON.stringify(policy));
  const nss = async (program: string, ...args: string[]): Promise<void> => {
    const { status, out, err } = await run(program, [...args, '-d', `sql:${database}`]);
    assert.equal(status, 0, out + err);
  };
  await nss('certutil', '-N', '--empty-password');
  await nss('certutil', '-A', '-n', 'bank', '-t', 'C,,', '-i', roots);
  if (own !== undefined) await nss('pk12util', '-i', own.file, '-W', own.password);
  return folder;
}

interface Page {
  call(method: string, params?: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** The protocol of the next answer from `url`. */
  next(method: string, url: string): Promise<string>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly response?: { readonly url: string; readonly protocol: string } };
  readonly result?: Readonly<Record<string, unknown>>;
}

async function pageOf(socket: WebSocket): Promise<Page> {
  let asked = 0;
  const heard = (fits: (message: Message) => boolean): Promise<Message> =>
    new Promise((found) => {
      const listener = (text: Buffer): void => {
        const message = JSON.parse(text.toString()) as Message;
        if (!fits(message)) return;
        socket.off('message', listener);
        found(message);
      };
      socket.on('message', listener);
    });
  const say = async (
    method: string,
    params: Readonly<Record<string, unknown>>,
    sessionId?: string,
  ): Promise<Message> => {
    const id = ++asked;
    const answer = heard((message) => message.id === id);
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    return answer;
  };
  const { targetInfos } = (await say('Target.getTargets', {})).result as {
    targetInfos: readonly { readonly type: string; readonly targetId: string }[];
  };
  const targetId = targetInfos.find(({ type }) => type === 'page')?.targetId;
  const attached = (await say('Target.attachToTarget', { targetId, flatten: true })).result;
  const sessionId = String(attached?.['sessionId']);
  const call: Page['call'] = async (method, params = {}) =>
    (await say(method, params, sessionId)).result ?? assert.fail(method);
  await call('Network.enable');
  await call('Page.enable');
  return {
    call,
    next: async (method, url) => {
      const message = await heard((one) => one.method === method && one.params?.response?.url === url);
      return message.params?.response?.protocol ?? '';
    },
  };
}
