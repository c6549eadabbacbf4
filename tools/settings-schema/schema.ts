/** The settings of an authority as a JSON Schema, for editors: from the very schema that the file is read with. */
import { authoritySettings } from 'countersign/server';
import { z } from 'zod';

export function settingsSchema(): string {
  const schema = z.toJSONSchema(authoritySettings, { unrepresentable: 'any', io: 'input', target: 'draft-2020-12' });
  const { $schema, ...rest } = schema;
  const title =
    'Settings of a Countersign authority (authority.yaml): what an editor can check; the authority checks more';
  return `${JSON.stringify({ $schema, title, ...rest }, undefined, 2)}\n`;
}
