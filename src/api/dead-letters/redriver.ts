import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { errorText } from '../../messages/index.js';
import { BUS, LOG, type Bus, type Log } from '../../runtime/index.js';
import { publishRecord, publishRecords } from '../commands/publish.js';
import { Problem } from '../http/problem.js';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import type { Redrive } from '../read/dead-letters-detail.js';
import type { DeadLetterFilter } from '../read/dead-letters-filter.js';
import { DeadLetterReader } from '../read/dead-letters-reader.js';
import { recordOf, recordToRedrive } from './redrive.js';
import { MAX_EXAMINED, planRedrive, summarised, type NotSent, type NotSentWhy } from './redrive-plan.js';

/** Letters a second that a filter sends: what failed once may fail again, and others have work for the lanes, too. */
export const MAX_REDRIVES_PER_SECOND = 500;

/** Who wants a redrive. */
export type Asked = Pick<Redrive, 'requestedFrom'> & { readonly requestId: string };

/** What a redrive by filter did, or would do. */
export type RedriveReport = {
  readonly requestId: string;
  readonly dryRun: boolean;
  readonly matched: number;
  /** More are found than were looked at. */
  readonly moreMatch: boolean;
  readonly sent: { readonly count: number; readonly ids: readonly string[] };
  readonly notSent: readonly NotSent[];
};

type Entry = readonly [id: string, why: NotSentWhy];

/**
 * Sends originals of dead letters again. The publish comes first, the history after it: what is said to have been sent was sent,
 * and a crash in between only leaves it unsaid. Nothing is removed.
 */
@Injectable()
export class Redriver implements OnModuleDestroy {
  private isSending = false;
  private readonly stopping = new AbortController();

  constructor(
    @Inject(DeadLetterReader) private readonly letters: DeadLetterReader,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) private readonly log: Log,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
  ) {}

  /** What is under way ends with the batch in hand. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Throws StateUnavailable, and problems: not found, not redrivable, in quarantine, `log-unavailable`. */
  async one(id: string, { force, ...asked }: Asked & { readonly force: boolean }): Promise<void> {
    const letter = await this.letters.one(id);
    if (letter === null) throw new Problem('dead-letter-not-found', `no dead letter ${id} is known here`);
    const record = recordToRedrive(letter, this.options.topicPrefix);
    if (letter.lineQuarantined && !force) {
      throw new Problem(
        'dead-letter-quarantined',
        `the message of dead letter ${id} was sent again and failed too often. Release it by POST ` +
          `/v1/dead-letters/${id}/release, or send it once by { "force": true }`,
      );
    }
    await publishRecord(this.bus, this.log, record);
    await this.letters.recordRedrives([id], { ...asked, how: 'id', forced: letter.lineQuarantined });
    this.log.info({ deadLetter: id, topic: record.topic, ...asked }, 'dead letter sent again');
  }

  /**
   * One at a time in a process. Throws StateUnavailable, and the problems `redrive-under-way` and, where nothing could be sent at
   * all, `log-unavailable`; what stops it later is told in the report.
   */
  async byFilter(
    filter: DeadLetterFilter,
    { dryRun, limit, ...asked }: Asked & { readonly dryRun: boolean; readonly limit: number },
  ): Promise<RedriveReport> {
    if (dryRun) {
      const { chunks, notSent, ...found } = await this.plan(filter, limit);
      return report({ requestId: asked.requestId, dryRun, ...found }, chunks.flat(), notSent);
    }
    if (this.isSending) {
      throw new Problem(
        'redrive-under-way',
        'Another redrive by filter is being sent here. Try again when it is done.',
      );
    }
    this.isSending = true;
    try {
      const { chunks, notSent, ...found } = await this.plan(filter, limit);
      const { sent, failed } = await this.sendAll(chunks, asked);
      this.log.info({ ...asked, sent: sent.length, matched: found.matched }, 'dead letters sent again by a filter');
      return report({ requestId: asked.requestId, dryRun, ...found }, sent, [...notSent, ...failed]);
    } finally {
      this.isSending = false;
    }
  }

  private async plan(filter: DeadLetterFilter, limit: number) {
    return planRedrive(await this.letters.candidates(filter, MAX_EXAMINED + 1), limit, this.options.topicPrefix);
  }

  private async sendAll(
    chunks: readonly (readonly string[])[],
    asked: Asked,
  ): Promise<{ readonly sent: readonly string[]; readonly failed: readonly Entry[] }> {
    const sent: string[] = [];
    const failed: Entry[] = [];
    const { signal } = this.stopping;
    for (const [index, chunk] of chunks.entries()) {
      const rest = chunks.slice(index + 1).flat();
      try {
        const { gone, published } = await this.send(chunk);
        failed.push(...gone);
        sent.push(...published);
        await this.letters.recordRedrives(published, { ...asked, how: 'filter', forced: false });
      } catch (error) {
        if (sent.length === 0) throw error;
        this.log.warn({ ...asked, error: errorText(error) }, 'a redrive by filter stopped half-way');
        const told = new Set([...sent, ...failed.map(([id]) => id)]);
        failed.push(
          ...all(
            chunk.filter((id) => !told.has(id)),
            'unconfirmed',
          ),
          ...all(rest, 'not_tried'),
        );
        return { sent, failed };
      }
      if (rest.length === 0) break;
      await pause((chunk.length / MAX_REDRIVES_PER_SECOND) * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return { sent, failed: [...failed, ...all(rest, 'not_tried')] };
    }
    return { sent, failed };
  }

  /** Resolves once the log has them. What was deleted since it was found is left out. */
  private async send(chunk: readonly string[]): Promise<{ published: readonly string[]; gone: readonly Entry[] }> {
    const originals = await this.letters.originals(chunk);
    const records = originals.flatMap((letter) => recordOf(letter, this.options.topicPrefix) ?? []);
    await publishRecords(this.bus, this.log, records);
    const published = originals.map(({ id }) => id);
    const there = new Set(published);
    return {
      published,
      gone: all(
        chunk.filter((id) => !there.has(id)),
        'gone',
      ),
    };
  }
}

function all(ids: readonly string[], why: NotSentWhy): readonly Entry[] {
  return ids.map((id) => [id, why]);
}

function report(
  head: Pick<RedriveReport, 'requestId' | 'dryRun' | 'matched' | 'moreMatch'>,
  ids: readonly string[],
  notSent: readonly Entry[],
): RedriveReport {
  return { ...head, sent: { count: ids.length, ids }, notSent: summarised(notSent) };
}
