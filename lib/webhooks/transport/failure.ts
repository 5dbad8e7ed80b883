/** Why an endpoint gave no answer. Coarse on purpose: what it tells about a network is what a person needs to mend the address. */
export type FailureKind = 'not_allowed' | 'no_connection' | 'not_secure' | 'too_slow' | 'broken_off';

export class CallFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    cause?: unknown,
  ) {
    super(kind, { cause });
  }
}

export function failed(kind: FailureKind, cause?: unknown): CallFailure {
  return new CallFailure(kind, cause);
}

const words: Record<FailureKind, string> = {
  not_allowed: 'The host was not found, or leads to an address that Studio does not call because it is not public.',
  no_connection: 'No connection could be made to the endpoint.',
  not_secure: 'No secure connection could be made: the certificate is expired, is for another host, or comes from an authority that is not known.',
  too_slow: 'The endpoint did not answer within 15 seconds.',
  broken_off: 'The connection ended before there was an answer.',
};

export function failureInWords(kind: FailureKind): string {
  return words[kind];
}

/** What a person is told of an answer that is no success. */
export function statusInWords(status: number): string {
  if (status === 410) return 'The endpoint answered 410: it is gone for good.';
  if (status >= 300 && status < 400) return `The endpoint answered ${status}. Studio follows no redirects: register the address that it leads to.`;
  return `The endpoint answered ${status}. Answer 2xx to take an event.`;
}
