/** ACL: who a connection is. Users are tenants and the admin, see TENANT; so of Redis's subcommands there is this one. */
import type { CommandDeclaration } from './command.js';

export const aclCommands: readonly CommandDeclaration[] = [
  {
    name: 'ACL',
    summary: 'A container for Access List Control commands.',
    since: '6.0.0',
    group: 'server',
    flags: [],
    subcommands: [
      {
        name: 'WHOAMI',
        summary: 'Returns the name of the user that the connection has authenticated as: a tenant, or default.',
        since: '6.0.0',
        group: 'server',
        complexity: 'O(1)',
        flags: ['noscript', 'loading', 'stale'],
        handler: ({ session }, _request, reply) => {
          reply.bulkText(session.user);
        },
      },
    ],
  },
];
