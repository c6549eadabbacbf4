/** The registry of refusals and the four ways in which it speaks: error, log line, problem document, command text. */
export { toCommandText } from './command-text.ts';
export { toLogLine } from './log-line.ts';
export { nearMatch } from './near-match.ts';
export { printable } from './printable.ts';
export {
  fromProblemDocument,
  problemContentType,
  toProblemDocument,
  type ProblemDocument,
} from './problem-document.ts';
export { isRefusal, Refusal } from './refusal.ts';
export type { RefusalEntry } from './registry/entry.ts';
export { entryOf, isRefusalCode, registry, type EvidenceOf, type Fact, type RefusalCode } from './registry/registry.ts';
export { withoutSecrets } from './without-secrets.ts';
