/** What the FAPI 2.0 Security Profile asks (final, February 2025), and where it is shown: by a test each, or why it is not for this house. */

export interface ShownBy {
  /** From the root of the repository. */
  readonly file: string;
  /** What its test is called, or begins with. */
  readonly test: string;
}

export interface Clause {
  readonly section: string;
  /** In words of our own. */
  readonly asks: string;
  readonly who: 'token issuer' | 'resource' | 'client' | 'oidc-provider' | 'every endpoint';
  /** Or why it does not concern us. */
  readonly shown: readonly ShownBy[] | string;
}

const sources = 'packages/countersign/src';
const issuer = (test: string): ShownBy => ({ file: `${sources}/issuing/token-issuer/token-issuer.test.ts`, test });
const keys = (test: string): ShownBy => ({ file: `${sources}/issuing/token-issuer/token-keys.test.ts`, test });
const bound = (test: string): ShownBy => ({ file: `${sources}/identity/bound-tokens/bound-tokens.test.ts`, test });
const taken = (test: string): ShownBy => ({ file: `${sources}/traffic/token-sources/token-sources.test.ts`, test });
const client = (test: string): ShownBy => ({ file: 'tests/tokens/token-dispatcher.test.ts', test });
const provider = (test: string): ShownBy => ({ file: 'tests/tokens/oidc-provider.test.ts', test });
const bypass = (file: string, test: string): ShownBy => ({ file: `tests/bypass/${file}.test.ts`, test });
const own = (test: string): ShownBy => ({ file: 'tests/fapi/fapi.test.ts', test });

const noUsers = 'the issuer has no authorization endpoint: it grants client_credentials alone';

export const clauses: readonly Clause[] = [
  {
    section: '5.2.1',
    asks: 'TLS 1.2 or later, to BCP 195, between all of them',
    who: 'every endpoint',
    shown: [own('TLS 1.3 and nothing below, unless it is asked for')],
  },
  {
    section: '5.2.1',
    asks: 'server certificates are checked',
    who: 'client',
    shown: [client('a token goes nowhere but where it is meant for, and what fails is said by name')],
  },
  {
    section: '5.3.2.1',
    asks: 'metadata is published (RFC 8414)',
    who: 'token issuer',
    shown: [issuer('metadata says where the endpoints are under mutual TLS')],
  },
  {
    section: '5.3.2.1',
    asks: 'the password grant is refused',
    who: 'token issuer',
    shown: [issuer('the exact errors of RFC 6749 and 8707')],
  },
  {
    section: '5.3.2.1',
    asks: 'confidential clients alone',
    who: 'token issuer',
    shown: [issuer('whoever has another name, no registration, or is suspended is answered invalid_client')],
  },
  {
    section: '5.3.2.1',
    asks: 'access tokens are sender-constrained, by mutual TLS or DPoP: here by mutual TLS',
    who: 'token issuer',
    shown: [
      issuer('each kind of registered name is compared with the certificate, decoded, and gives a bound token'),
      issuer('registrations that cannot be meant are refused by name'),
    ],
  },
  {
    section: '5.3.2.1',
    asks: 'clients are authenticated by mutual TLS or private_key_jwt: here by mutual TLS',
    who: 'token issuer',
    shown: [
      bypass('a-token-is-issued-to-its-own-client-alone', 'no header, form, chain or name makes a thief the victim'),
      issuer('a self-signed certificate is one of those that were registered, or nobody'),
    ],
  },
  {
    section: '5.3.2.1',
    asks: 'no redirection of whoever comes',
    who: 'token issuer',
    shown: noUsers,
  },
  {
    section: '5.3.2.1',
    asks: 'the aud of a client assertion is the issuer, as a string',
    who: 'token issuer',
    shown: [own('a client assertion is refused, whatever it says')],
  },
  {
    section: '5.3.2.1',
    asks: 'refresh tokens are not rotated',
    who: 'token issuer',
    shown: [own('there are no refresh tokens to rotate')],
  },
  {
    section: '5.3.2.1',
    asks: 'iat and nbf up to 10 s ahead are accepted, beyond 60 s refused',
    who: 'resource',
    shown: [bound('issuer, audience and times hold to the second'), own('a token from 9 s ahead is taken')],
  },
  {
    section: '5.3.2.1',
    asks: 'a token is worth no more than it is needed for',
    who: 'token issuer',
    shown: [issuer('the exact errors of RFC 6749 and 8707'), issuer('a token ends with its certificate at the latest')],
  },
  {
    section: '5.3.2.2',
    asks: 'authorization requests are pushed (PAR) by authenticated clients, with PKCE S256; no other response than code',
    who: 'oidc-provider',
    shown: [
      provider('oidc-provider takes authorization requests that were pushed over mutual TLS, with PKCE, and no others'),
    ],
  },
  {
    section: '5.3.2.2',
    asks: 'codes live 60 s at most, and iss is in the response',
    who: 'oidc-provider',
    shown: 'its own code does it under its profile 2.0; the hooks that are filled here have no part in it',
  },
  { section: '5.3.2.2', asks: 'the authorization code flow', who: 'token issuer', shown: noUsers },
  {
    section: '5.3.3.1',
    asks: 'sender-constrained tokens by mutual TLS or DPoP, and client authentication by mutual TLS or private_key_jwt',
    who: 'client',
    shown: [
      client('no request is lost to rotations under load, and no token goes with another certificate'),
      client('the old credential serves with its token until the new one has one'),
    ],
  },
  {
    section: '5.3.3.1',
    asks: 'tokens are sent in the Authorization header, and nowhere else',
    who: 'client',
    shown: [client('a token goes nowhere but where it is meant for, and what fails is said by name')],
  },
  {
    section: '5.3.3.1',
    asks: 'the issuer is the one whose metadata was taken',
    who: 'client',
    shown:
      'the dispatcher is given the token endpoint and a policy that says who the issuer may be, and reads no metadata',
  },
  {
    section: '5.3.4',
    asks: 'tokens are taken from the Authorization header, never from the query',
    who: 'resource',
    shown: [
      bound('one token is taken from one header, and from nowhere else'),
      taken('a request presents its token once: a second header, the query and a form are seen'),
    ],
  },
  {
    section: '5.3.4',
    asks: 'validity, integrity, expiry and revocation of a token are checked',
    who: 'resource',
    shown: [
      taken('what is no signed access token is refused: unsigned, signed with the public key as a secret, encrypted'),
      taken('a token seen before expires all the same'),
      own('a token ends with its certificate at the resource, at the issuer, and by itself'),
    ],
  },
  {
    section: '5.3.4',
    asks: 'what the token permits is enough for the request, else the errors of RFC 6750',
    who: 'resource',
    shown: [bound('a missing scope is told, with all that are needed'), bound('the answers are those of RFC 6750')],
  },
  {
    section: '5.3.4',
    asks: 'the binding of the token is verified',
    who: 'resource',
    shown: [
      bound('its binding is compared, and nothing replaces it'),
      bypass('a-stolen-token-is-nobody-elses', 'a renewed certificate needs a new token'),
    ],
  },
  {
    section: '5.4.1',
    asks: 'signatures by PS256, ES256 or EdDSA (Ed25519), never none',
    who: 'token issuer',
    shown: [own('tokens are signed by ES256 or Ed25519')],
  },
  {
    section: '5.4.1',
    asks: 'the same at who verifies',
    who: 'resource',
    shown: [
      taken('what is no signed access token is refused: unsigned, signed with the public key as a secret, encrypted'),
      taken('an algorithm that is not of its key is refused'),
    ],
  },
  {
    section: '5.4.1',
    asks: 'RSA keys of 2048 bits, elliptic ones of 224 at least',
    who: 'resource',
    shown: [taken('a set of keys with a private or secret one, weak ones alone, or none is not acceptable')],
  },
  {
    section: '5.4.1',
    asks: 'what nobody may guess has 128 bits',
    who: 'token issuer',
    shown: [own('the name of a token is 128 bits of chance')],
  },
  {
    section: '5.4.3',
    asks: 'one kid is one key in a set of keys',
    who: 'token issuer',
    shown: [keys('a key is published before it signs, and as long as its tokens live')],
  },
];
