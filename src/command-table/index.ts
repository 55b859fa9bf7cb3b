/** Every wire command. A family is a file; a command is one declaration in it. */
import { bitFieldCommands } from './bitfield.js';
import { bitCommands } from './bits.js';
import { clientCommands } from './client.js';
import { clusterCommands } from './cluster.js';
import { connectionCommands } from './connection.js';
import { counterCommands } from './counters.js';
import { expiryCommands } from './expiry.js';
import { introspectionCommands } from './introspection.js';
import { keyCommands } from './keys.js';
import { lcsCommands } from './lcs.js';
import { pubsubCommands } from './pubsub.js';
import { serverCommands } from './server.js';
import { stringRangeCommands } from './string-ranges.js';
import { stringCommands } from './strings.js';
import { CommandTable } from './table.js';
import { tenantCommands } from './tenants.js';

export const commandTable = new CommandTable([
  ...stringCommands,
  ...stringRangeCommands,
  ...lcsCommands,
  ...counterCommands,
  ...bitCommands,
  ...bitFieldCommands,
  ...keyCommands,
  ...expiryCommands,
  ...connectionCommands,
  ...clientCommands,
  ...serverCommands,
  ...introspectionCommands,
  ...clusterCommands,
  ...pubsubCommands,
  ...tenantCommands,
]);
