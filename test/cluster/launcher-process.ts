/** A launcher in a process of its own, to be killed: prints the pids of its nodes when it is ready, then stays. */
import { startCluster } from '../../src/cluster/launcher.js';
import type { ClusterOptions } from '../../src/cluster/types.js';

const [options, nodeEntry] = process.argv.slice(2);
const launcher = await startCluster(JSON.parse(options) as ClusterOptions, () => undefined, nodeEntry);
process.stdout.write(`${JSON.stringify(launcher.status().nodes.map((node) => node.pid))}\n`);
await launcher.stopped;
