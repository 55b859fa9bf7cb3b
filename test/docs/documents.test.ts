import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { generated, withFiles, withTranscript } from './documents.js';
import { withIncludedFiles } from './included-files.js';
import { normalized, play, transcriptsIn } from './transcript.js';

describe('the documents', () => {
  for (const { file, content } of generated) {
    it(`${file} says what the code says (npm run docs writes it anew)`, async () => {
      assert.equal(await readFile(file, 'utf8'), content());
    });
  }

  for (const document of withFiles) {
    it(`${document} shows the files that it names (npm run docs copies them anew)`, async () => {
      const markdown = await readFile(document, 'utf8');
      const files = markdown.match(/^`examples\/.*`$/gm) ?? [];
      assert.ok(files.length > 0);
      assert.equal(markdown, await withIncludedFiles(markdown));
      assert.doesNotMatch(markdown, /```\w+\n```/);
    });
  }

  for (const document of withTranscript) {
    it(`${document} shows what the program prints (npm run docs plays it anew)`, async () => {
      const transcripts = transcriptsIn(await readFile(document, 'utf8'));
      assert.ok(transcripts.length > 0);
      for (const transcript of transcripts) {
        assert.equal(normalized(await play(transcript)), normalized(transcript));
      }
    }).timeout(120_000);
  }
});
