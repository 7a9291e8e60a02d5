import { Inject, Injectable } from '@nestjs/common';
import { STATE_DATABASE, type Database } from '../../runtime/index.js';
import { INSTANCE_COLUMNS, instanceOf, type Instance, type InstanceRow } from './catalog-row.js';
import { rowsOf, StateUnavailable, type Statement } from './query.js';
import { Slots } from './slots.js';

/** What was read, and the index of the catalog at that very moment: every write raises it. */
export type Indexed<T> = { readonly index: number; readonly value: T };

export type InstanceFilter = {
  /** Name of the service, in lower case. */
  readonly service: string;
  /** In lower case; an instance has to have all of them. */
  readonly tags: readonly string[];
  readonly passing: boolean;
};

export type CatalogNode = {
  readonly node: string;
  readonly address: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly createIndex: number;
};

/** Lists under way at once; each may be as long as the fleet. */
const MAX_LISTS = 2;

/** The embedded catalog, as the effect keeps it in the state database. Every method throws StateUnavailable. */
@Injectable()
export class CatalogReader {
  private readonly lists = new Slots(MAX_LISTS);

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {}

  async index(): Promise<number> {
    const [row] = await this.rows<{ value: string }>({
      name: 'catalog-index',
      text: 'select value from catalog_index',
      values: [],
    });
    return Number(row?.value ?? 1);
  }

  /** Tags of every service, by its name. */
  services(): Promise<Indexed<ReadonlyMap<string, readonly string[]>>> {
    return this.lists.run(async () => {
      const { index, value } = await this.indexed<{ readonly service_name: string; readonly tags: readonly string[] }>(
        `select service_name, jsonb_agg(distinct tag collate "C" order by tag collate "C") as tags
         from catalog_services, jsonb_array_elements_text(tags) as tag
         where present group by service_name order by service_name collate "C"`,
        [],
      );
      return { index, value: new Map(value.map((row) => [row.service_name, row.tags])) };
    });
  }

  /** In the order of Consul: by node, then by the id of the service. */
  instances({ service, tags, passing }: InstanceFilter): Promise<Indexed<readonly Instance[]>> {
    return this.lists.run(async () => {
      const { index, value } = await this.indexed<InstanceRow>(
        `select ${INSTANCE_COLUMNS} from catalog_services join catalog_nodes using (node)
         where present and service_name = $1 and folded_tags @> $2::jsonb and (check_status = 'passing' or not $3)
         order by lower(node) collate "C", lower(service_id) collate "C"`,
        [service, JSON.stringify(tags), passing],
      );
      return { index, value: value.map(instanceOf) };
    });
  }

  nodes(): Promise<Indexed<readonly CatalogNode[]>> {
    return this.lists.run(() =>
      this.indexed<CatalogNode>(
        `select node, address, meta, create_index as "createIndex" from catalog_nodes order by lower(node) collate "C"`,
        [],
      ),
    );
  }

  /** One statement, so that rows and index are of one moment. */
  private async indexed<R>(select: string, values: readonly unknown[]): Promise<Indexed<readonly R[]>> {
    const rows = await this.rows<{ value: string; found: R | null }>({
      text: `
        select catalog_index.value, to_jsonb(found) as found
        from catalog_index left join lateral (${select}) as found on true`,
      values,
    });
    return { index: Number(rows[0]?.value ?? 1), value: rows.flatMap(({ found }) => (found === null ? [] : [found])) };
  }

  private async rows<R extends object>(statement: Statement): Promise<readonly R[]> {
    try {
      return await rowsOf<R>(this.database, statement);
    } catch (error) {
      // The state database is ready a moment before the tables of the catalog are.
      if (error instanceof Error && 'code' in error && error.code === '42P01') {
        throw new StateUnavailable('the catalog is not there yet', { cause: error });
      }
      throw error;
    }
  }
}
