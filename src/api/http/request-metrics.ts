import { Histogram, type Registry } from 'prom-client';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** What a request is counted by: closed sets all three, whatever clients send. */
export type RequestLabels = {
  /** One that the api knows, or `other`. */
  readonly method: string;
  /** The route with its parameters by name, or `none` where no route fits. */
  readonly route: string;
  /** `2xx` to `5xx`. */
  readonly status: string;
};

export function requestLabels(method: string, route: string | undefined, status: number): RequestLabels {
  return {
    method: METHODS.includes(method) ? method : 'other',
    route: route ?? 'none',
    status: `${Math.trunc(status / 100)}xx`,
  };
}

/** How long answers of the api take; their number is the histogram's own count. */
export class RequestMetrics {
  private readonly seconds: Histogram<keyof RequestLabels>;

  constructor(registry: Registry) {
    this.seconds = new Histogram({
      name: 'rollcall_http_request_duration_seconds',
      help: 'Time to answer a request of the api, by method, route and class of status; streams of events are left out',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
  }

  answered(labels: RequestLabels, seconds: number): void {
    this.seconds.observe(labels, seconds);
  }
}
