import type { DeadLetterDetail } from '../../api-answers/answers.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import { fields } from '../output/table.js';
import { harmless, harmlessLines } from '../output/text-width.js';

export const getLetter: Run<object> = async ({ registry, screen }, _options, [id = '']) => {
  const letter = await registry.get<DeadLetterDetail>(`/v1/dead-letters/${encodeURIComponent(id)}`);
  const { originalTopic, originalPartition, originalOffset, originalHeaders, redrives, successors } = letter;
  await screen.document(letter, [
    ...fields([
      ['dead letter', letter.id],
      ['cause', letter.cause],
      ['reason', letter.reason],
      ['node', letter.nodeId ?? '-'],
      ['from', `${originalTopic}, partition ${originalPartition}, offset ${originalOffset}`],
      ['when', letter.occurredAt],
      ['key', letter.originalKey ?? '-'],
      ...Object.entries(originalHeaders).map(([name, value]): [string, string] => [
        'header',
        `${name}: ${String(value)}`,
      ]),
      ['try', `${letter.attempt}, of the line ${letter.rootId}`],
      ['quarantine', letter.quarantined ? 'yes' : letter.lineQuarantined ? 'a later letter of its line' : 'no'],
      ...redrives.map(({ redrivenAt, how, forced }): [string, string] => [
        'sent again',
        `${redrivenAt}, by ${how}${forced ? ', forced' : ''}`,
      ]),
      ...successors.map((successor): [string, string] => ['failed again', successor.id]),
    ]),
    '',
    ...originalOf(letter),
  ]);
  return EXIT.ok;
};

function originalOf({ originalText, originalValue, valueTruncated }: DeadLetterDetail): readonly string[] {
  const cut = valueTruncated
    ? ['The value was too long to be kept whole; it cannot be sent again. Its beginning:']
    : [];
  if (originalText !== null) return [...cut, harmlessLines(pretty(originalText))];
  return [...cut, originalValue === null ? 'It had no value.' : `No text, in base64: ${harmless(originalValue)}`];
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export const releaseLetter: Run<object> = async ({ registry, screen }, _options, [id = '']) => {
  const { body } = await registry.ask<{ readonly id: string; readonly released: readonly string[] }>({
    method: 'POST',
    path: `/v1/dead-letters/${encodeURIComponent(id)}/release`,
  });
  const { released } = body;
  await screen.document(body, [
    released.length === 0 ? 'none of its line was in quarantine' : `no longer in quarantine: ${released.join(', ')}`,
  ]);
  return EXIT.ok;
};
