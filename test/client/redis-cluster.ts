/** Three masters of the real redis-server, put together by redis-cli: what the client has to get along with. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { RawConnection } from '../support/raw-connection.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const MASTER_COUNT = 3;
const CREATE_TIMEOUT_MS = 30_000;

export interface RedisCluster {
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Resolves when every node serves every slot. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    for (let i = 0; i < MASTER_COUNT; i++) {
      // The default bus port, 10000 higher, may lie beyond the last port.
      const busPort = String(await freePort());
      servers.push(await startRedis(['--cluster-enabled', 'yes', '--cluster-port', busPort]));
    }
    const addresses = servers.map(({ host, port }) => `${host}:${port}`);
    await promisify(execFile)('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], {
      timeout: CREATE_TIMEOUT_MS,
    });
    await eventually(() => Promise.all(servers.map(assertServes)).then(() => true), { timeoutMs: CREATE_TIMEOUT_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, stop };
}

async function assertServes({ port }: RedisServer): Promise<void> {
  await using connection = await RawConnection.open(port);
  connection.send('CLUSTER INFO\r\n');
  const info = (await connection.reply()).toString();
  if (!info.includes('cluster_state:ok') || !info.includes(`cluster_size:${MASTER_COUNT}`)) throw new Error(info);
}
