/** Entry point of a node process; the launcher starts it by path and talks to it over IPC. */
import { pino } from 'pino';
import { ExitCode } from '../errors.js';
import { Node } from './node.js';

const logger = pino(
  { base: null, level: process.env.REDNODE_LOG_LEVEL ?? 'info' },
  pino.destination({ fd: 1, sync: true }),
);

process.title = 'rednode: node';
const node = new Node(logger, (code) => process.exit(code));

// Ctrl-C in the terminal reaches the whole process group: when to stop is the launcher's to say.
process.on('SIGINT', () => undefined);
process.once('SIGTERM', () => {
  node.end();
});
process.on('uncaughtException', (error) => {
  logger.fatal({ err: error }, 'uncaught error');
  process.exit(ExitCode.internal);
});

if (process.send === undefined) {
  process.stderr.write('this program is started by `rednode cluster up`; for one node use `rednode server`\n');
  process.exit(ExitCode.usage);
}
node.run();
