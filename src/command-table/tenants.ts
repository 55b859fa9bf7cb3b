/** TENANT and its subcommands: the registry of tenants, the same on every node of a cluster. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { optional, string } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext, TenantInfo } from './context.js';

function create({ node, session }: CommandContext, request: Request): void {
  const name = request.text(2);
  session.defer(node.tenants.create(name), (token, late) => {
    late.bulkText(token);
  });
}

function drop({ node, session }: CommandContext, request: Request): void {
  session.defer(node.tenants.drop(request.text(2)), (_dropped, late) => {
    late.ok();
  });
}

function list({ node, session }: CommandContext, _request: Request, reply: ReplyWriter): void {
  const visible = node.tenants.list().filter((tenant) => session.isAdmin || tenant.name === session.tenant);
  reply.array(visible.length);
  for (const tenant of visible) reply.bulkText(tenant.name);
}

const infoFields: readonly (readonly [string, (tenant: TenantInfo) => number])[] = [
  ['database', (tenant) => tenant.database],
  ['keys', (tenant) => tenant.keys],
  ['expires', (tenant) => tenant.expires],
  ['memory-bytes', (tenant) => tenant.memoryBytes],
  ['connections', (tenant) => tenant.connections],
  ['tokens', (tenant) => tenant.tokens],
  ['created-at-ms', (tenant) => tenant.createdAtMs],
];

function info({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const name = request.argc > 2 ? request.text(2) : session.tenant;
  const tenant = session.isAdmin || name === session.tenant ? node.tenants.info(name) : undefined;
  if (tenant === undefined) {
    reply.error(`ERR no such tenant '${name}'`);
    return;
  }
  reply.map(infoFields.length + 1);
  reply.bulkText('name');
  reply.bulkText(tenant.name);
  for (const [field, read] of infoFields) {
    reply.bulkText(field);
    reply.integer(read(tenant));
  }
}

function use({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const refusal = session.useTenant(request.text(2));
  if (refusal === undefined) reply.ok();
  else reply.error(refusal);
}

export const tenantCommands: readonly CommandDeclaration[] = [
  {
    name: 'TENANT',
    summary: 'A container for tenant commands.',
    since: '0.1.0',
    group: 'tenant',
    flags: [],
    subcommands: [
      {
        name: 'CREATE',
        summary: 'Creates a tenant and returns its token, which is shown this once.',
        since: '0.1.0',
        group: 'tenant',
        complexity: 'O(N) where N is the number of nodes',
        flags: ['admin', 'noscript', 'no_multi'],
        arguments: [string('name')],
        handler: create,
      },
      {
        name: 'LIST',
        summary: 'Returns the names of the tenants: all of them for the admin, its own for a tenant.',
        since: '0.1.0',
        group: 'tenant',
        complexity: 'O(N) where N is the number of tenants',
        flags: ['loading', 'stale'],
        handler: list,
      },
      {
        name: 'INFO',
        summary: 'Returns what a tenant holds and uses on this node.',
        since: '0.1.0',
        group: 'tenant',
        complexity: 'O(1)',
        flags: ['loading', 'stale'],
        arguments: [optional(string('name'))],
        handler: info,
      },
      {
        name: 'DROP',
        summary: 'Removes a tenant with all its keys and closes its connections.',
        since: '0.1.0',
        group: 'tenant',
        complexity: 'O(N) where N is the number of nodes; memory is freed in the background',
        flags: ['admin', 'noscript', 'no_multi'],
        arguments: [string('name')],
        destroys: 'removes the tenant with every key it has',
        handler: drop,
      },
      {
        name: 'USE',
        summary: 'Enters a tenant on this connection, which the admin may without its token.',
        since: '0.1.0',
        group: 'tenant',
        complexity: 'O(1)',
        flags: ['loading', 'stale', 'session'],
        arguments: [string('name')],
        handler: use,
      },
    ],
  },
];
