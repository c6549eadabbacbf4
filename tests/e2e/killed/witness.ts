/** Follows the feed through all deaths, and holds the authority to what it has said. */
import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { encodePem } from '../../../packages/countersign/src/ground/encoding/index.ts';
import { feedEndpointHeader, feedPath } from '../../../packages/countersign/src/runtime/api/index.ts';
import type { HeldCredential } from '../../../packages/countersign/src/traffic/enrollment/index.ts';

interface Message {
  readonly kind: string;
  readonly number: number;
  readonly at: number;
  readonly revoked: readonly string[];
}

export class Witness {
  readonly #held: HeldCredential;
  /** Serial numbers that it was told are revoked. */
  readonly told: Set<string> = new Set();
  #number = 0;
  #at = 0;

  constructor(held: HeldCredential) {
    this.#held = held;
  }

  /** Listens from what it knows on until the connection ends; resolves at the first message. */
  follow(url: string): Promise<void> {
    return this.#listen(url, 'witness-that-goes-on', this.#number, (message) => {
      assert.ok(message.number >= this.#number, 'the feed went back');
      assert.ok(message.at >= this.#at, 'its time went back');
      this.#number = message.number;
      this.#at = message.at;
      for (const serial of message.revoked) this.told.add(serial);
    });
  }

  /** One more subscription, while the authority may die of it. */
  async lookIn(url: string): Promise<void> {
    await this.#listen(url, 'witness-that-looks-in', undefined, () => undefined, true).catch(() => undefined);
  }

  /** To a newcomer the feed says everything that it has said before, and all that was acknowledged. */
  async requireEverything(url: string, acknowledged: readonly string[]): Promise<void> {
    const state = await new Promise<Message>((found, fail) => {
      this.#listen(url, 'witness-that-is-new', undefined, found, true).catch(fail);
    });
    assert.equal(state.kind, 'state');
    assert.ok(state.number >= this.#number, 'the feed went back');
    const revoked = new Set(state.revoked);
    for (const serial of [...this.told, ...acknowledged])
      assert.ok(revoked.has(serial), `revoked, and not in the feed any more: ${serial}`);
  }

  #listen(
    url: string,
    endpoint: string,
    after: number | undefined,
    hear: (message: Message) => void,
    once: boolean = false,
  ): Promise<void> {
    const { leaf, intermediates, roots, privateKey } = this.#held;
    const pem = (certificates: readonly { raw: Uint8Array }[]): string =>
      certificates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
    return new Promise((resolve, reject) => {
      const asked = httpsRequest(new URL(feedPath, url), {
        ca: pem(roots),
        cert: pem([leaf, ...intermediates]),
        key: privateKey.toPem(),
        agent: false,
        headers: {
          [feedEndpointHeader]: endpoint,
          ...(after === undefined || after === 0 ? {} : { 'last-event-id': String(after) }),
        },
      });
      asked.on('error', reject);
      asked.on('response', (response) => {
        let text = '';
        response.on('error', () => undefined);
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
            hear(read(text.slice(0, end)));
            text = text.slice(end + 2);
            resolve();
            if (once) asked.destroy();
          }
        });
        response.once('close', () =>
          reject(new Error(`no message of the feed: ${String(response.statusCode)} ${text}`)),
        );
      });
      asked.end();
    });
  }
}

function read(block: string): Message {
  const data = /^data: (.*)$/m.exec(block)?.[1] ?? '';
  const payload = JSON.parse(Buffer.from(data.split('.')[0] ?? '', 'base64url').toString()) as {
    kind: string;
    number: number;
    at: number;
    revoked?: { serialNumber: string }[];
  };
  return { ...payload, revoked: (payload.revoked ?? []).map(({ serialNumber }) => serialNumber) };
}
