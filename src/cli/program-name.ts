/** How a person starts this program: what banners and hints tell to type must work as it stands. */

type Environment = Readonly<Record<string, string | undefined>>;

/** `rednode`, or `npx rednode` where npx started it: then nothing of that name is on the PATH. */
export function programName(env: Environment = process.env): string {
  return env.npm_command === 'exec' ? 'npx rednode' : 'rednode';
}

/** A hint as it has to be typed when the program is started so. Commands in hints begin with `rednode`. */
export function hintAsTyped(hint: string, program: string): string {
  return hint.replace(/(?<![\w./-]|npx )rednode (?=[a-z-])/g, `${program} `);
}
