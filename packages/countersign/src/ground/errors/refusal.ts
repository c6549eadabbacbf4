/** The one error type for whatever Countersign refuses; a caller's programming mistake stays a `TypeError`. */
import { printable } from './printable.ts';
import { entryOf, type EvidenceOf, type Fact, type RefusalCode } from './registry/registry.ts';
import { withoutSecrets } from './without-secrets.ts';

export class Refusal<Code extends RefusalCode = RefusalCode> extends Error {
  override readonly name = 'Refusal';
  readonly code: Code;
  readonly evidence: Readonly<Record<string, Fact>>;

  /** @param evidence exactly the facts that the registry names for `code`; never a secret, and a token or key that a person put there is hidden */
  constructor(code: Code, evidence: EvidenceOf<Code>, options?: { cause?: unknown }) {
    const shown = hidden(evidence);
    super(`${code} ${entryOf(code).title}${summary(shown)}`, options);
    this.code = code;
    this.evidence = shown;
  }

  get title(): string {
    return entryOf(this.code).title;
  }

  get remedy(): string {
    return entryOf(this.code).remedy;
  }

  /** The command's exit status for this refusal. */
  get exit(): 1 | 2 | 3 {
    return entryOf(this.code).exit;
  }

  /** The HTTP status for this refusal. */
  get http(): number {
    return entryOf(this.code).http;
  }
}

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Refusal;
}

function hidden(evidence: Readonly<Record<string, Fact>>): Readonly<Record<string, Fact>> {
  const facts = Object.entries(evidence).map(([name, fact]): [string, Fact] => {
    if (typeof fact === 'string') return [name, withoutSecrets(fact)];
    return [name, Array.isArray(fact) ? fact.map(withoutSecrets) : fact];
  });
  return Object.fromEntries(facts);
}

function summary(evidence: Readonly<Record<string, Fact>>): string {
  const facts = Object.entries(evidence).map(([name, fact]) => `${name} ${printable(String(fact))}`);
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}
