/** `npm run docs`: writes the generated pages, plays the transcripts of the others anew, and copies the files that they show. */
import { readFile, writeFile } from 'node:fs/promises';
import { generated, withFiles, withTranscript } from './documents.js';
import { withIncludedFiles } from './included-files.js';
import { play, transcriptsIn, withTranscripts } from './transcript.js';

for (const { file, content } of generated) await writeFile(file, content());
for (const document of withFiles) await writeFile(document, await withIncludedFiles(await readFile(document, 'utf8')));
for (const document of withTranscript) {
  const markdown = await readFile(document, 'utf8');
  const played: string[] = [];
  for (const transcript of transcriptsIn(markdown)) played.push(await play(transcript));
  await writeFile(document, withTranscripts(markdown, played));
}
