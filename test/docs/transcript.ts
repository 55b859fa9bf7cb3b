/**
 * Transcripts in the documents are real: a fenced block marked `console` is played in a terminal (80 columns, no escape
 * sequences), and what comes out is what the document must say. A line that begins with a prompt is what a person types.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const COLUMNS = 80;
const ROWS = 50;
const ANSWER_TIMEOUT_MS = 60_000;
/** bash's prompt, or the shell's: `default/acme> `. */
const PROMPT = /(?:^|\n)(\$ |[\w.-]+\/[\w.-]+> )$/;
const TYPED = /^(?:\$ |[\w.-]+\/[\w.-]+> )(.*)$/;
const BLOCK = /```console\n([\s\S]*?)```/g;

/** The text of every `console` block of a Markdown document. */
export function transcriptsIn(markdown: string): string[] {
  return [...markdown.matchAll(BLOCK)].map((match) => match[1]);
}

/** The document with its `console` blocks, in order, replaced. */
export function withTranscripts(markdown: string, transcripts: readonly string[]): string {
  let index = 0;
  return markdown.replace(BLOCK, () => `\`\`\`console\n${transcripts[index++]}\`\`\``);
}

/** What differs from run to run is made the same: times, process ids, tokens, spacing. */
export function normalized(transcript: string): string {
  return (
    transcript
      // The shell tells how long a command took when that was noticeable.
      .replace(/^\(\d+(\.\d+)? m?s\)\n/gm, '')
      // Said when the default ports are taken by another cluster of the same machine.
      .replace(/^ *! ports? .*\n/gm, '')
      .replace(/rn_(\w+?)_[\w-]{32}/g, 'rn_$1_TOKEN')
      .replace(/\b\d+(\.\d+)? (ms|s)\b/g, 'N ms')
      // What a replica lags a moment after a write is up to the moment.
      .replace(/\b\d+ bytes behind/g, 'N bytes behind')
      .replace(/\bpid \d+/g, 'pid N')
      .replace(/\b7[3-9]\d\d(-7[3-9]\d\d)?\b/g, 'PORT')
      .replace(/\b\d+(\.\d+)? [kKM]?i?B\b/g, 'N bytes')
      .replace(/\b\d{2}:\d{2}:\d{2}\b/g, 'hh:mm:ss')
      .replace(/[─-]{3,}/g, '---')
      .replace(/[ \t]+/g, ' ')
      .replace(/ $/gm, '')
  );
}

/** Plays what is typed in a transcript, and returns the transcript that results. Needs the program to be built. */
export async function play(transcript: string): Promise<string> {
  await using folder = await temporaryFolder('transcript');
  const terminal = await Terminal.open(folder.path);
  try {
    for (const line of transcript.split('\n')) {
      const typed = TYPED.exec(line);
      if (typed !== null) await terminal.type(typed[1]);
    }
    return terminal.transcript();
  } finally {
    await terminal.type('rednode cluster down --all --yes >/dev/null 2>&1');
    terminal.close();
  }
}

/** A bash in a pseudo-terminal, in which `rednode` is this checkout's and its state a folder of its own. */
class Terminal {
  private output = '';

  private constructor(private readonly pty: { write(data: string): void; kill(): void }) {}

  static async open(folder: string): Promise<Terminal> {
    const { spawn } = await import('@lydell/node-pty');
    const bin = path.join(folder, 'bin');
    await mkdir(bin);
    const program = path.resolve('bin/run.js');
    await writeFile(path.join(bin, 'rednode'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    await chmod(path.join(bin, 'rednode'), 0o755);
    const pty = spawn('bash', ['--norc', '--noprofile'], {
      name: 'dumb',
      cols: COLUMNS,
      rows: ROWS,
      cwd: folder,
      env: {
        HOME: folder,
        PATH: `${bin}:${process.env.PATH ?? ''}`,
        PS1: '$ ',
        TERM: 'dumb',
        LANG: 'C.UTF-8',
        REDNODE_HOME: path.join(folder, 'state'),
      },
    });
    const terminal = new Terminal(pty);
    pty.onData((data) => {
      terminal.output += data.replaceAll('\r', '');
    });
    await terminal.untilPrompt(0);
    return terminal;
  }

  async type(line: string): Promise<void> {
    const before = this.output.length;
    this.pty.write(`${line}\r`);
    await this.untilPrompt(before + line.length);
  }

  private async untilPrompt(from: number): Promise<void> {
    await eventually(() => this.output.length > from && PROMPT.test(this.output), { timeoutMs: ANSWER_TIMEOUT_MS });
  }

  /** Everything on the screen but the last prompt. */
  transcript(): string {
    return this.output.replace(PROMPT, '\n').replace(/[ \t]+$/gm, '');
  }

  close(): void {
    this.pty.kill();
  }
}
