/** The headers in which proxies and gateways tell a program who calls, and from where: from a caller they are lies, and none of them goes on. */

export interface IdentityHeaders {
  /** Who documents them, or made them a custom. */
  readonly whose: string;
  /** In lower case with hyphens; `*` at the end stands for anything, nothing included. */
  readonly names: readonly string[];
}

/** docs/forwarded-identity.md shows the same table, and a test compares them. */
export const identityHeaders: readonly IdentityHeaders[] = [
  { whose: 'RFC 9440', names: ['client-cert', 'client-cert-*'] },
  { whose: 'RFC 7239', names: ['forwarded'] },
  { whose: 'Countersign', names: ['countersign-*', 'x-countersign-*'] },
  { whose: 'Envoy, Istio', names: ['x-forwarded-client-cert', 'x-envoy-external-address', 'x-envoy-peer-metadata*'] },
  {
    whose: 'nginx, ingress-nginx',
    names: [
      'ssl-*',
      'x-ssl*',
      'x-client-cert*',
      'x-client-dn*',
      'x-client-verify*',
      'x-real-ip',
      'x-original-forwarded-*',
    ],
  },
  { whose: 'HAProxy', names: ['x-ssl*', 'x-client-cn', 'x-client-sha1'] },
  { whose: 'Apache, CGI', names: ['ssl-*', 'sslclient*', 'remote-*', 'x-remote-*', 'oidc-*', 'cert-chain*'] },
  { whose: 'Traefik', names: ['x-forwarded*'] },
  { whose: 'Caddy', names: ['x-forwarded*', 'x-token-subject', 'x-token-user-*'] },
  { whose: 'F5 BIG-IP', names: ['sslclient*', 'x-common-name', 'x-client-s-dn', 'x-client-i-dn', 'x-client-serial*'] },
  { whose: 'AWS', names: ['x-amzn-mtls-*', 'x-amzn-oidc-*'] },
  {
    whose: 'Azure',
    names: [
      'x-arr-clientcert',
      'x-arr-ssl',
      'x-ms-client-principal*',
      'x-ms-token-*',
      'x-azure-clientip',
      'x-azure-socketip',
    ],
  },
  {
    whose: 'Google Cloud',
    names: [
      'x-client-cert*',
      'x-goog-authenticated-user-*',
      'x-goog-iap-*',
      'x-endpoint-api-userinfo',
      'x-apigateway-api-userinfo',
    ],
  },
  { whose: 'Cloudflare', names: ['cf-client-cert*', 'cf-cert-*', 'cf-access-*', 'cf-connecting-ip*'] },
  { whose: 'Akamai, Fastly', names: ['client-to-edge', 'true-client-ip', 'fastly-client-*'] },
  {
    whose: 'Kong',
    names: ['x-consumer-*', 'x-credential-*', 'x-anonymous-consumer', 'x-authenticated-*', 'x-client-cert*'],
  },
  { whose: 'APISIX', names: ['x-consumer-*', 'x-credential-*', 'x-userinfo'] },
  { whose: 'Linkerd', names: ['l5d-client-id', 'l5d-server-id', 'l5d-remote-ip'] },
  { whose: 'SPIFFE users', names: ['x-spiffe*', 'x-svid*'] },
  { whose: 'oauth2-proxy', names: ['x-auth-request-*', 'x-forwarded*', 'gap-auth'] },
  {
    whose: 'Authelia, authentik, Pomerium, Teleport, Tailscale',
    names: ['remote-*', 'x-authentik-*', 'x-pomerium-*', 'teleport-jwt-assertion', 'tailscale-user-*'],
  },
  { whose: 'Grafana, Kubernetes', names: ['x-webauth-*', 'x-remote-*'] },
  { whose: 'WebLogic, WebSphere', names: ['wl-proxy-*', 'proxy-client-*', '$ws*'] },
  {
    whose: 'SiteMinder, IBM Verify, Shibboleth, Oracle',
    names: ['sm-*', 'smuser', 'iv-user', 'iv-groups', 'iv-creds', 'shib-*', 'oam-remote-user'],
  },
  {
    whose: 'many, of the address',
    names: ['x-client-ip', 'x-cluster-client-ip', 'x-originating-ip', 'x-proxyuser-ip'],
  },
  // Not who calls but what for: programs that believe them serve another path than the one that was decided on.
  {
    whose: 'IIS, Symfony, ingress-nginx',
    names: ['x-original-url', 'x-original-uri', 'x-original-host', 'x-rewrite-url'],
  },
  { whose: 'older customs', names: ['x-tls-client-*', 'x-ssl-cert*'] },
];

const exact = new Set<string>();
const starts: string[] = [];
/** What they begin with, in either case: most names that are none are told by that. */
const firsts = new Uint8Array(128);
for (const name of identityHeaders.flatMap(({ names }) => names)) {
  const form = plain(name.endsWith('*') ? name.slice(0, -1) : name);
  if (name.endsWith('*')) starts.push(form);
  else exact.add(form);
  for (let code = 0; code < firsts.length; code += 1)
    if (form.startsWith(plain(String.fromCharCode(code)))) firsts[code] = 1;
}

/** Names as they come are the same few over and over; a flood of others costs a second look, no more. Own choice. */
const mostRemembered = 1_024;
const longestRemembered = 64;
const remembered = new Map<string, boolean>();

/** @param name as it came, in any case and spelling */
export function isIdentityHeader(name: string): boolean {
  if (firsts[name.charCodeAt(0)] === 0) return false;
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const form = plain(name);
  const found = exact.has(form) || starts.some((start) => form.startsWith(start));
  if (name.length <= longestRemembered) {
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(name, found);
  }
  return found;
}

/** CGI and its heirs (WSGI, PHP) read an underscore and a hyphen as the same, some of them every other character as well. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}
