/** `rednode subscribe`: messages of channels as they come, a line each. */
import { ClientCommand } from '../src/cli/client-command.js';
import { parseDurationMs } from '../src/cli/formats.js';
import { boolean, integer, string, stringArgument } from '../src/cli/oclif.js';
import { endEchoedLine, jsonText, onBrokenPipe, writeOut } from '../src/cli/output.js';
import { Following } from '../src/cli/repeat.js';
import { bytesJson } from '../src/cli/reply-json.js';
import { receiveMessages, type ChannelMessage } from '../src/cli/subscription.js';
import { ExitCode } from '../src/errors.js';

export default class Subscribe extends ClientCommand {
  static override summary = 'Print the messages of channels as they come, one a line.';
  static override description =
    'Goes on until Ctrl-C, or as --count and --timeout say. When --timeout passes before --count messages have come, the exit code is 5.';
  static override examples = [
    '<%= config.bin %> subscribe news',
    "<%= config.bin %> subscribe --pattern 'news.*' --count 10 --timeout 60 --json",
  ];
  static override args = {
    channel: stringArgument({
      required: true,
      ignoreStdin: true,
      multiple: true,
      description: 'Channels, or patterns.',
    }),
  };
  static override flags = {
    pattern: boolean({ char: 'p', summary: 'The arguments are glob patterns.' }),
    count: integer({ char: 'n', summary: 'End after this many messages.', min: 1 }),
    timeout: string({ summary: 'End after this time: seconds, or 500ms, 10s, 5m.', helpValue: 'TIME' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Subscribe);
    const timeoutMs = flags.timeout === undefined ? undefined : parseDurationMs(flags.timeout, '--timeout');
    const following = new Following();
    onBrokenPipe(() => {
      following.end();
    });
    await this.withClient(flags, async (client) => {
      const request = { channels: args.channel, isPattern: flags.pattern, count: flags.count, timeoutMs };
      const onReady = (): void => {
        this.note(this.theme.dim(`subscribed to ${args.channel.join(', ')}`));
      };
      for await (const message of receiveMessages(client, request, following.signal, onReady)) {
        await writeOut(`${flags.json ? messageJson(message) : this.messageText(message)}\n`);
      }
    });
    following.release();
    if (following.exitCode === ExitCode.interrupted) endEchoedLine();
    process.exitCode = following.exitCode;
  }

  private messageText({ channel, message }: ChannelMessage): string {
    return `${this.theme.dim(channel.toString('utf8'))} ${message.toString('utf8')}`;
  }
}

function messageJson({ pattern, channel, message }: ChannelMessage): string {
  return jsonText(
    {
      ...(pattern === undefined ? {} : { pattern: bytesJson(pattern) }),
      channel: bytesJson(channel),
      message: bytesJson(message),
    },
    true,
  );
}
