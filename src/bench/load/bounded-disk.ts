import type { Admin } from 'kafkajs';
import { TOPIC_SUFFIXES, TopicNames } from '../../messages/index.js';
import type { Place, Servers } from '../scenario.js';
import { withClient } from './fixture/fleet-fixture.js';
import { asAdmin, kafkaOf, topicEnds, type Offsets } from './kafka.js';

const ROWS_AT_ONCE = 20_000;

/**
 * Keeps a long load from filling the disk: whenever it is asked it removes what was there when it was asked before. So long after they came,
 * records are consumed, and every node of the load has newer entries in the journal.
 */
export class BoundedDisk {
  private ends = new Map<string, Offsets>();
  private lastEntry = '0';

  constructor(
    private readonly servers: Servers,
    private readonly place: Place,
  ) {}

  async tidy(): Promise<void> {
    await asAdmin(kafkaOf(this.servers.brokers), (admin) => this.tidyTopics(admin));
    await this.tidyJournal();
  }

  private async tidyTopics(admin: Admin): Promise<void> {
    const names = new TopicNames(this.place.topicPrefix);
    for (const topic of TOPIC_SUFFIXES.map((suffix) => names.full(suffix))) {
      const ends = await topicEnds(admin, topic); // which also tells kafkajs where the leaders are
      const before = this.ends.get(topic) ?? new Map<number, number>();
      const partitions = [...before].filter(([, offset]) => offset > 0);
      if (partitions.length > 0) {
        const old = partitions.map(([partition, offset]) => ({ partition, offset: String(offset) }));
        await admin.deleteTopicRecords({ topic, partitions: old });
      }
      this.ends.set(topic, ends);
    }
  }

  private async tidyJournal(): Promise<void> {
    await withClient(this.place.databaseUrl, async (client) => {
      for (let removed = ROWS_AT_ONCE; removed === ROWS_AT_ONCE;) {
        const { rowCount } = await client.query(
          'delete from journal where id in (select id from journal where id <= $1 order by id limit $2)',
          [this.lastEntry, ROWS_AT_ONCE],
        );
        removed = rowCount ?? 0;
      }
      const { rows } = await client.query<{ id: string }>('select coalesce(max(id), 0)::text as id from journal');
      this.lastEntry = rows[0]?.id ?? '0';
    });
  }
}
