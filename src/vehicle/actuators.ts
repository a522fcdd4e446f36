import { messageOf, VigilError } from '../runtime/errors.js';
import { requireSignal } from './tree.js';
import type { SignalTree } from './tree.js';
import { requireValue } from './value.js';
import type { SignalValue } from './value.js';

/** What somebody wants an actuator to do. */
export interface ActuationRequest {
  readonly path: string;
  readonly value: SignalValue;
  /** Drive clock, ms. */
  readonly t: number;
  /** Who asks, for logs and refusals. */
  readonly requester: string;
}

/** Carries a request out, or throws to refuse it. Returning means "accepted", not "done": see the read-back. */
export type Actuate = (request: ActuationRequest) => void;

export interface ActuatorClaim {
  /** Gives the actuator up; later requests find it unavailable. */
  release(): void;
}

interface Owner {
  readonly name: string;
  readonly actuate: Actuate;
}

/**
 * Who may be asked to move what. One owner per actuator. A request never changes the actuator's value in the
 * store: that is written by whoever measures it (often the owner, through its own source), so that a reader
 * sees what is, not what was wished.
 */
export class Actuators {
  private readonly owners = new Map<string, Owner>();
  private readonly accepted = new Map<string, ActuationRequest>();

  constructor(private readonly tree: SignalTree) {}

  /** @throws VigilError `UNKNOWN_SIGNAL`, `NOT_AN_ACTUATOR`, `ACTUATOR_ALREADY_OWNED`. */
  claim(path: string, name: string, actuate: Actuate): ActuatorClaim {
    this.requireActuator(path);
    const present = this.owners.get(path);
    if (present !== undefined) {
      throw new VigilError(
        'ACTUATOR_ALREADY_OWNED',
        `Expected ${path} to be free for ${name} but it is owned by ${present.name}.`,
        'Release it there first; an actuator has one owner.',
        { path, owner: present.name },
      );
    }
    const owner: Owner = { name, actuate };
    this.owners.set(path, owner);
    return {
      release: () => {
        if (this.owners.get(path) !== owner) return;
        this.owners.delete(path);
        this.accepted.delete(path);
      },
    };
  }

  ownerOf(path: string): string | undefined {
    return this.owners.get(path)?.name;
  }

  /** The actuators that somebody owns. */
  owned(): string[] {
    return [...this.owners.keys()];
  }

  /** The last accepted request, while the owner that accepted it still owns the actuator. */
  targetOf(path: string): ActuationRequest | undefined {
    return this.accepted.get(path);
  }

  /**
   * Passes requests to their owners. All are checked before any is passed on; an owner may still refuse.
   * @throws VigilError `UNKNOWN_SIGNAL`, `NOT_AN_ACTUATOR`, `INVALID_VALUE`, `ACTUATOR_UNAVAILABLE` (no owner)
   *   or `ACTUATOR_REFUSED` (with the owner's error as cause; requests before it in the list were passed on).
   */
  request(requests: readonly ActuationRequest[]): void {
    const owners = requests.map(({ path, value }) => {
      requireValue(this.requireActuator(path), value);
      return this.requireOwner(path);
    });
    requests.forEach((request, i) => this.pass(request, owners[i]));
  }

  private pass(request: ActuationRequest, owner: Owner): void {
    const { path } = request;
    try {
      owner.actuate(request);
    } catch (error) {
      throw new VigilError(
        'ACTUATOR_REFUSED',
        `Expected ${owner.name} to accept ${JSON.stringify(request.value)} for ${path} but it refused: ${messageOf(error)}`,
        '',
        { path, owner: owner.name },
        { cause: error },
      );
    }
    this.accepted.set(path, request);
  }

  private requireActuator(path: string): ReturnType<typeof requireSignal> {
    const signal = requireSignal(this.tree, path);
    if (signal.kind === 'actuator') return signal;
    throw new VigilError(
      'NOT_AN_ACTUATOR',
      `Expected an actuator but ${path} is of kind ${signal.kind}.`,
      '',
      { path },
    );
  }

  private requireOwner(path: string): Owner {
    const owner = this.owners.get(path);
    if (owner !== undefined) return owner;
    throw new VigilError(
      'ACTUATOR_UNAVAILABLE',
      `Expected an owner for the actuator ${path} but nobody provides it.`,
      'Start the component that drives it.',
      { path },
    );
  }
}
