import { messageOf, VigilError } from '../../runtime/errors.js';

/** An error on its way between threads, where it would lose its class. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

export function toFailure(error: unknown): Failure {
  if (error instanceof VigilError) return { code: error.code, message: error.message };
  return {
    code: 'INTERNAL',
    message: error instanceof Error ? (error.stack ?? error.message) : messageOf(error),
  };
}

export function fromFailure({ code, message }: Failure): VigilError {
  return new VigilError(code, message);
}
