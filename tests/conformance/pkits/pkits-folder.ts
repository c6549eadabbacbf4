/** A folder of PKITS: its index of cases and their certificates and revocation lists in DER, each plain or gzipped. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotRun } from '../runner-command.ts';
import { readVectorFile, readVectorJson } from '../vector-file.ts';

export interface PkitsCase {
  /** Section and row of the document: "4.8.1". */
  readonly num: string;
  /** Tells the subparts of a row apart, which `num` does not: "Section8AllCertificatesSamePolicyTest1Subpart3". */
  readonly name: string;
  /** Names of files, from the trust anchor to the end-entity. */
  readonly certs: readonly string[];
  readonly crls: readonly string[];
  readonly ok: boolean;
}

export interface PkitsFolder {
  readonly cases: readonly PkitsCase[];
  /** Throws `CannotRun` where there is no such file. */
  readonly certificate: (name: string) => Uint8Array;
  /** The same for a revocation list. */
  readonly list: (name: string) => Uint8Array;
}

const indexForm = z.array(
  z.object({
    num: z.string(),
    name: z.string(),
    certs: z.array(z.string()).min(2),
    crls: z.array(z.string()).default([]),
    ok: z.boolean(),
  }),
);

const folderRemedy = 'Give a folder that holds index.json and certs/, as the vectors of PKITS come.';

/** Throws `CannotRun` for a folder that is not of this form. */
export function readPkitsFolder(directory: string): PkitsFolder {
  const index = ['index.json', 'index.json.gz'].map((name) => join(directory, name)).find((path) => existsSync(path));
  if (index === undefined) throw new CannotRun(3, `${directory} holds no index.json`, folderRemedy);
  const read = indexForm.safeParse(readVectorJson(index));
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined ? '' : `: ${issue.path.join('.')} ${issue.message}`;
    throw new CannotRun(3, `${index} is not an index of PKITS${where}`, folderRemedy);
  }
  const reader = (folder: string, kind: string): PkitsFolder['list'] => {
    const files = filesByName(join(directory, folder));
    return (name) => readVectorFile(pathOf(name, files, `${directory} holds no ${kind}`));
  };
  const lists = existsSync(join(directory, 'crls')) ? reader('crls', 'list') : noLists(directory);
  return { cases: read.data, certificate: reader('certs', 'certificate'), list: lists };
}

function pathOf(name: string, files: ReadonlyMap<string, string>, missing: string): string {
  const path = files.get(name);
  if (path === undefined) throw new CannotRun(3, `${missing} ${name}`, folderRemedy);
  return path;
}

function noLists(directory: string): PkitsFolder['list'] {
  return (name) => {
    throw new CannotRun(3, `${directory} has no folder crls, and so no list ${name}`, folderRemedy);
  };
}

/** Without the endings, which say nothing that the bytes do not. */
function filesByName(directory: string): ReadonlyMap<string, string> {
  if (!existsSync(directory)) throw new CannotRun(3, `${directory} is not there`, folderRemedy);
  const names = readdirSync(directory).map(
    (file) => [file.replace(/(\.(crt|cer|crl|der))?(\.gz)?$/, ''), join(directory, file)] as const,
  );
  return new Map(names);
}
