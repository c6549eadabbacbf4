/** Envoy with one worker. `COUNTERSIGN_ENVOY` names its binary where it is not on PATH. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../frame/server-process.ts';
import { startPinned, type TlsServerProduct, type WantedServer } from './tls-server.ts';

const program = process.env['COUNTERSIGN_ENVOY'] ?? findProgram('envoy');

export const envoy: TlsServerProduct = {
  name: 'envoy',
  // Its BoringSSL has both groups.
  absent: () => (program === undefined ? 'Envoy is not installed' : undefined),
  start: async (wanted) => {
    const path = join(wanted.folder, 'envoy.json');
    writeFileSync(path, JSON.stringify(configuration(wanted)));
    return startPinned(program ?? 'envoy', ['-c', path, '--concurrency', '1', '--use-dynamic-base-id', '-l', 'off']);
  },
};

function configuration({ certificate, key, root, group, port }: WantedServer): object {
  return {
    static_resources: {
      listeners: [
        {
          name: 'bench',
          address: { socket_address: { address: '127.0.0.1', port_value: port } },
          filter_chains: [{ filters: [http], transport_socket: tls({ certificate, key, root, group }) }],
        },
      ],
    },
  };
}

const types = 'type.googleapis.com/envoy.extensions';

const http = {
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: {
    '@type': `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'bench',
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: 'ok' } } }],
        },
      ],
    },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': `${types}.filters.http.router.v3.Router` },
      },
    ],
  },
};

function tls({ certificate, key, root, group }: Pick<WantedServer, 'certificate' | 'key' | 'root' | 'group'>): object {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': `${types}.transport_sockets.tls.v3.DownstreamTlsContext`,
      require_client_certificate: true,
      disable_stateless_session_resumption: true,
      disable_stateful_session_resumption: true,
      common_tls_context: {
        alpn_protocols: ['http/1.1'],
        tls_params: {
          tls_minimum_protocol_version: 'TLSv1_3',
          tls_maximum_protocol_version: 'TLSv1_3',
          ecdh_curves: [group],
        },
        tls_certificates: [{ certificate_chain: { filename: certificate }, private_key: { filename: key } }],
        validation_context: { trusted_ca: { filename: root } },
      },
    },
  };
}
