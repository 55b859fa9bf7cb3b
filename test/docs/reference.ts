/** Pages that follow from the code: the command reference from the command table, the exit codes from their table. */
import type { Command } from '../../src/command-table/command.js';
import { commandTable } from '../../src/command-table/index.js';
import { ExitCode } from '../../src/errors.js';

const groupTitles: Readonly<Record<Command['group'], string>> = {
  string: 'Strings',
  bitmap: 'Bits',
  generic: 'Keys',
  connection: 'Connection',
  server: 'Server',
  pubsub: 'Publish and subscribe',
  cluster: 'Cluster',
  transactions: 'Transactions',
  tenant: 'Tenants',
};

/** docs/commands.md */
export function commandReference(): string {
  const sections = Object.entries(groupTitles).map(([group, title]) => {
    const commands = commandTable
      .all()
      .flatMap((command) => (command.subcommands.length > 0 ? command.subcommands : [command]))
      .filter((command) => command.group === group && command.name !== 'HELP');
    return `## ${title}\n\n${commands.map(entry).join('\n')}`;
  });
  return `# Commands\n\nWritten by \`npm run docs\` from the command table. \`help <command>\` in the shell says the same.\n\n${sections.join('\n')}`;
}

function entry(command: Command): string {
  const notes = [
    `since ${command.since}`,
    ...(command.complexity === undefined ? [] : [command.complexity]),
    ...(command.flags.includes('admin') ? ['admin only'] : []),
  ];
  return `- \`${command.syntax}\`\n  ${command.summary} (${notes.join('; ')})\n`;
}

const exitCodeMeanings: Readonly<Record<keyof typeof ExitCode, string>> = {
  ok: 'success',
  serverError: 'the server answered with an error',
  usage: 'unknown flag, bad value, missing argument, or a confirmation that was not given',
  unreachable: 'no such cluster or node, connection refused or lost',
  inUse: 'a port, an address or a cluster name is taken',
  timeout: 'the time limit passed first',
  io: 'files or folders cannot be read or written',
  internal: 'a defect in RedNode itself',
  interrupted: 'ended by Ctrl-C (SIGINT) before it was done',
  terminated: 'ended by SIGTERM before it was done',
};

/** docs/exit-codes.md */
export function exitCodePage(): string {
  const rows = Object.entries(ExitCode).map(
    ([name, code]) => `| ${code} | ${exitCodeMeanings[name as keyof typeof ExitCode]} |`,
  );
  return `# Exit codes

The same with and without \`--json\`. Data goes to standard output, messages and errors to standard error; with \`--json\` an error is one JSON object
there: \`{"error": {"code", "message", "hint", "exitCode"}}\`.

| code | meaning |
|---|---|
${rows.join('\n')}

What goes on until somebody ends it (\`cluster status --watch\`, \`cluster logs --follow\`, \`subscribe\`) is never done: Ctrl-C makes it 130, SIGTERM 143.
\`cluster up\` and \`server\` are told to stop by the same signals, and a stop that is complete is a success: 0. During the start of a cluster they
interrupt it: 130 or 143. With \`cluster up --shell\` SIGTERM takes the shell's cluster away: 143.
`;
}
