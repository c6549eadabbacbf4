import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../errors/index.ts';
import { encodePem, parsePem } from './index.ts';

const body = 'AQIDBA==';
const good = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

function refuses(text: string, line: number, rule: string): void {
  assert.throws(
    () => parsePem(text),
    (error: unknown) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, 'CS-PEM-001');
      assert.deepEqual(error.evidence, { line, rule });
      return true;
    },
  );
}

test('blocks are read in order; text around them is passed over', () => {
  const text = `subject=CN = web\n${good}\nissuer: x\r\n${good.replaceAll('\n', '\r\n')}the end`;
  const blocks = parsePem(text);
  assert.equal(blocks.length, 2);
  for (const block of blocks) assert.deepEqual(block, { label: 'CERTIFICATE', bytes: Uint8Array.of(1, 2, 3, 4) });
});

test('spaces at the ends of lines, and lines of other lengths, are no harm', () => {
  const text = '-----BEGIN A-----  \nAQ\t\nID \nBA==\n\n-----END A-----\t';
  assert.deepEqual(parsePem(text)[0]?.bytes, Uint8Array.of(1, 2, 3, 4));
});

test('lines have 64 characters', () => {
  const lines = encodePem('A', new Uint8Array(100)).split('\n');
  assert.deepEqual(
    lines.map((line) => line.length),
    [17, 64, 64, 8, 15, 0],
  );
});

test('each malformed text is refused with line and rule', () => {
  refuses('', 1, 'the text is empty');
  refuses(' \n\t\n', 1, 'the text is empty');
  refuses('hello', 1, 'there is no "-----BEGIN" line');
  refuses(good.replaceAll('\n', '\\n'), 1, 'a boundary that is neither BEGIN nor END');
  refuses(`"${good.replaceAll('\n', '\\n')}"`, 1, 'line ends are written as the two characters "\\n"');
  refuses(good.replace('-----END CERTIFICATE-----', ''), 1, 'BEGIN without END: the text is cut off');
  refuses(good.slice(0, -8), 3, 'a boundary that is neither BEGIN nor END');
  refuses(good.slice(28), 2, 'END without BEGIN');
  refuses(`${good}${good.slice(0, 40)}`, 4, 'BEGIN without END: the text is cut off');
  refuses(good.replace('END CERTIFICATE', 'END PRIVATE KEY'), 3, 'END PRIVATE KEY closes BEGIN CERTIFICATE');
  refuses(good.replace('-----END', '-----BEGIN'), 3, 'a boundary inside a block');
  refuses(good.replace(body, '-----rubbish'), 2, 'a boundary that is neither BEGIN nor END');
  refuses(good.replace('BEGIN CERTIFICATE', 'BEGIN certificate'), 1, 'a boundary that is neither BEGIN nor END');
  refuses(`${String.fromCharCode(0xfeff)}${good}`, 1, 'spaces or a byte order mark before a boundary');
  refuses(good.replaceAll('-----BEGIN', '  -----BEGIN'), 1, 'spaces or a byte order mark before a boundary');
  refuses(good.replaceAll(body, ''), 1, 'the block is empty');
  refuses('x'.repeat(8 * 1024 * 1024 + 1), 1, 'longer than 8388608 characters');
  const encrypted = good.replace(body, `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n${body}`);
  refuses(encrypted, 2, 'headers inside a block (an encrypted key in the old form?)');
});

test('a body that is not canonical base64 is refused', () => {
  for (const bad of [
    'AQIDBA',
    'AQIDBA=',
    'AQIDBB==',
    'AQID BA==!',
    'AQ==IDBA',
    '=AQIDBA=',
    'AQIDB_==',
    'AQIDBA===',
    '====',
  ]) {
    refuses(good.replace(body, bad), 2, 'the body is not canonical base64');
  }
});

test('eight megabytes are read or refused in moderate time, whatever they hold', () => {
  const size = 8 * 1024 * 1024 - 100;
  const wrap = (text: string): string => `-----BEGIN A-----\n${text}\n-----END A-----\n`;
  assert.equal(parsePem(wrap('A'.repeat(size - (size % 4))))[0]?.bytes.length, (size - (size % 4)) * 0.75);
  refuses(wrap(`${'A'.repeat(size - 1)}!`), 2, 'the body is not canonical base64');
  refuses('\n'.repeat(size), 1, 'the text is empty');
  refuses(`-----BEGIN ${'A-'.repeat(size / 2)}`, 1, 'a boundary that is neither BEGIN nor END');
});
