/** Other gateways: mutual TLS before, plain HTTP/1.1 over kept connections behind, the caller's certificate told in a header, one core each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from '../frame/kept-callers.ts';
import { findProgram, type ServerProcess } from '../frame/server-process.ts';
import { nginxConfiguration } from '../servers/nginx.ts';
import { startPinned, type WantedServer } from '../servers/tls-server.ts';

export interface WantedGateway extends WantedServer {
  readonly upstreamPort: number;
  readonly protocol: Protocol;
}

export interface GatewayProduct {
  readonly name: string;
  /** Where it is installed. */
  readonly program: string | undefined;
  start(wanted: WantedGateway, program: string): ServerProcess;
}

export const haproxy: GatewayProduct = {
  name: 'haproxy',
  program: findProgram('haproxy'),
  start: (wanted, program) => {
    const { folder, certificate, key, root, port, upstreamPort, protocol } = wanted;
    const both = join(folder, 'both.pem');
    writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
    return startPinned(program, [
      '-db',
      '-f',
      written(
        wanted,
        'haproxy.cfg',
        `global
  nbthread 1
  tune.ssl.cachesize 0
defaults
  mode http
  timeout client 120s
  timeout connect 10s
  timeout server 120s
frontend bench
  bind 127.0.0.1:${port} ssl crt ${both} ca-file ${root} verify required ssl-min-ver TLSv1.3 no-tls-tickets alpn ${protocol}
  http-request set-header x-client-cert %{+Q}[ssl_c_s_dn]
  default_backend upstream
backend upstream
  http-reuse always
  server one 127.0.0.1:${upstreamPort}
`,
      ),
    ]);
  },
};

export const nginx: GatewayProduct = {
  name: 'nginx',
  program: findProgram('nginx'),
  start: (wanted, program) => {
    const { folder, upstreamPort, protocol } = wanted;
    const kept = 'keepalive_requests 100000000;';
    const configuration = nginxConfiguration(wanted, {
      http: [
        kept,
        'keepalive_timeout 120s;',
        `upstream one { server 127.0.0.1:${upstreamPort}; keepalive 64; ${kept} }`,
      ],
      listen: protocol === 'h2' ? ' http2' : '',
      location: [
        'proxy_pass http://one;',
        'proxy_http_version 1.1;',
        'proxy_set_header connection "";',
        'proxy_set_header x-client-cert $ssl_client_s_dn;',
      ],
    });
    const path = written(wanted, 'nginx.conf', configuration);
    return startPinned(program, ['-p', folder, '-e', join(folder, 'error.log'), '-c', path]);
  },
};

/** `COUNTERSIGN_CADDY` and `COUNTERSIGN_ENVOY` name their binaries where they are not on PATH. */
export const caddy: GatewayProduct = {
  name: 'caddy',
  program: process.env['COUNTERSIGN_CADDY'] ?? findProgram('caddy'),
  start: (wanted, program) => {
    const { folder, certificate, key, root, port, upstreamPort, protocol } = wanted;
    const server = {
      listen: [`127.0.0.1:${port}`],
      protocols: protocol === 'h2' ? ['h1', 'h2'] : ['h1'],
      automatic_https: { disable: true },
      strict_sni_host: false,
      tls_connection_policies: [
        {
          // The benchmark's client names no host.
          default_sni: 'orders.internal',
          client_authentication: { ca: { provider: 'file', pem_files: [root] }, mode: 'require_and_verify' },
        },
      ],
      routes: [
        {
          handle: [
            {
              handler: 'reverse_proxy',
              upstreams: [{ dial: `127.0.0.1:${upstreamPort}` }],
              transport: { protocol: 'http', keep_alive: { enabled: true, max_idle_conns_per_host: 64 } },
              headers: { request: { set: { 'X-Client-Cert': ['{http.request.tls.client.subject}'] } } },
            },
          ],
        },
      ],
    };
    const configuration = {
      admin: { disabled: true },
      storage: { module: 'file_system', root: folder },
      logging: { logs: { default: { level: 'ERROR' } } },
      apps: {
        http: { servers: { bench: server } },
        tls: { certificates: { load_files: [{ certificate, key }] } },
      },
    };
    const path = written(wanted, 'caddy.json', JSON.stringify(configuration));
    return startPinned(program, ['run', '--config', path], { GOMAXPROCS: '1', HOME: folder, XDG_CONFIG_HOME: folder });
  },
};

const types = 'type.googleapis.com/envoy.extensions';

export const envoy: GatewayProduct = {
  name: 'envoy',
  program: process.env['COUNTERSIGN_ENVOY'] ?? findProgram('envoy'),
  start: (wanted, program) => {
    const { certificate, key, root, port, upstreamPort, protocol } = wanted;
    const tls = {
      '@type': `${types}.transport_sockets.tls.v3.DownstreamTlsContext`,
      require_client_certificate: true,
      disable_stateless_session_resumption: true,
      disable_stateful_session_resumption: true,
      common_tls_context: {
        alpn_protocols: [protocol],
        tls_params: { tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
        tls_certificates: [{ certificate_chain: { filename: certificate }, private_key: { filename: key } }],
        validation_context: { trusted_ca: { filename: root } },
      },
    };
    const http = {
      '@type': `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: 'bench',
      forward_client_cert_details: 'SANITIZE_SET',
      set_current_client_cert_details: { uri: true, dns: true },
      route_config: {
        virtual_hosts: [
          { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'one' } }] },
        ],
      },
      http_filters: [
        { name: 'envoy.filters.http.router', typed_config: { '@type': `${types}.filters.http.router.v3.Router` } },
      ],
    };
    const configuration = {
      static_resources: {
        listeners: [
          {
            name: 'bench',
            address: addressOf(port),
            filter_chains: [
              {
                filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: http }],
                transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: tls },
              },
            ],
          },
        ],
        clusters: [
          {
            name: 'one',
            type: 'STATIC',
            load_assignment: {
              cluster_name: 'one',
              endpoints: [{ lb_endpoints: [{ endpoint: { address: addressOf(upstreamPort) } }] }],
            },
          },
        ],
      },
    };
    const path = written(wanted, 'envoy.json', JSON.stringify(configuration));
    return startPinned(program, ['-c', path, '--concurrency', '1', '--use-dynamic-base-id', '-l', 'off']);
  },
};

function addressOf(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}

function written({ folder }: WantedGateway, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
