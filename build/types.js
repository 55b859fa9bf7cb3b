/**
 * The type declarations of the library: those of src/library/index.ts and of what they refer to, and of nothing else. Each
 * file is transpiled by itself, so that the build does not wait for the whole program to be type-checked.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';

const RELATIVE_IMPORT = /from '(\.[^']*)\.js'/g;

/** @param {{ root: string, entry: string, outputFolder: string }} options `entry` is relative to src/. */
export async function writeTypes({ root, entry, outputFolder }) {
  const waiting = [entry];
  const seen = new Set(waiting);
  for (const name of waiting) {
    const source = path.join(root, 'src', `${name}.ts`);
    const declaration = declarationOf(await readFile(source, 'utf8'), source);
    const output = path.join(outputFolder, `${name}.d.ts`);
    await mkdir(path.dirname(output), { recursive: true });
    await writeFile(output, declaration);
    for (const [, specifier] of declaration.matchAll(RELATIVE_IMPORT)) {
      const imported = path.join(path.dirname(name), specifier);
      if (!seen.has(imported)) waiting.push(imported);
      seen.add(imported);
    }
  }
}

function declarationOf(text, fileName) {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(text, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, strict: true },
  });
  if (diagnostics.length === 0) return outputText;
  const host = { getCurrentDirectory: () => '', getCanonicalFileName: (name) => name, getNewLine: () => '\n' };
  throw new Error(`${fileName}: no declarations can be made\n${ts.formatDiagnostics(diagnostics, host)}`);
}
