/** TENANT and its subcommands: the registry of tenants, the same on every node of a cluster. */
import { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { block, oneOf, option, optional, string, token } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext, TenantPort } from './context.js';
import { SYNTAX_ERROR } from './replies.js';
import { limitArguments, parseLimits, parseTokenOptions, tokenArguments } from './tenant-options.js';
import { writeInfo, writeInfoAndStats, writeStats, writeTexts, writeToken } from './tenant-replies.js';

function answerOk(_done: unknown, reply: ReplyWriter): void {
  reply.ok();
}

function create({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const parsed = parseLimits(request, 3);
  if ('error' in parsed) {
    reply.error(parsed.error);
    return;
  }
  session.defer(node.tenants.create(request.text(2), parsed.options), (secret, late) => {
    late.bulkText(secret);
  });
}

function limit({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const parsed = parseLimits(request, 3);
  if ('error' in parsed) reply.error(parsed.error);
  else session.defer(node.tenants.limit(request.text(2), parsed.options), answerOk);
}

function rename({ node, session }: CommandContext, request: Request): void {
  session.defer(node.tenants.rename(request.text(2), request.text(3)), answerOk);
}

function flush({ node, session }: CommandContext, request: Request): void {
  session.defer(node.tenants.flush(request.text(2)), answerOk);
}

function drop({ node, session }: CommandContext, request: Request): void {
  session.defer(node.tenants.drop(request.text(2)), answerOk);
}

function list({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const visible = session.isAdmin ? node.tenants.list() : [session.tenant];
  if (request.argc === 2) {
    writeTexts(reply, visible);
    return;
  }
  if (request.argc > 3 || !request.is(2, 'WITHSTATS')) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const rows = new ReplyWriter();
  rows.protocol = session.protocol;
  rows.array(visible.length);
  const written = node.tenants.inSlices(visible, (name) => {
    writeRow(node.tenants, name, rows);
  });
  session.defer(written, (_done, late) => {
    late.raw(rows.view());
  });
}

/** One that is dropped while the list is written leaves a null. */
function writeRow(tenants: TenantPort, name: string, reply: ReplyWriter): void {
  const [info, stats] = [tenants.info(name), tenants.stats(name)];
  if (info !== undefined && stats !== undefined) writeInfoAndStats(reply, info, stats);
  else reply.nullBulk();
}

/** The tenant that argument 2 names, or the session's own; undefined after an error reply, as for one that may not be seen. */
function visibleTenant({ node, session }: CommandContext, request: Request, reply: ReplyWriter): string | undefined {
  const name = request.argc > 2 ? request.text(2) : session.tenant;
  if ((session.isAdmin || name === session.tenant) && node.tenants.info(name) !== undefined) return name;
  reply.error(`ERR no such tenant '${name}'`);
  return undefined;
}

function info(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const name = visibleTenant(context, request, reply);
  const found = name === undefined ? undefined : context.node.tenants.info(name);
  if (found !== undefined) writeInfo(reply, found);
}

function stats(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const name = visibleTenant(context, request, reply);
  const found = name === undefined ? undefined : context.node.tenants.stats(name);
  if (name !== undefined && found !== undefined) writeStats(reply, name, found);
}

function tokens(context: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.is(2, 'ADD')) addToken(context, request, reply);
  else if (request.is(2, 'LIST') && request.argc === 4) listTokens(context, request, reply);
  else if (request.is(2, 'REVOKE') && request.argc === 5) {
    context.session.defer(context.node.tenants.revokeToken(request.text(3), request.text(4)), answerOk);
  } else reply.error(SYNTAX_ERROR);
}

function addToken({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const parsed = parseTokenOptions(request, 4, (rule) => node.tenants.isCommandRule(rule));
  if ('error' in parsed) {
    reply.error(parsed.error);
    return;
  }
  session.defer(node.tenants.addToken(request.text(3), parsed.options), ([id, secret], late) => {
    late.map(2);
    late.bulkText('id');
    late.bulkText(id);
    late.bulkText('token');
    late.bulkText(secret);
  });
}

function listTokens({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  const name = request.text(3);
  const found = node.tenants.tokens(name);
  if (found === undefined) {
    reply.error(`ERR no such tenant '${name}'`);
    return;
  }
  reply.array(found.length);
  for (const one of found) writeToken(reply, one);
}

function use({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const refusal = session.useTenant(request.text(2));
  if (refusal === undefined) reply.ok();
  else reply.error(refusal);
}

const common = { since: '0.1.0', group: 'tenant' } as const;
/** Of what changes the registry, which is answered when every node has it. */
const changing = {
  ...common,
  complexity: 'O(N) where N is the number of nodes',
  flags: ['admin', 'noscript', 'no_multi'],
} as const;
const looking = { ...common, complexity: 'O(1)', flags: ['loading', 'stale'] } as const;

export const tenantCommands: readonly CommandDeclaration[] = [
  {
    ...common,
    name: 'TENANT',
    summary: 'A container for tenant commands.',
    flags: [],
    subcommands: [
      {
        ...changing,
        name: 'CREATE',
        summary: 'Creates a tenant, with limits if any are given, and returns its token, which is shown this once.',
        arguments: [string('name'), ...limitArguments],
        handler: create,
      },
      {
        ...looking,
        name: 'LIST',
        summary: 'Returns the names of the tenants: all of them for the admin, its own for a tenant.',
        complexity: 'O(N) where N is the number of tenants',
        flags: ['loading', 'stale', 'no_multi'],
        arguments: [optional(token('WITHSTATS'))],
        handler: list,
      },
      {
        ...looking,
        name: 'INFO',
        summary: 'Returns what a tenant holds on this node, and its limits.',
        arguments: [optional(string('name'))],
        handler: info,
      },
      {
        ...looking,
        name: 'STATS',
        summary: 'Returns what a tenant has done on this node since it started, and what its limits refused or slowed.',
        arguments: [optional(string('name'))],
        handler: stats,
      },
      {
        ...changing,
        name: 'LIMIT',
        summary: 'Changes the limits that are named; 0, or noeviction for EVICT, lifts one.',
        arguments: [string('name'), ...limitArguments],
        arity: -5,
        handler: limit,
      },
      {
        ...changing,
        name: 'TOKEN',
        summary: 'Adds a token, lists those that there are, or revokes one and closes its connections.',
        arguments: [
          oneOf(
            'action',
            option('ADD', block('add', string('name'), ...tokenArguments)),
            option('LIST', string('name')),
            option('REVOKE', block('revoke', string('name'), string('id'))),
          ),
        ],
        handler: tokens,
      },
      {
        ...changing,
        name: 'RENAME',
        summary: 'Gives a tenant another name; its keys, tokens and connections stay.',
        arguments: [string('name'), string('newname')],
        handler: rename,
      },
      {
        ...changing,
        name: 'FLUSH',
        summary: 'Removes every key of a tenant on all nodes.',
        arguments: [string('name')],
        destroys: 'removes every key of the tenant',
        handler: flush,
      },
      {
        ...changing,
        name: 'DROP',
        summary: 'Removes a tenant with all its keys and closes its connections.',
        complexity: 'O(N) where N is the number of nodes; memory is freed in the background',
        arguments: [string('name')],
        destroys: 'removes the tenant with every key it has',
        handler: drop,
      },
      {
        ...looking,
        name: 'USE',
        summary: 'Enters a tenant on this connection, which the admin may without its token.',
        flags: ['loading', 'stale', 'session'],
        arguments: [string('name')],
        handler: use,
      },
    ],
  },
];
