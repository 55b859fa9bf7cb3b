/** The server under test as a process of its own: prints its port, and dies of what is not caught. */
import { startServer } from '../../src/server/server.js';

const MIB = 1024 * 1024;

const server = await startServer({
  port: 0,
  maxMemoryBytes: 128 * MIB,
  // Low enough to be reached.
  maxBulkBytes: 8 * MIB,
  queryBufferBytes: 32 * MIB,
  maxArguments: 100_000,
  authDelayMs: 0,
});
process.stdout.write(`${server.port}\n`);
// The end of the test's process ends this one, however that comes about.
process.stdin.resume().on('end', () => process.exit(0));
