/** Text broken between words: left alone, a terminal breaks it wherever the line is full. */
import { displayWidth } from './display-width.js';

/** Lines of at most `columns`; a word that is wider has a line of its own. Line ends in the text stay, and so does its colour. */
export function wrapWords(text: string, columns: number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, columns));
}

/** `text` behind `head`, its further lines beginning where the first does. */
export function hangingIndent(head: string, text: string, columns: number): string {
  const start = displayWidth(head);
  return head + wrapWords(text, columns - start).join(`\n${' '.repeat(start)}`);
}

function wrapParagraph(paragraph: string, columns: number): string[] {
  if (displayWidth(paragraph) <= columns) return [paragraph];
  const [first, ...words] = paragraph.split(' ');
  const lines = [first];
  let width = displayWidth(first);
  for (const word of words) {
    const wordWidth = displayWidth(word);
    if (width + 1 + wordWidth > columns) {
      lines.push(word);
      width = wordWidth;
    } else {
      lines[lines.length - 1] += ` ${word}`;
      width += 1 + wordWidth;
    }
  }
  return lines;
}
