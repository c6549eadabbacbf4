/** The ways in which mutual TLS was bypassed in others, by their letters, and what shows them elsewhere than in the files here that name their class. */

export interface Shown {
  /** From the folder of tests. */
  readonly file: string;
  /** What its test is called, or begins with. */
  readonly test: string;
}

export interface BypassClass {
  readonly what: string;
  /** Beside the files of this folder and of bad-input whose first sentence names the class. */
  readonly elsewhere: readonly Shown[];
}

const shown = (file: string, test: string): Shown => ({ file, test });

const retrieve = '../packages/countersign/src/traffic/revocation-sources/retrieve/retrieve.test.ts';

export const classes: Readonly<Record<string, BypassClass>> = {
  A: {
    what: 'resumption crosses a policy',
    elsewhere: [shown('interop/grpc-go.test.ts', 'a Go client does not outlive a policy by what it keeps')],
  },
  B: { what: 'the name of the policy is not the routed name', elsewhere: [] },
  C: { what: 'fails open', elsewhere: [] },
  D: { what: 'the wrong certificate of the chain, or no possession', elsewhere: [] },
  E: { what: 'names', elsewhere: [] },
  F: {
    what: 'a header or a token replaces the certificate',
    elsewhere: [
      shown('e2e/run-front.test.ts', 'who is allowed reaches the program, which learns who calls and hears nothing'),
      shown('bypass/what-is-published-is-only-read.test.ts', 'no credential makes more of it'),
    ],
  },
  G: { what: 'a pooled connection of another identity', elsewhere: [] },
  H: {
    what: "issuance of another's identity",
    elsewhere: [
      shown('authority/token-issuer.test.ts', 'who the settings name gets a token, which ends with its certificate'),
      shown('authority/tokens.test.ts', 'with another key it is refused'),
      shown('authority/tokens.test.ts', 'a request that names something else gets nothing'),
      shown('authority/tokens.test.ts', "nobody gets a certificate for the authority's own keys"),
    ],
  },
  I: {
    what: 'input ends the process or stalls it',
    elsewhere: [shown('bypass/crowds-keep-nobody-out.test.ts', '')],
  },
  J: {
    what: 'an endpoint without authorization',
    elsewhere: [
      shown('authority/local-feed.test.ts', 'another user of the machine is refused at the socket'),
      shown('authority/feed.test.ts', 'nobody acknowledges for another'),
    ],
  },
  K: {
    what: 'policy on one source of names and not on another',
    elsewhere: [
      shown('authority/tokens.test.ts', 'the policy on names holds again when the token is used'),
      shown('authority/tokens.test.ts', 'where the profile leaves the names to the request'),
      shown(
        '../packages/countersign/src/issuing/authority/names.test.ts',
        'what the profile for services does not give',
      ),
      shown(
        '../packages/countersign/src/issuing/authority/name-patterns.test.ts',
        'a pattern of DNS names is compared',
      ),
    ],
  },
  L: {
    what: "renewal with another's certificate",
    elsewhere: [
      shown('authority/renewal.test.ts', "another's certificate is not renewed"),
      shown('authority/renewal.test.ts', 'a proof by another key'),
      shown('authority/renewal.test.ts', 'a look-alike under a known serial number'),
      shown('e2e/renew-before-and-after-expiry.test.ts', 'after expiry the old key proves it'),
    ],
  },
  M: {
    what: 'revocation that does not last',
    elsewhere: [
      shown('authority/ocsp.test.ts', 'what was never issued is unknown'),
      shown('authority/ocsp.test.ts', 'after a restart the first answer is of what was revoked before'),
      shown('authority/restored-from-a-backup.test.ts', 'an authority is lost and restored'),
      shown('e2e/a-killed-authority-lists-every-revoked-serial.test.ts', 'after kill -9 the list has every revoked'),
      shown('e2e/killed/killed.test.ts', 'killed at one step of each kind'),
      shown('storage/contract.ts', 'a revoked line stays revoked'),
    ],
  },
  N: {
    what: 'validation of challenges as a tool of attack',
    // Of challenges there is the one that a renewal by proof answers; what is fetched are lists and answers.
    elsewhere: [
      shown('authority/renewal.test.ts', 'a challenge is good for five minutes of the run that made it'),
      shown(retrieve, 'private ranges are refused as the address itself, after look-up, and behind a redirect'),
      shown(retrieve, 'redirects are followed a few times'),
      shown(retrieve, 'a body is cut at its bound, whether it says its length or never ends'),
      shown(retrieve, 'a server that hangs before its answer or within it, or trickles'),
    ],
  },
  O: { what: 'signature malleability and lax decoding', elsewhere: [] },
  P: { what: 'name constraints', elsewhere: [] },
  Q: { what: 'the peer changes in mid-connection', elsewhere: [] },
  R: { what: "the process's environment", elsewhere: [] },
};

/** Files that attack nothing: they look at the suite itself. */
export const aboutTheSuite: readonly string[] = ['every-class-is-covered.test.ts', 'every-endpoint-joins.test.ts'];
