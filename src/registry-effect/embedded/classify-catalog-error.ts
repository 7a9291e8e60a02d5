import { classifyPostgresError } from '../postgres/classify-postgres-error.js';
import { ERROR_CODES, type ErrorCode } from '../resilience/error-codes.js';

/** Whose fault an error of the driver is, told of the backend `consul`, which the catalog stands in for. */
export function classifyCatalogError(error: unknown): ErrorCode {
  return `CONSUL_${ERROR_CODES[classifyPostgresError(error)].kind}_ERROR`;
}
