/** The units for systemd: a service that may do little else than serve, and a socket that listens before it. */

export interface UnitFacts {
  /** The command, an absolute path. */
  readonly command: string;
  /** Of systemd on this machine; `notify-reload` came with 253. */
  readonly systemdVersion: number;
  /** HOST:PORT, or a port alone for all addresses. */
  readonly listen: string;
}

/** Each line's reason stands in docs/systemd.md. */
export function serviceUnit({ command, systemdVersion }: UnitFacts): string {
  const reloads = systemdVersion >= 253;
  return `# /etc/systemd/system/countersign.service
[Unit]
Description=Countersign, the authority for mutual TLS
After=network-online.target time-sync.target
Wants=network-online.target

[Service]
Type=${reloads ? 'notify-reload' : 'notify'}
NotifyAccess=main
ExecStart=${command} up --system
${reloads ? '' : 'ExecReload=/bin/kill -HUP $MAINPID\n'}WatchdogSec=30
Restart=on-failure
RestartSec=2
TimeoutStopSec=15

# The passphrase of the authority's keys, where they have one:
#LoadCredential=countersign-passphrase:/etc/countersign/passphrase

DynamicUser=yes
StateDirectory=countersign
StateDirectoryMode=0700
RuntimeDirectory=countersign
RuntimeDirectoryMode=0755
ConfigurationDirectory=countersign
UMask=0077
LimitCORE=0
LimitNOFILE=65536
OOMPolicy=stop

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
KeyringMode=private
RemoveIPC=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @keyring
SystemCallErrorNumber=EPERM
# Not MemoryDenyWriteExecute: V8 compiles JavaScript to machine code while it runs.

[Install]
WantedBy=multi-user.target
`;
}

export function socketUnit({ listen }: UnitFacts): string {
  return `# /etc/systemd/system/countersign.socket
[Unit]
Description=Where Countersign, the authority for mutual TLS, listens

[Socket]
ListenStream=${listen}
FileDescriptorName=https
Accept=no
NoDelay=yes
KeepAlive=yes

[Install]
WantedBy=sockets.target
`;
}
