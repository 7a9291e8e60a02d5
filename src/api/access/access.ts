import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiResponse, ApiSecurity } from '@nestjs/swagger';
import type { AuditAction } from '../audit/actions.js';
import { reference } from '../rest/openapi-decorators.js';
import type { Role } from './caller.js';

/** Who may use an operation. Every route has to declare it: the start fails, naming the route, where one does not. */
export type Access = {
  /** `open`: everybody, without credentials. `anyone`: whoever has valid ones, a node included. Else the role that it takes at least. */
  readonly least: 'open' | 'anyone' | Role;
  /** A node may use it, too, for the node that `:nodeId` in the path names. */
  readonly node?: 'own';
  /** What it is in the audit; what changes something has to have it, but for the gateway. */
  readonly audit?: AuditAction;
  /** Its answer may go on for ever: it ends with the caller's credentials. */
  readonly stream?: true;
  /** Probes ask it, and are never told to come back later. */
  readonly unlimited?: true;
  /** Consul's clients say who they are by a header of their own. */
  readonly consulToken?: true;
  /** Over a WebSocket the caller says who it is in its first message, as a browser cannot set headers: see `authenticateInit`. */
  readonly laterOverWebSocket?: true;
  /** Open where METRICS_PUBLIC says so. */
  readonly openIf?: 'metricsPublic';
};

/** Scheme of the OpenAPI document; its scopes are roles. */
export const BEARER = 'bearer';

/** Declares who may use an operation, to the hook that enforces it and to OpenAPI. */
export function Access(least: Access['least'], more: Omit<Access, 'least'> = {}): MethodDecorator {
  const access: Access = { least, ...more };
  return applyDecorators(RouteConfig({ access }), ...described(access));
}

function described({ least, node }: Access): readonly MethodDecorator[] {
  if (least === 'open') return [];
  return [
    ApiSecurity(BEARER, least === 'anyone' ? [] : [least]),
    ...(node === 'own' ? [ApiSecurity(BEARER, ['node'])] : []),
    ...[401, 403, 429].map((status) =>
      ApiResponse({
        status,
        description: 'A problem document',
        content: { 'application/problem+json': { schema: reference('Problem') } },
      }),
    ),
  ];
}
