import { Argument, Option, type Command } from 'commander';
import { examples, paragraphs, wholeNumber, type Begin, type Run } from '../command.js';
import type { ImportOptions } from '../import/import-options.js';
import { NODE_TYPES } from '../registry/words.js';

const ABOUT = `register what another registry knows, from a file of its JSON:

  eureka  GET /eureka/apps, with Accept: application/json
  nacos   GET /nacos/v1/ns/instance/list?serviceName=…, or the catalog's lists; those of v2 and v3, too
  consul  GET /v1/health/service/NAME, /v1/catalog/service/NAME, /v1/agent/services, or what "consul snapshot decode" prints

Several answers can stand in one file, a line each. It is safe to import a file again: what is there already is answered at once.`;

/** `rollcall import`: from other registries. */
export function importCommand(parent: Command, begin: Begin): void {
  const command = parent
    .command('import')
    .summary('register what Eureka, Nacos or Consul knows, from a file')
    .description(paragraphs(ABOUT))
    .addArgument(new Argument('<source>', 'which registry').choices(['eureka', 'nacos', 'consul']))
    .argument('<file>', 'what it answered; - for standard input')
    .option('--dry-run', 'only tell what would be registered, and what does not fit')
    .addOption(
      new Option('--type <type>', 'kind of the nodes that do not say it themselves, by node_type in their metadata')
        .choices(NODE_TYPES)
        .default('effect'),
    )
    .addOption(
      new Option('--acknowledgement <how>', 'whether each node has to say that it is ready')
        .choices(['required', 'waived'])
        .default('waived'),
    )
    .addOption(
      new Option('--liveness <how>', 'whether they owe heartbeats').choices(['heartbeat', 'none']).default('none'),
    )
    .option('--all', 'also instances that are down, or not handed out')
    .option('--concurrency <n>', 'requests at once', wholeNumber(1, 64), 8)
    .option('--wait <seconds>', 'how long to wait for the outcome of each', wholeNumber(0, 30), 30);
  examples(command.action(begin(importFile)), [
    ['rollcall import eureka apps.json --dry-run', 'looks what would come of it'],
    ['rollcall import consul snapshot.json --all', 'also what is critical'],
  ]);
}

/** Loaded when it is wanted: the schemas, by which it judges what fits, take longer to load than most commands to run. */
const importFile: Run<ImportOptions> = async (session, options, args) =>
  (await import('../import/import-file.js')).importFile(session, options, args);
