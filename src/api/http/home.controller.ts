import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import { Problem } from './problem.js';
import { PROBLEM_PATH, PROBLEM_TYPES, type ProblemType } from './problem-types.js';

const PLACES = [
  ['/v1/nodes', 'the fleet'],
  ['/docs', 'the REST API, to read and to try'],
  ['/openapi.json', 'the same for programs'],
  ['/graphql', 'GraphQL (GET and POST)'],
  ['/v1/metrics/registrations', 'registrations in numbers'],
  ['/v1/dead-letters', 'messages that could not be handled'],
  ['/v1/expiry', 'whether silent nodes expire'],
  ['/health', 'health of every component, with /health/live and /health/ready'],
  ['/metrics', 'Prometheus'],
  [PROBLEM_PATH, 'what goes wrong, by type'],
] as const;

/** Only where there is no Consul: see {@link ApiOptions.catalog}. */
const CATALOG = ['/consul/v1/catalog/services', 'services, as Consul would list them'] as const;

/** For who comes without knowing where to go. */
@Controller()
@ApiExcludeController()
export class HomeController {
  constructor(@Inject(API_OPTIONS) private readonly options: ApiOptions) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  home(): string {
    const places = this.options.catalog ? [...PLACES, CATALOG] : PLACES;
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
  problems(): unknown {
    return { items: Object.keys(PROBLEM_TYPES).map((type) => described(type as ProblemType)) };
  }

  @Get('problems/:type')
  problem(@Param('type') type: string): unknown {
    if (Object.hasOwn(PROBLEM_TYPES, type)) return described(type as ProblemType);
    throw new Problem('route-not-found', `no problem of this type is known; ${PROBLEM_PATH} lists them`);
  }
}

function described(type: ProblemType) {
  return { type: `${PROBLEM_PATH}/${type}`, ...PROBLEM_TYPES[type] };
}
