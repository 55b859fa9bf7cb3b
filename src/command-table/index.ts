/** Every wire command. A family is a file; a command is one declaration in it. */
import { aclCommands } from './acl.js';
import { bitFieldCommands } from './bitfield.js';
import { bitCommands } from './bits.js';
import { clientCommands } from './client.js';
import { clusterCommands } from './cluster.js';
import { configCommands } from './config.js';
import { connectionCommands } from './connection.js';
import { counterCommands } from './counters.js';
import { debugCommands } from './debug.js';
import { expiryCommands } from './expiry.js';
import { introspectionCommands } from './introspection.js';
import { keyCommands } from './keys.js';
import { latencyCommands } from './latency.js';
import { lcsCommands } from './lcs.js';
import { lolwutCommands } from './lolwut.js';
import { objectCommands } from './object.js';
import { memoryCommands } from './memory.js';
import { monitorCommands } from './monitor.js';
import { pubsubCommands } from './pubsub.js';
import { renamingCommands } from './renaming.js';
import { serverCommands } from './server.js';
import { slowlogCommands } from './slowlog.js';
import { stringRangeCommands } from './string-ranges.js';
import { stringCommands } from './strings.js';
import { CommandTable } from './table.js';
import { tenantCommands } from './tenants.js';
import { transactionCommands } from './transactions.js';

export const commandTable = new CommandTable([
  ...stringCommands,
  ...stringRangeCommands,
  ...lcsCommands,
  ...counterCommands,
  ...bitCommands,
  ...bitFieldCommands,
  ...keyCommands,
  ...renamingCommands,
  ...objectCommands,
  ...expiryCommands,
  ...connectionCommands,
  ...clientCommands,
  ...aclCommands,
  ...serverCommands,
  ...configCommands,
  ...slowlogCommands,
  ...latencyCommands,
  ...memoryCommands,
  ...debugCommands,
  ...lolwutCommands,
  ...introspectionCommands,
  ...clusterCommands,
  ...pubsubCommands,
  ...transactionCommands,
  ...monitorCommands,
  ...tenantCommands,
]);
