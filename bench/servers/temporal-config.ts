/** Configuration of the real Temporal server; JSON is YAML, too. */

export interface TemporalPorts {
  frontend: [grpc: number, membership: number];
  history: [grpc: number, membership: number];
  matching: [grpc: number, membership: number];
  worker: [grpc: number, membership: number];
}

/** Each of the four services has pools of its own, and all of them share Postgres's 100 connections with Posthorn. */
const MAX_CONNECTIONS = { default: 10, visibility: 2 };

/** Like Temporal's own development configuration for Postgres, less what listens or archives beside. */
export function serverConfig(databaseUrl: string, ports: TemporalPorts, dynamicConfigFile: string): object {
  const { hostname, port, username, password } = new URL(databaseUrl);
  const datastore = (databaseName: string, maxConns: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `${hostname}:${port}`,
      connectProtocol: 'tcp',
      user: username,
      password,
      maxConns,
      maxIdleConns: maxConns,
      maxConnLifetime: '1h',
    },
  });
  const frontend = `127.0.0.1:${ports.frontend[0]}`;
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: {
        default: datastore('temporal', MAX_CONNECTIONS.default),
        visibility: datastore('temporal_visibility', MAX_CONNECTIONS.visibility),
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(
      Object.entries(ports).map(([name, [grpcPort, membershipPort]]) => [
        name,
        { rpc: { grpcPort, membershipPort, bindOnLocalHost: true } },
      ]),
    ),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: frontend },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    publicClient: { hostPort: frontend },
    dynamicConfigClient: { filepath: dynamicConfigFile, pollInterval: '60s' },
  };
}

/** The default limits protect a shared cluster. Nothing else differs from what an operator gets. */
const RAISED_LIMITS = {
  'frontend.rps': 100_000,
  'frontend.namespaceRPS': 100_000,
  'frontend.namespaceRPS.visibility': 10_000,
  'frontend.namespaceCount': 100_000,
  'history.rps': 100_000,
  'matching.rps': 100_000,
  'frontend.persistenceMaxQPS': 100_000,
  'history.persistenceMaxQPS': 100_000,
  'matching.persistenceMaxQPS': 100_000,
};

export const dynamicConfig = (): object =>
  Object.fromEntries(Object.entries(RAISED_LIMITS).map(([name, value]) => [name, [{ value }]]));
