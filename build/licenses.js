/** The licences of the packages that are part of the bundle, which ask for their text to go with every copy. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENSE_FILE = /^(?:licen[cs]e|notice|copying)(?:[.-].*)?$/i;

/** @param {{ root: string, inputs: readonly string[], file: string }} options `inputs` are the files that were bundled. */
export async function writeLicenses({ root, inputs, file }) {
  const folders = new Set(inputs.flatMap((input) => PACKAGE_FOLDER.exec(input)?.[0] ?? []));
  const notices = await Promise.all([...folders].map((folder) => noticeOf(path.join(root, folder))));
  const distinct = [...new Set(notices)].sort();
  await writeFile(file, `These packages are part of this program.\n\n${distinct.join('\n')}`);
}

async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((entry) => LICENSE_FILE.test(entry)).sort();
  const texts = await Promise.all(files.map((entry) => readFile(path.join(folder, entry), 'utf8')));
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${texts.map((text) => `${text.trim()}\n`).join('\n')}`;
}
