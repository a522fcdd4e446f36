import type { SignalTree } from '../../vehicle/tree.js';
import { loadActions } from '../action/load-actions.js';
import type { ActionTable } from '../action/action.js';
import type { PlanOptions } from '../action/plan.js';
import { loadSafety, type SafetyRule } from '../action/safety.js';
import type { VehicleView } from '../action/vehicle-view.js';
import { loadReplies, type Replies } from '../reply/replies.js';
import { loadArbitration, type Arbitration } from './arbitration.js';
import type { DialogOutput } from './exchange.js';
import type { DialogState } from './state.js';

/** Everything that a dialog is told once. */
export interface DialogConfig {
  readonly tree: SignalTree;
  readonly actions: ActionTable;
  readonly safety: readonly SafetyRule[];
  readonly replies: Replies;
  readonly arbitration: Arbitration;
}

/** The tables of `signals/assistant`. @throws VigilError `ASSISTANT_INVALID`, `UNKNOWN_SIGNAL` */
export function loadDialog(tree: SignalTree, language = 'en'): DialogConfig {
  return {
    tree,
    actions: loadActions(tree),
    safety: loadSafety(tree),
    replies: loadReplies(language),
    arbitration: loadArbitration(),
  };
}

/** One step in the making: the state so far and what was put out. Lives within one call of `stepDialog`. */
export class Turn {
  readonly outputs: DialogOutput[] = [];

  constructor(
    readonly config: DialogConfig,
    public state: DialogState,
    readonly t: number,
  ) {}

  set(change: Partial<DialogState>): void {
    this.state = { ...this.state, ...change };
  }

  put(output: DialogOutput): void {
    this.outputs.push(output);
  }

  number(): number {
    const { next } = this.state;
    this.set({ next: next + 1 });
    return next;
  }

  get view(): VehicleView {
    return { tree: this.config.tree, samples: this.state.samples };
  }

  get planOptions(): PlanOptions {
    const { actions, safety } = this.config;
    const { destinations, replaced } = this.state;
    return { actions, safety, view: this.view, destinations, replaced };
  }
}
