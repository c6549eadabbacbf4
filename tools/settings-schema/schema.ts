/** Files of settings as JSON Schemas, for editors: from the very schemas that the files are read with. */
import { gatewayFile } from 'countersign/gateway';
import { authoritySettings } from 'countersign/server';
import { z } from 'zod';

export function settingsSchema(): string {
  const title =
    'Settings of a Countersign authority (authority.yaml): what an editor can check; the authority checks more';
  return schemaText(authoritySettings, title);
}

export function gatewaySchema(): string {
  const title =
    'Configuration of a Countersign gateway: what an editor can check; countersign config check FILE checks more';
  return schemaText(gatewayFile, title);
}

function schemaText(read: z.ZodType, title: string): string {
  const schema = z.toJSONSchema(read, { unrepresentable: 'any', io: 'input', target: 'draft-2020-12' });
  const { $schema, ...rest } = schema;
  return `${JSON.stringify({ $schema, title, ...rest }, undefined, 2)}\n`;
}
