/**
 * Code in the documents is that of the files they name: a line that is nothing but a path in backticks, and the fenced
 * block below it.
 */
import { readFile } from 'node:fs/promises';

const INCLUDED = /(?<=^`([\w./-]+)`\n\n```\w+\n)[\s\S]*?(?=^```$)/gm;

/** The document with the files as they are. Rejects when there is no such file. */
export async function withIncludedFiles(markdown: string): Promise<string> {
  const paths = [...markdown.matchAll(INCLUDED)].map((match) => match[1]);
  const files = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  let index = 0;
  return markdown.replace(INCLUDED, () => files[index++]);
}
