/**
 * The one error family. `code` is stable and may be matched on; the message says what was expected, what
 * came, and what to do. Native errors arrive as the same class (see `adoptNativeError`).
 */
export class VigilError extends Error {
  override readonly name = 'VigilError';

  constructor(
    /** Stable upper-case identifier, for example `MODEL_HASH_MISMATCH`. */
    readonly code: string,
    message: string,
    /** What the reader can do about it; one sentence. */
    readonly advice = '',
    /** Machine-readable facts that the message was built from. */
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(advice === '' ? message : `${message} ${advice}`, options);
  }
}

/** Uniform wording for a wrong argument: "Expected WHAT for NAME but received VALUE of type TYPE." */
export function invalidArgument(name: string, expected: string, actual: unknown): VigilError {
  const shown = typeof actual === 'string' ? JSON.stringify(actual) : String(actual);
  return new VigilError(
    'INVALID_ARGUMENT',
    `Expected ${expected} for ${name} but received ${shown} of type ${typeof actual}.`,
    '',
    { name, expected },
  );
}

interface NativeErrorShape {
  vigilCode: string;
  message: string;
  vigilAdvice: string;
}

function isNativeError(error: unknown): error is NativeErrorShape {
  return error instanceof Error && typeof (error as Partial<NativeErrorShape>).vigilCode === 'string';
}

/** Turns an error thrown by one of our addons into a `VigilError`; returns anything else unchanged. */
export function adoptNativeError(error: unknown): unknown {
  if (!isNativeError(error)) return error;
  return new VigilError(error.vigilCode, error.message, error.vigilAdvice, {}, { cause: error });
}

/** Runs `call` and rethrows what an addon throws as `VigilError`. */
export function nativeCall<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw adoptNativeError(error);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
