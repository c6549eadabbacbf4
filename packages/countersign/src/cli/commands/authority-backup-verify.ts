/** `authority backup verify`: whether a backup could be restored, tried to its end. */
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { toRfc3339 } from '../../ground/clock/index.ts';
import { backupPassphrase } from '../backup/passphrase-option.ts';
import { unpack } from '../backup/unpack.ts';
import type { Call } from '../call.ts';
import { formatDuration } from '../text/duration.ts';

export async function run(call: Call): Promise<number> {
  const { output, world } = call;
  const [given = ''] = call.arguments;
  const file = resolve(world.workingDirectory, given);
  const { clock } = world;
  const passphrase = await backupPassphrase(call, file);
  const target = join(tmpdir(), `countersign-verify-${basename(file)}`);
  const unpacked = await unpack({ file, passphrase, target, progress: (text) => output.progress(text) });
  try {
    const { manifest, database, trustDomain } = unpacked;
    const { certificates, revocations } = database;
    const createdAt = toRfc3339(manifest.createdAtMs);
    output.say(
      [
        ` good: the authority of ${trustDomain} as of ${createdAt}`,
        `   ${String(certificates)} certificates, ${String(revocations)} revocations, ${String(manifest.files.length)} files`,
        `   ${formatDuration(Math.max(0, clock.now() - manifest.createdAtMs))} old: what came after is not in it`,
      ].join('\n'),
    );
    output.result({ file, createdAt, trustDomain, certificates, revocations, files: manifest.files.length });
    return 0;
  } finally {
    await unpacked.remove();
  }
}
