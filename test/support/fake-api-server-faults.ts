export type FakeVerb = 'get' | 'list' | 'watch';

/** What goes wrong with one request. */
export type FakeFault =
  /** Answers with this status and a Status object. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: number;
      readonly reason?: string;
      readonly message?: string;
    }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** The answer, as of now, is sent when the promise resolves. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** The answer, as of now, is sent that much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Ends the connection without an answer. */
  | { readonly kind: 'cut' }
  /** Ends the connection in the middle of the answer. */
  | { readonly kind: 'cut_body' }
  /** Answers 200 with this body. */
  | { readonly kind: 'body'; readonly body: string };

interface PlannedFault {
  readonly verb: FakeVerb;
  readonly fault: FakeFault;
  times: number;
}

/** Faults that wait for their requests, first planned, first used. */
export class FakeFaults {
  readonly #planned: PlannedFault[] = [];

  /** The next `times` requests of this kind fail so. */
  plan(verb: FakeVerb, fault: FakeFault, times = 1): void {
    this.#planned.push({ verb, fault, times });
  }

  /** From now on requests are answered as they should be. */
  clear(): void {
    this.#planned.length = 0;
  }

  take(verb: FakeVerb): FakeFault | undefined {
    const planned = this.#planned.find(entry => entry.verb === verb && entry.times > 0);
    if (planned === undefined) return undefined;
    planned.times -= 1;
    return planned.fault;
  }
}
