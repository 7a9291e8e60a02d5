import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access } from '../access/access.js';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import { Problem } from './problem.js';
import { PROBLEM_PATH, PROBLEM_TYPES, type ProblemType } from './problem-types.js';
import { CONSOLE_PATH, hasConsole } from './serve-console.js';

const PLACES = [
  ['/v1/nodes', 'the fleet'],
  ['/docs', 'the REST API, to read and to try'],
  ['/openapi.json', 'the same for programs'],
  ['/asyncapi.json', 'what travels on Kafka, for programs'],
  ['/graphql', 'GraphQL (GET and POST)'],
  ['/v1/metrics/registrations', 'registrations in numbers'],
  ['/v1/dead-letters', 'messages that could not be handled'],
  ['/v1/expiry', 'whether silent nodes expire'],
  ['/v1/audit', 'who had the registry do what'],
  ['/health', 'health of every component, with /health/live and /health/ready'],
  ['/metrics', 'Prometheus'],
  [PROBLEM_PATH, 'what goes wrong, by type'],
] as const;

/** Only where there is no Consul: see {@link ApiOptions.catalog}. */
const CATALOG = ['/consul/v1/catalog/services', 'services, as Consul would list them'] as const;

/** Only where it was built. */
const CONSOLE = [CONSOLE_PATH, 'the console: all of it to look at'] as const;

/** For who comes without knowing where to go. */
@Controller()
@ApiExcludeController()
export class HomeController {
  constructor(@Inject(API_OPTIONS) private readonly options: ApiOptions) {}

  @Get()
  @Access('open')
  @Header('content-type', 'text/html; charset=utf-8')
  home(): string {
    const { catalog, consoleDirectory } = this.options;
    const places = [...(hasConsole(consoleDirectory) ? [CONSOLE] : []), ...PLACES, ...(catalog ? [CATALOG] : [])];
    const items = places.map(([path, what]) => `<li><a href="${path}">${path}</a> ${what}</li>`).join('\n');
    return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Rollcall</title>
<body style="font-family: sans-serif; max-width: 40em; margin: 3em auto">
<h1>Rollcall ${this.options.version}</h1><p>A registry for fleets of nodes.</p>
<ul>
${items}
</ul></body></html>
`;
  }

  @Get('problems')
  @Access('open')
  problems(): unknown {
    return { items: Object.keys(PROBLEM_TYPES).map((type) => described(type as ProblemType)) };
  }

  @Get('problems/:type')
  @Access('open')
  problem(@Param('type') type: string): unknown {
    if (Object.hasOwn(PROBLEM_TYPES, type)) return described(type as ProblemType);
    throw new Problem('route-not-found', `no problem of this type is known; ${PROBLEM_PATH} lists them`);
  }
}

function described(type: ProblemType) {
  return { type: `${PROBLEM_PATH}/${type}`, ...PROBLEM_TYPES[type] };
}
