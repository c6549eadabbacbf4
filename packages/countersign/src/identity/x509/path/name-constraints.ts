/**
 * Name constraints (RFC 5280, 4.2.1.10, 6.1.4 (g)) made ready to be asked: each name costs what its own length costs, however many
 * subtrees there are.
 */
import { tags, toHex } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { Certificate } from '../certificate.ts';
import type { DistinguishedName } from '../distinguished-name.ts';
import {
  type AddressRange,
  isAddressMask,
  type NameConstraints,
  type Subtrees,
} from '../extensions/name-constraints.ts';
import { type GeneralNames, noNames } from '../general-names.ts';
import { parseIpAddress } from '../ip-address.ts';
import { asciiLowerCase, isDnsName } from '../names/dns-name.ts';

/** What of a certificate constraints are about. */
type NamedCertificate = Pick<Certificate, 'subject' | 'subjectAltName'>;

/** A name that is not allowed: which, and why. */
export interface ConstrainedName {
  readonly name: string;
  readonly constraint: string;
}

const prepared = new WeakMap<NameConstraints, PreparedConstraints>();

/** Prepared once for each certificate: an issuer's constraints are asked for every path under it. */
export function prepareConstraints(constraints: NameConstraints): PreparedConstraints {
  const known = prepared.get(constraints);
  if (known !== undefined) return known;
  const made = new PreparedConstraints(constraints);
  prepared.set(constraints, made);
  return made;
}

const nameKinds = Object.keys(noNames) as readonly (keyof GeneralNames)[];

/** How many names `certificate` has that constraints are about, for a budget; each attribute of the subject could be a mailbox. */
export function countNames({ subjectAltName, subject }: Certificate): number {
  let count = 0;
  for (const kind of nameKinds) count += subjectAltName[kind].length;
  for (const attributes of subject.relativeNames) count += attributes.length;
  return count;
}

export class PreparedConstraints {
  readonly #permitted: PreparedSubtrees;
  readonly #excluded: PreparedSubtrees;

  constructor({ permitted, excluded }: NameConstraints) {
    for (const name of excluded.directory) if (hasUnreadText(name)) throw unreadable('directoryName', name.text);
    this.#permitted = new PreparedSubtrees(permitted);
    this.#excluded = new PreparedSubtrees(excluded);
  }

  /** The first name of `certificate` that is outside what is permitted or inside what is excluded. */
  refusedName(certificate: NamedCertificate): ConstrainedName | undefined {
    const { subject, subjectAltName: names } = certificate;
    return (
      first(names.dns, (name) => this.#dns(name)) ??
      first(names.ip, (name) => this.#ip(name)) ??
      first(names.uri, (name) => this.#uri(name)) ??
      first(mailboxes(certificate), (name) => this.#email(name)) ??
      (subject.isEmpty ? undefined : this.#directory(subject)) ??
      first(names.directory, (name) => this.#directory(name)) ??
      this.#unprocessed(certificate)
    );
  }

  #dns(name: string): ConstrainedName | undefined {
    const [permitted, excluded] = [this.#permitted.dns, this.#excluded.dns];
    if (permitted.empty && excluded.empty) return undefined;
    const wildcard = name.startsWith('*.');
    const host = asciiLowerCase(wildcard ? name.slice(2) : name);
    // What is no DNS name could be read by others as one that is constrained: a trailing dot, a "*" inside.
    if (!isDnsName(host)) return { name, constraint: 'of DNS names, which it is not' };
    // Each name that a wildcard stands for must be permitted, and none of them excluded.
    if (!permitted.empty && !permitted.covers(host)) return outside(name);
    return excluded.covers(host) || (wildcard && excluded.hasChildOf(host)) ? inside(name) : undefined;
  }

  #ip(name: string): ConstrainedName | undefined {
    const octets = parseIpAddress(name);
    if (octets === undefined) return { name, constraint: 'of addresses, which it is not' };
    const [permitted, excluded] = [this.#permitted.ip, this.#excluded.ip];
    if (!permitted.empty && !permitted.covers(octets)) return outside(name);
    const inner = embeddedIpv4(octets);
    return excluded.covers(octets) || (inner !== undefined && excluded.covers(inner)) ? inside(name) : undefined;
  }

  #uri(name: string): ConstrainedName | undefined {
    const [permitted, excluded] = [this.#permitted.uri, this.#excluded.uri];
    if (permitted.empty && excluded.empty) return undefined;
    const host = uriHost(name);
    // RFC 5280, 4.2.1.10: without a host that is a DNS name it must be refused.
    if (host === undefined) return { name, constraint: 'of URIs by their host, and it has none that is a DNS name' };
    if (!permitted.empty && !permitted.coversHost(host)) return outside(name);
    return excluded.coversHost(host) ? inside(name) : undefined;
  }

  #email(name: string): ConstrainedName | undefined {
    const [permitted, excluded] = [this.#permitted.email, this.#excluded.email];
    if (permitted.empty && excluded.empty) return undefined;
    const at = name.lastIndexOf('@');
    const [local, host] = [name.slice(0, Math.max(at, 0)), asciiLowerCase(name.slice(at + 1))];
    // A quoted or escaped local part is another's without quotes, which would have to be compared (RFC 5321, 4.1.2).
    if (local === '' || /[@"\\]/.test(local) || !isDnsName(host)) {
      return { name, constraint: 'of mailboxes, which it is not' };
    }
    const mailbox = `${local}@${host}`;
    const covered = (hosts: HostSet): boolean => hosts.coversMailbox(mailbox) || hosts.coversHost(host);
    if (!permitted.empty && !covered(permitted)) return outside(name);
    return covered(excluded) ? inside(name) : undefined;
  }

  #directory(name: DistinguishedName): ConstrainedName | undefined {
    const [permitted, excluded] = [this.#permitted.directory, this.#excluded.directory];
    if (!permitted.empty && !permitted.covers(name)) return outside(name.text);
    // Its octets could be read by others as the name that is excluded, as OpenSSL reads them.
    if (!excluded.empty && hasUnreadText(name)) {
      return { name: name.text, constraint: 'of directory names, of which it holds a part as TeletexString' };
    }
    return excluded.covers(name) ? inside(name.text) : undefined;
  }

  /** A name of a kind whose constraints nobody here can process (RFC 5280, 4.2.1.10). */
  #unprocessed({ subjectAltName: names }: NamedCertificate): ConstrainedName | undefined {
    const [permitted, excluded] = [this.#permitted.others, this.#excluded.others];
    if (permitted.size === 0 && excluded.size === 0) return undefined;
    const carried = [
      ...names.otherName.map(({ type }) => `other name ${type}`),
      ...names.registeredId.map(() => 'registered ID'),
      ...names.x400.map(() => 'X.400 address'),
      ...names.ediParty.map(() => 'EDI party name'),
    ];
    const name = carried.find((kind) => permitted.has(kind) || excluded.has(kind));
    return name === undefined ? undefined : { name, constraint: 'of a kind that is not processed here' };
  }
}

function first<T>(names: readonly T[], refused: (name: T) => ConstrainedName | undefined): ConstrainedName | undefined {
  for (const name of names) {
    const found = refused(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function outside(name: string): ConstrainedName {
  return { name, constraint: 'outside what is permitted' };
}

function inside(name: string): ConstrainedName {
  return { name, constraint: 'inside what is excluded' };
}

/** Whether a part is of the one kind of string whose octets nobody agrees on; it equals itself alone (RFC 5280, 7.1). */
function hasUnreadText({ relativeNames }: DistinguishedName): boolean {
  return relativeNames.some((attributes) => attributes.some(({ value }) => value[0] === tags.teletexString));
}

/** The IPv4 address in "::ffff:10.0.0.1" (RFC 4291, 2.5.5.2), which some sockets take for that address. */
function embeddedIpv4(octets: Uint8Array): Uint8Array | undefined {
  if (octets.length !== 16 || octets[10] !== 0xff || octets[11] !== 0xff) return undefined;
  return octets.subarray(0, 10).every((octet) => octet === 0) ? octets.subarray(12) : undefined;
}

const emailAddress = '1.2.840.113549.1.9.1';

/** Those of subjectAltName and of the subject: RFC 5280 (4.2.1.10) asks for the latter where there are none of the former, OpenSSL always. */
function mailboxes({ subject, subjectAltName }: NamedCertificate): readonly string[] {
  const ofSubject = subject.relativeNames.flatMap((attributes) =>
    // One that is no text is no mailbox that could be permitted.
    attributes.flatMap(({ oid, text }) => (oid === emailAddress ? [text ?? ''] : [])),
  );
  return ofSubject.length === 0 ? subjectAltName.email : [...subjectAltName.email, ...ofSubject];
}

/**
 * Scheme, userinfo, host and port in the characters of RFC 3986 (3.1, 3.2) alone: with a second "@" or a backslash among them, some read
 * another host than others.
 */
const uriAuthority = /^[a-z][a-z0-9+.-]*:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?([\w.-]+)(?::\d*)?(?:[/?#]|$)/i;

/** The host of a URI with an authority (RFC 3986, 3.2), where it is a DNS name. */
function uriHost(uri: string): string | undefined {
  const host = asciiLowerCase(uriAuthority.exec(uri)?.[1] ?? '');
  return isDnsName(host) && parseIpAddress(host) === undefined ? host : undefined;
}

class PreparedSubtrees {
  readonly dns: DomainSet;
  readonly uri: HostSet;
  readonly email: HostSet;
  readonly ip: NetworkSet;
  readonly directory: NameTree;
  readonly others: ReadonlySet<string>;

  constructor(subtrees: Subtrees) {
    this.dns = new DomainSet(subtrees.dns);
    this.uri = new HostSet(subtrees.uri, 'URI');
    this.email = new HostSet(subtrees.email, 'rfc822Name');
    this.ip = new NetworkSet(subtrees.ip);
    this.directory = new NameTree(subtrees.directory);
    this.others = new Set(subtrees.others);
  }
}

/** dNSName: a domain, with all names below it; the empty one is every name. */
class DomainSet {
  readonly empty: boolean;
  readonly #domains: ReadonlySet<string>;
  #parents: ReadonlySet<string> | undefined;

  constructor(domains: readonly string[]) {
    // A leading dot and wildcards are no part of this form (RFC 5280, 4.2.1.10), whatever others read into them.
    for (const domain of domains) if (domain !== '' && !isDnsName(domain)) throw unreadable('dNSName', domain);
    this.empty = domains.length === 0;
    this.#domains = new Set(domains.map(asciiLowerCase));
  }

  covers(host: string): boolean {
    if (this.empty) return false;
    if (this.#domains.has('')) return true;
    for (let rest = host; ; rest = rest.slice(rest.indexOf('.') + 1)) {
      if (this.#domains.has(rest)) return true;
      if (!rest.includes('.')) return false;
    }
  }

  /** Whether a domain of the set is `host` with one label more, as a wildcard's names are. */
  hasChildOf(host: string): boolean {
    this.#parents ??= new Set([...this.#domains].map((domain) => domain.slice(domain.indexOf('.') + 1)));
    return this.#parents.has(host);
  }
}

/** URI and rfc822Name: a host; ".domain" for all hosts below it; for rfc822Name also one mailbox; the empty one is all. */
class HostSet {
  readonly empty: boolean;
  readonly #hosts: Set<string> = new Set();
  readonly #domains: Set<string> = new Set();
  readonly #mailboxes: Set<string> = new Set();

  constructor(constraints: readonly string[], kind: 'URI' | 'rfc822Name') {
    this.empty = constraints.length === 0;
    for (const constraint of constraints) {
      const at = kind === 'rfc822Name' ? constraint.lastIndexOf('@') : -1;
      const host = asciiLowerCase(constraint.slice(at + 1));
      const below = at < 0 && host.startsWith('.');
      const readable = constraint === '' || isDnsName(below ? host.slice(1) : host);
      if (!readable || at === 0) throw unreadable(kind, constraint);
      if (at > 0) this.#mailboxes.add(constraint.slice(0, at + 1) + host);
      else if (below) this.#domains.add(host.slice(1));
      else this.#hosts.add(host);
    }
  }

  coversMailbox(mailbox: string): boolean {
    return this.#mailboxes.has(mailbox);
  }

  coversHost(host: string): boolean {
    if (this.empty) return false;
    if (this.#hosts.has('') || this.#hosts.has(host)) return true;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      if (this.#domains.has(host.slice(dot + 1))) return true;
    }
    return false;
  }
}

/** iPAddress: networks as the first and the last of their addresses, in order; so one is found by halves, however many there are. */
class NetworkSet {
  readonly empty: boolean;
  readonly #networks: readonly Network[];

  constructor(ranges: readonly AddressRange[]) {
    this.empty = ranges.length === 0;
    const networks = ranges.map(networkOf).sort((a, b) => compareText(a.first, b.first) || compareText(b.last, a.last));
    // Two networks are apart or one is inside the other, which then says nothing more.
    const outer: Network[] = [];
    for (const network of networks) if (!isInside(network.first, outer.at(-1))) outer.push(network);
    this.#networks = outer;
  }

  covers(address: Uint8Array): boolean {
    const digits = addressDigits(address);
    let [from, to] = [0, this.#networks.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#networks[middle]?.first ?? '') <= digits) from = middle + 1;
      else to = middle;
    }
    return isInside(digits, this.#networks[from - 1]);
  }
}

/** Both as `addressDigits`. */
interface Network {
  readonly first: string;
  readonly last: string;
}

function networkOf(range: AddressRange): Network {
  const [address, mask] = [range.subarray(0, range.length / 2), range.subarray(range.length / 2)];
  if (!isAddressMask(mask)) throw unreadable('iPAddress', toHex(range));
  return {
    first: addressDigits(address.map((octet, index) => octet & (mask[index] ?? 0))),
    last: addressDigits(address.map((octet, index) => octet | (~(mask[index] ?? 0) & 0xff))),
  };
}

/** In the order of the addresses, those of IPv4 apart from those of IPv6. */
function addressDigits(address: Uint8Array): string {
  return `${address.length === 4 ? 'four' : 'six'} ${toHex(address)}`;
}

function isInside(digits: string, network: Network | undefined): boolean {
  return network !== undefined && network.first <= digits && digits <= network.last;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface TreeNode {
  ends: boolean;
  readonly below: Map<string, TreeNode>;
}

/** directoryName: a name's beginning, relative name by relative name (RFC 5280, 7.1). */
class NameTree {
  readonly empty: boolean;
  readonly #root: TreeNode = { ends: false, below: new Map() };

  constructor(names: readonly DistinguishedName[]) {
    this.empty = names.length === 0;
    for (const { keys } of names) {
      let node = this.#root;
      for (const key of keys) {
        const next = node.below.get(key) ?? { ends: false, below: new Map<string, TreeNode>() };
        node.below.set(key, next);
        node = next;
      }
      node.ends = true;
    }
  }

  covers(name: DistinguishedName): boolean {
    if (this.empty) return false;
    let node: TreeNode | undefined = this.#root;
    for (const key of name.keys) {
      if (node.ends) return true;
      node = node.below.get(key);
      if (node === undefined) return false;
    }
    return node.ends;
  }
}

function unreadable(kind: string, constraint: string): Refusal {
  return new Refusal('CS-X509-001', { rule: `a ${kind} constraint of no allowed form: "${constraint}" (4.2.1.10)` });
}
