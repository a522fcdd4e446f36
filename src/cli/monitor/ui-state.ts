/** In what order rows stand. */
export const sortOrders = ['id', 'name', 'rate', 'count', 'change'] as const;
export type SortOrder = (typeof sortOrders)[number];

/** Everything a key press can change. */
export interface UiState {
  readonly paused: boolean;
  readonly sort: SortOrder;
  /** Regular expression, case-insensitive, over identifier, message and signal names; empty shows everything. */
  readonly filter: string;
  /** The expression being typed; undefined when none is. */
  readonly typing: string | undefined;
  /** Payload bits on a line of their own. */
  readonly bits: boolean;
  /** Decoded signals below their row. */
  readonly signals: boolean;
  /** Rows scrolled past. */
  readonly top: number;
}

export const initialUi: UiState = {
  paused: false,
  sort: 'id',
  filter: '',
  typing: undefined,
  bits: false,
  signals: true,
  top: 0,
};

/** What a key press asks for besides a new state. */
export type UiAction = 'quit' | 'reset' | undefined;

/** What `/` typed so far, or what is in force. */
export function activeFilter({ typing, filter }: UiState): string {
  return typing ?? filter;
}

/** The expression; undefined when it is not a valid one. */
export function compileFilter(text: string): RegExp | undefined {
  try {
    return new RegExp(text, 'iu');
  } catch {
    return undefined;
  }
}

export interface KeyContext {
  /** Rows that the filter leaves. */
  readonly rows: number;
  /** Rows on the screen. */
  readonly page: number;
}

/** The state after a key; names are those of `keysOf`. Keys without a meaning change nothing. */
export function pressKey(
  ui: UiState,
  key: string,
  context: KeyContext,
): { readonly ui: UiState; readonly action: UiAction } {
  if (key === 'ctrl-c') return { ui, action: 'quit' };
  if (ui.typing !== undefined) return { ui: typeKey(ui, ui.typing, key), action: undefined };
  if (key === 'q') return { ui, action: 'quit' };
  if (key === 'r') return { ui: { ...ui, top: 0 }, action: 'reset' };
  return { ui: commandKey(ui, key, context), action: undefined };
}

function typeKey(ui: UiState, typing: string, key: string): UiState {
  if (key === 'escape') return { ...ui, typing: undefined };
  if (key === 'enter') {
    // An expression that isn't one stays in the line until it is.
    return compileFilter(typing) === undefined ? ui : { ...ui, filter: typing, typing: undefined, top: 0 };
  }
  if (key === 'backspace') return { ...ui, typing: Array.from(typing).slice(0, -1).join(''), top: 0 };
  if (key === 'space') return { ...ui, typing: `${typing} `, top: 0 };
  return Array.from(key).length === 1 ? { ...ui, typing: typing + key, top: 0 } : ui;
}

function commandKey(ui: UiState, key: string, { rows, page }: KeyContext): UiState {
  const scrollTo = (top: number): UiState => ({ ...ui, top: Math.max(0, Math.min(top, rows - 1)) });
  switch (key) {
    case 'space':
      return { ...ui, paused: !ui.paused };
    case '/':
      return { ...ui, typing: ui.filter };
    case 'escape':
      return { ...ui, filter: '', top: 0 };
    case 's':
      return { ...ui, sort: sortOrders[(sortOrders.indexOf(ui.sort) + 1) % sortOrders.length], top: 0 };
    case 'b':
      return { ...ui, bits: !ui.bits };
    case 'd':
      return { ...ui, signals: !ui.signals };
    case 'up':
    case 'k':
      return scrollTo(ui.top - 1);
    case 'down':
    case 'j':
      return scrollTo(ui.top + 1);
    case 'page-up':
      return scrollTo(ui.top - Math.max(1, page - 1));
    case 'page-down':
      return scrollTo(ui.top + Math.max(1, page - 1));
    case 'home':
    case 'g':
      return scrollTo(0);
    case 'end':
    case 'G':
      return scrollTo(rows - 1);
    default:
      return ui;
  }
}
