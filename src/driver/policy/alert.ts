import type { UnknownReason } from '../measured.js';
import type { EvidenceWindow } from './evidence.js';
import type { AlertLevel, ConfidenceMark, Modality, RuleName } from './rule.js';
import type { DriverState } from './state.js';

/** How good the inputs were that an alert rests on; null where they were. */
export interface InputQuality {
  /** Why the camera or the face in it was not known. */
  readonly driver: UnknownReason | null;
  readonly speed: 'valid' | 'unknown';
  readonly frameRateHz: number | null;
  /** 0 to 1. */
  readonly calibration: number;
  /** Glasses, poor light or occlusion. */
  readonly nonNominal: boolean;
}

/** Another policy whose rule asks for the same prompt. */
export interface JoinedRule {
  readonly policy: { readonly id: string; readonly version: number };
  readonly rule: RuleName;
  readonly clause: string;
}

/** An intervention: something the driver is told, and why. */
export interface Alert {
  /** Unique within a drive: rule and running number. */
  readonly id: string;
  /** As of now: it may grow while the alert lasts. */
  readonly level: AlertLevel;
  readonly modalities: readonly Modality[];
  /** Escalation steps taken. */
  readonly step: number;
  /** The state that raised it. */
  readonly state: DriverState;
  readonly policy: { readonly id: string; readonly version: number };
  readonly rule: RuleName;
  /** Where the rule comes from, and how far that can be trusted. */
  readonly clause: string;
  readonly mark: ConfidenceMark;
  /** Rules of other policies that would have prompted for the same cause: one prompt serves all. */
  readonly alsoBy: readonly JoinedRule[];
  /** Measured values that fired the rule, beside the limits they passed. Units in the names; null where unknown. */
  readonly measured: Readonly<Record<string, number | null>>;
  /** The same over the time before. */
  readonly window: EvidenceWindow;
  readonly inputs: InputQuality;
  /** Models in use: name to the beginning of the file's sha256. */
  readonly models: Readonly<Record<string, string>>;
  readonly startedMs: number;
  readonly acknowledgedMs: number | null;
  readonly endedMs: number | null;
}

export type AlertEnd =
  /** The driver looked ahead with open eyes for long enough. */
  | 'driverBack'
  /** The state has been over for long enough. */
  | 'stateOver'
  /** A more urgent rule took over. */
  | 'escalated'
  /** The same rule fired anew. */
  | 'repeated'
  /** The driver acknowledged it, and the policy lets that be enough for now. */
  | 'acknowledged'
  /** Below the rule's speed. */
  | 'belowSpeed'
  /** Not seen for too long to go on. */
  | 'lostSight'
  /** The driver switched these prompts off. */
  | 'switchedOff'
  /** Another policy is in force. */
  | 'policyChanged';

/** Why an alert that goes on is said again: its next step, the driver's answer, another rule. */
export type AlertChange = 'escalated' | 'acknowledged' | 'joined';

export type AlertOutput =
  | { readonly kind: 'alertStarted'; readonly t: number; readonly alert: Alert }
  | { readonly kind: 'alertChanged'; readonly t: number; readonly alert: Alert; readonly change: AlertChange }
  | { readonly kind: 'alertEnded'; readonly t: number; readonly alert: Alert; readonly reason: AlertEnd }
  /** Something that the assistant may offer the driver; no alert by itself. */
  | {
      readonly kind: 'suggestion';
      readonly t: number;
      readonly what: 'restBreak';
      readonly because: {
        readonly alertId: string;
        readonly policy: string;
        readonly rule: RuleName;
        readonly clause: string;
      };
    };

export interface AlertBook {
  /** At most one per cause. */
  readonly active: readonly Alert[];
  /** Alerts raised so far, per rule; ids come from it. */
  readonly raised: Readonly<Partial<Record<RuleName, number>>>;
  /** Since when each active alert's state has been over, as seen (not as unknown); by alert id. */
  readonly overSinceMs: Readonly<Record<string, number>>;
  /** Rules that do not prompt before this time, by policy and rule: the driver has acknowledged them. */
  readonly quietUntilMs: Readonly<Record<string, number>>;
}

export const initialAlertBook: AlertBook = { active: [], raised: {}, overSinceMs: {}, quietUntilMs: {} };

/** The key of the rule that raised it, as `ActiveRule.key`. */
export function ruleKeyOf({ policy, rule }: Alert): string {
  return `${policy.id}/${rule}`;
}
