/** Patterns of DNS names, label by label: `*.internal` is one label below, `**.internal` one or more, `web-*.internal` a label that begins so. */
import { brokenDnsRule } from './dns-name.ts';

export interface DnsPattern {
  /** As it was written. */
  readonly text: string;
  /** From the left; a star at the end of one stands for the rest of that label, which is not empty. */
  readonly labels: readonly string[];
  /** Whether one or more labels of any kind come before them: it was written with `**` in front. */
  readonly deep: boolean;
}

const anyLabels = '**';

/** @returns the rule that `text` breaks, where it is no pattern */
export function parseDnsPattern(text: string): DnsPattern | string {
  const deep = text === anyLabels || text.startsWith(`${anyLabels}.`);
  const labels = text === '' ? [''] : text.split('.').slice(deep ? 1 : 0);
  for (const label of labels) {
    const rule = brokenLabelRule(label);
    if (rule !== undefined) return rule;
  }
  // With each star as a plain letter it must itself be a name: so nothing else can hide in it.
  const rule =
    labels.length === 0 ? undefined : brokenDnsRule(labels.map((label) => label.replace('*', 'x')).join('.'));
  return rule ?? { text, labels, deep };
}

function brokenLabelRule(label: string): string | undefined {
  if (label === anyLabels) return '** stands first, alone in its place';
  const star = label.indexOf('*');
  if (star === -1) return undefined;
  if (star !== label.length - 1) return 'a star stands for a whole label, or ends one (web-*)';
  // The letters after "xn--" are an encoding: what begins alike need not look alike (RFC 5891, 4.4).
  return label.startsWith('xn--') ? 'no star in an encoded label (xn--)' : undefined;
}

/** @param name one that breaks no rule of DNS names */
export function fitsDnsPattern({ labels, deep }: DnsPattern, name: string): boolean {
  // `**`: what most profiles say, and every certificate is asked.
  if (deep && labels.length === 0) return true;
  const found = name.split('.');
  const before = found.length - labels.length;
  if (deep ? before < 1 : before !== 0) return false;
  return labels.every((label, at) => fitsLabel(label, found[before + at] ?? ''));
}

function fitsLabel(pattern: string, label: string): boolean {
  if (pattern === '*') return true;
  if (!pattern.endsWith('*')) return pattern === label;
  const start = pattern.slice(0, -1);
  return label.length > start.length && label.startsWith(start) && !label.startsWith('xn--');
}

/** Whether every name that fits `inner` fits `outer`; where that is hard to tell, no. */
export function coversDnsPattern(outer: DnsPattern, inner: DnsPattern): boolean {
  const before = inner.labels.length - outer.labels.length;
  if (outer.deep ? before + (inner.deep ? 1 : 0) < 1 : inner.deep || before !== 0) return false;
  return before >= 0 && outer.labels.every((label, at) => coversLabel(label, inner.labels[before + at] ?? ''));
}

function coversLabel(outer: string, inner: string): boolean {
  if (!inner.endsWith('*')) return fitsLabel(outer, inner);
  return outer.endsWith('*') && inner.startsWith(outer.slice(0, -1));
}
