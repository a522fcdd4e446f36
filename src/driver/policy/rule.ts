/** How far a number can be trusted; the words are in the policy files. E is our own choice. */
export type ConfidenceMark = 'P' | 'Q' | 'S' | 'M' | 'E';

/** How urgent a prompt is, gentlest first. */
export const alertLevels = ['inform', 'warning', 'urgent'] as const;
export type AlertLevel = (typeof alertLevels)[number];

export const modalities = ['visual', 'audible', 'haptic'] as const;
export type Modality = (typeof modalities)[number];

export interface Citation {
  readonly clause: string;
  readonly mark: ConfidenceMark;
}

export interface Parameter extends Citation {
  readonly value: number;
  readonly unit: string;
}

/** What prompts are about: of each cause at most one is given at a time, whichever policies ask for it. */
export type Cause = 'attention' | 'fatigue' | 'system';

/** Unit, least and greatest value of a rule's parameter; `optional` ones switch a part of the rule on. */
export type ParameterShape = readonly [unit: string, min: number, max: number, need?: 'optional'];

interface RuleShape {
  readonly cause: Cause;
  /** A transient state (a distraction): once acknowledged, its prompts may be suppressed for a while. */
  readonly transient: boolean;
  readonly parameters: Readonly<Record<string, ParameterShape>>;
}

const glance = ['ms', 1000, 10_000] as const;
const speed = ['km/h', 0, 130] as const;
const ratio = ['ratio', 0, 1] as const;
const kss = ['KSS', 1, 9] as const;
const suppress = ['ms', 0, 600_000, 'optional'] as const;

/**
 * Every rule that a policy may have, most urgent first, with what it takes. `findings.ts` says what each means.
 */
export const ruleShapes = {
  unresponsive: {
    cause: 'attention',
    transient: false,
    parameters: {
      minSpeedKmh: speed,
      noReturnMs: ['ms', 1000, 10_000, 'optional'],
      closureMs: ['ms', 3000, 20_000, 'optional'],
      awayMs: ['ms', 3000, 20_000, 'optional'],
    },
  },
  sleep: {
    cause: 'attention',
    transient: false,
    parameters: { minSpeedKmh: speed, closureMs: ['ms', 1000, 10_000] },
  },
  microsleep: {
    cause: 'attention',
    transient: false,
    parameters: { minSpeedKmh: speed, closureMs: ['ms', 500, 3000] },
  },
  phoneUse: {
    cause: 'attention',
    transient: true,
    parameters: {
      minSpeedKmh: speed,
      glanceMs: glance,
      cumulativeMs: ['ms', 1000, 30_000],
      heldMs: ['ms', 1000, 600_000],
      suppressMs: suppress,
    },
  },
  longDistraction: {
    cause: 'attention',
    transient: true,
    parameters: {
      minSpeedKmh: speed,
      glanceMs: glance,
      fastSpeedKmh: ['km/h', 0, 130, 'optional'],
      fastGlanceMs: ['ms', 1000, 10_000, 'optional'],
      drivingTaskMs: ['ms', 1000, 10_000, 'optional'],
      nonNominalMs: ['ms', 0, 5000, 'optional'],
      suppressMs: suppress,
    },
  },
  shortDistraction: {
    cause: 'attention',
    transient: true,
    parameters: { minSpeedKmh: speed, cumulativeMs: ['ms', 1000, 30_000], suppressMs: suppress },
  },
  awareness: {
    cause: 'attention',
    transient: false,
    parameters: {
      minSpeedKmh: speed,
      informMs: ['ms', 500, 60_000],
      warningMs: ['ms', 500, 60_000],
      emptyMs: ['ms', 500, 60_000],
      blindEmptyMs: ['ms', 500, 120_000],
      filterMs: ['ms', 0, 5000],
      distractedAbove: ratio,
      attentiveBelow: ratio,
      slowestRecovery: ['ratio', 0, 20],
      fastestRecovery: ['ratio', 0, 20],
    },
  },
  drowsy: {
    cause: 'fatigue',
    transient: false,
    parameters: {
      minSpeedKmh: speed,
      shortPerclos: ratio,
      longPerclos: ratio,
      leavePerclos: ratio,
      kssEstimate: kss,
      kssLeave: kss,
      kssForMs: ['ms', 0, 600_000],
      awakePerclos: ['ratio', 0, 1, 'optional'],
      measureFromKmh: speed,
      measureAfterMs: ['ms', 0, 600_000],
      learnFromKmh: speed,
      learnMaxMs: ['ms', 1000, 3_600_000],
      repeatMs: ['ms', 10_000, 3_600_000],
    },
  },
  impairedUnknown: {
    cause: 'fatigue',
    transient: false,
    parameters: {
      minSpeedKmh: speed,
      kssEstimate: kss,
      awakePerclos: ratio,
      forMs: ['ms', 1000, 600_000],
      repeatMs: ['ms', 10_000, 3_600_000],
    },
  },
  notFunctional: {
    cause: 'system',
    transient: false,
    parameters: { minSpeedKmh: speed, informAfterMs: ['ms', 100, 10_000] },
  },
} as const satisfies Record<string, RuleShape>;

export type RuleName = keyof typeof ruleShapes;
export const ruleNames = Object.keys(ruleShapes) as readonly RuleName[];

/** 0 is the most urgent. */
export function urgencyRank(rule: RuleName): number {
  return ruleNames.indexOf(rule);
}

export type RuleParameter<Name extends RuleName> = keyof (typeof ruleShapes)[Name]['parameters'] & string;

type OptionalParameter<Name extends RuleName> = {
  [P in RuleParameter<Name>]: (typeof ruleShapes)[Name]['parameters'][P] extends readonly [
    string,
    number,
    number,
    'optional',
  ]
    ? P
    : never;
}[RuleParameter<Name>];

/** The numbers of a rule; an optional one that the policy does not give is undefined. */
export type RuleValues<Name extends RuleName> = {
  readonly [P in Exclude<RuleParameter<Name>, OptionalParameter<Name>>]: number;
} & { readonly [P in OptionalParameter<Name>]?: number };

/** From `afterMs` on, while its state lasts unacknowledged, a prompt is given like this. */
export interface EscalationStep extends Citation {
  readonly afterMs: number;
  readonly level: AlertLevel;
  readonly modalities: readonly Modality[];
}

export interface RuleOf<Name extends RuleName> extends Citation {
  readonly name: Name;
  readonly level: AlertLevel;
  readonly modalities: readonly Modality[];
  /** In order of time; all after 0. */
  readonly escalation: readonly EscalationStep[];
  /** Which looks away count: all off the road, or only those below the 30 degree plane (EU 2023/2590, area 3). */
  readonly looks: 'offRoad' | 'belowPlane';
  /** The driver may switch its prompts off for the rest of the journey. */
  readonly switchable: boolean;
  /** What the assistant may offer when it fires. */
  readonly suggests: 'restBreak' | null;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly values: RuleValues<Name>;
}

export type Rule = { [Name in RuleName]: RuleOf<Name> }[RuleName];
