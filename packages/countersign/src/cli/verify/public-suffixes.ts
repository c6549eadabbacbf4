/** Whether a domain is a public suffix (publicsuffix.org): one under which strangers register, such as "co.uk" or "s3.amazonaws.com". */
import { getPublicSuffix } from 'tldts';

/**
 * Private suffixes count: who serves under one is no less a stranger to their neighbours there. A top-level domain that the list does not
 * name is a suffix, too (the list's rule "*"). The list is the installed package's.
 */
export function isPublicSuffix(domain: string): boolean {
  const name = domain.toLowerCase().replace(/\.$/, '');
  if (name === '') return false;
  return getPublicSuffix(name, { allowPrivateDomains: true, extractHostname: false, validateHostname: false }) === name;
}
