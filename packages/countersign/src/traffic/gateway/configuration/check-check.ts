/** What the schema can not see of `check`: as which host it decides. */
import type { GatewayFile } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';

export function checkCheck(file: GatewayFile, problems: ProblemList): void {
  const { check, credentials, hosts } = file;
  if (check === undefined) return;
  if (!Object.hasOwn(credentials, check.credential))
    problems.unknownName(['check', 'credential'], 'credential', check.credential, Object.keys(credentials));
  const asking = hostsThatAsk(file);
  if (check.as === undefined) {
    if (asking.length === 0) problems.wrongValue(['check'], 'no host asks for certificates');
    else if (new Set(asking.map((name) => trustText(file, name))).size > 1)
      problems.wrongValue(['check'], 'hosts differ in their trust: as says which of them is meant');
  } else if (!Object.hasOwn(hosts, check.as)) problems.unknownName(['check', 'as'], 'host', check.as, asking);
  else if (!asking.includes(check.as)) problems.wrongValue(['check', 'as'], 'this host asks for no certificates');
}

/** Whose trust the check goes by. */
export function checkedHost(file: GatewayFile): string | undefined {
  return file.check?.as ?? hostsThatAsk(file)[0];
}

function hostsThatAsk({ hosts }: GatewayFile): readonly string[] {
  return Object.keys(hosts).filter((name) => hosts[name]?.certificate !== 'none');
}

function trustText({ hosts }: GatewayFile, name: string): string {
  return hosts[name]?.trust.join(' ') ?? '';
}
