/** Runs the shell over a fake client in the terminal that it is started in (terminal.test.ts). Arguments: the history file. */
import { runShell } from '../../src/shell/shell.js';
import { FakeClient, from } from './fake-client.js';

const client = new FakeClient();
let notice: (message: string) => void = () => undefined;
/** `notice` has the client report something while the next line is being typed. */
client.answers.set('NOTICE', () => {
  setTimeout(() => {
    notice('n2 was lost');
  }, 100);
  return from({ type: 'simple', value: 'soon' }, 'n1');
});
/** `hang` is never answered. */
client.answers.set('HANG', () => new Promise(() => undefined));
/** `slow` takes a moment, in which more can be typed. */
client.answers.set(
  'SLOW',
  (words) =>
    new Promise((resolve) => {
      setTimeout(resolve, 100, { ...from({ type: 'simple', value: `slow ${words[1]}` }, 'n1'), elapsedMs: 100 });
    }),
);

process.exitCode = await runShell({
  connect: (onNotice) => {
    notice = onNotice;
    return Promise.resolve(client);
  },
  input: process.stdin,
  output: process.stdout,
  error: process.stderr,
  isTty: true,
  colour: process.env.NO_COLOR === undefined,
  historyFile: process.argv[2],
  clusterName: 'default',
  tenant: 'acme',
});
