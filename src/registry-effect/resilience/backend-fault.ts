import { errorText } from '../../messages/index.js';
import { ERROR_CODES, type UnavailableCode } from './error-codes.js';

/** Thrown inside an attempt: the backend did not serve, whatever we asked of it. The message is redacted. */
export class BackendFault extends Error {
  override readonly name = 'BackendFault';

  constructor(
    readonly code: UnavailableCode,
    cause: unknown,
  ) {
    super(errorText(cause));
  }

  get retried(): boolean {
    return ERROR_CODES[this.code].retried;
  }
}
