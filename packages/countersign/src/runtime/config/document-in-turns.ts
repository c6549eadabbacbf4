/** A large document of YAML, whose text is taken apart in turns: what the process serves meanwhile does not wait for all of it. */
import { type CST, Composer, Document, Lexer, type LineCounter, Parser, YAMLParseError } from 'yaml';

export const yamlOptions = { version: '1.2', schema: 'core', uniqueKeys: true } as const;

/** Lexemes; some milliseconds. Own choice. */
const inOneTurn = 2_000;

/** The same as `parseDocument` of the yaml package, but for the lines of the text in messages. The turns are of three quarters of the work; the last is one. */
export async function documentInTurns(text: string, lines: LineCounter): Promise<Document> {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  let taken = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    taken += 1;
    if (taken % inOneTurn === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  for (const token of parser.end()) tokens.push(token);
  const composer = new Composer({ ...yamlOptions, lineCounter: lines });
  const [document, another] = composer.compose(tokens, true, text.length);
  if (!(document instanceof Document)) throw new TypeError('the composer of YAML always ends with a document');
  if (another !== undefined)
    document.errors.push(
      new YAMLParseError([another.range[0], another.range[1]], 'MULTIPLE_DOCS', 'Source contains multiple documents'),
    );
  return document;
}
