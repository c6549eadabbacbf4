/** The JSON Schema for editors is the one that the file is read with, and docs/profiles.md speaks of settings that exist. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { authoritySettings, toProfileSet } from '../../packages/countersign/src/issuing/server/index.ts';
import { gatewaySchema, settingsSchema } from '../../tools/settings-schema/schema.ts';

const docs = join(resolve(import.meta.dirname, '../..'), 'docs');

test('docs/authority.schema.json is what the settings are read with (npm run docs)', () => {
  assert.ok(readFileSync(join(docs, 'authority.schema.json'), 'utf8') === settingsSchema(), 'npm run docs');
});

test('docs/gateway.schema.json is what the configuration is read with (npm run docs)', () => {
  assert.ok(readFileSync(join(docs, 'gateway.schema.json'), 'utf8') === gatewaySchema(), 'npm run docs');
});

test('each file of settings in docs/profiles.md is taken as it stands', () => {
  const page = readFileSync(join(docs, 'profiles.md'), 'utf8');
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  assert.ok(blocks.length >= 3);
  for (const text of blocks) {
    const parsed = authoritySettings.safeParse(parse(text));
    assert.ok(parsed.success, `${text}\n${JSON.stringify(parsed.error?.issues)}`);
    assert.ok(toProfileSet(parsed.data.profiles).profiles.length >= 1);
  }
});

test('each setting of a profile is in the table of docs/profiles.md, and no other', () => {
  const page = readFileSync(join(docs, 'profiles.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([A-Za-z.]+)`/gm)].map(([, name = '']) => name);
  const schema = JSON.parse(settingsSchema()) as Described;
  const profile = schema.properties?.['profiles']?.additionalProperties;
  assert.ok(profile !== undefined);
  assert.deepEqual(listed.sort(), leaves(profile).sort());
});

interface Described {
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: Described;
}

/** `names.dns`, `life.most`, `keys`. */
function leaves({ properties = {} }: Described): string[] {
  return Object.entries(properties).flatMap(([name, below]) =>
    below.properties === undefined ? [name] : leaves(below).map((inner) => `${name}.${inner}`),
  );
}
