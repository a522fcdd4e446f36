import type { Box } from '../../camera/observation.js';
import { initialAttentionBuffer, stepAttentionBuffer, type AttentionBuffer } from './attention-buffer.js';
import type { Cabin } from './cabin.js';
import {
  initialCumulativeAway,
  stepCumulativeAway,
  type CumulativeAway,
  type CumulativeLimits,
} from './cumulative-away.js';
import { initialGlance, stepGlance, type Glance } from './eyes-on-road.js';
import type { GazeZone, GlanceFacts, MovementType } from './glance-facts.js';
import { initialGlanceHistory, stepGlanceHistory, type GlanceHistory } from './glance-history.js';
import { leanWidths, stepFacePlace, type FacePlace } from './lean.js';
import { gazeLimits } from './limits.js';
import type { LineOfSight } from './line-of-sight.js';
import { spokenForMs, type Looking } from './look.js';
import type { Direction } from './neutral-pose.js';
import { inArea3, zoneAt } from './zones.js';

/** What is remembered of the driver's looks. */
export interface GlanceTrack {
  readonly zone: GazeZone | null;
  /** The zone serves the driving, surely. */
  readonly drivingTask: boolean;
  /** 0 to 1; 0 without a zone. */
  readonly zoneConfidence: number;
  readonly movement: MovementType | null;
  /** Time of the look away in progress at what does not serve the driving. */
  readonly idleMs: number;
  readonly lastT: number | null;
  readonly area3: Glance;
  readonly cumulative: CumulativeAway;
  readonly buffer: AttentionBuffer;
  readonly history: GlanceHistory;
  readonly place: FacePlace | null;
}

export const initialGlanceTrack: GlanceTrack = {
  zone: null,
  drivingTask: false,
  zoneConfidence: 0,
  movement: null,
  idleMs: 0,
  lastT: null,
  area3: initialGlance,
  cumulative: initialCumulativeAway,
  buffer: initialAttentionBuffer,
  history: initialGlanceHistory,
  place: null,
};

/** One frame's look as decided. */
export interface LookSeen {
  readonly t: number;
  readonly looking: Looking;
  /** The look away in progress, this frame included. */
  readonly glance: Glance;
  /** Null when not known. */
  readonly sight: LineOfSight | null;
  /** The head relative to its zero. */
  readonly head: Direction | null;
  readonly box: Box | null;
  /** The zero is learnt; until then only the road is told from the rest. */
  readonly learned: boolean;
}

export interface GlanceContext extends CumulativeLimits {
  readonly cabin: Cabin;
  /** How long a look away stands when the face is lost. */
  readonly unseenMs: number;
  /** How much wider area 3's border is while the zero is not learnt. */
  readonly uncalibratedFactor: number;
}

/** One frame, later than the last one. */
export function stepGlanceTrack(track: GlanceTrack, look: LookSeen, context: GlanceContext): GlanceTrack {
  const { t, looking, glance, sight, box } = look;
  const { zone, confidence, ...seen } = zoneOf(track, look, context.cabin);
  const drivingTask = seen.drivingTask && confidence >= gazeLimits.taskConfidence;
  const idle = looking === 'away' && !drivingTask && track.lastT !== null ? spokenForMs(track.lastT, t) : 0;
  const below =
    sight === null || looking === 'unknown'
      ? 'unknown'
      : inArea3(sight.direction, context.cabin, look.learned ? 1 : context.uncalibratedFactor)
        ? 'away'
        : 'ahead';
  const bufferLook =
    looking === 'away' ? (drivingTask ? 'drivingTask' : 'away') : looking === 'ahead' ? 'road' : 'unknown';
  return {
    zone,
    drivingTask,
    zoneConfidence: confidence,
    movement: movementOf(track, look),
    idleMs: glance.offSinceMs === null ? 0 : track.idleMs + idle,
    lastT: t,
    area3: stepGlance(track.area3, t, below, gazeLimits.area3FlickerMs, context.unseenMs),
    cumulative: stepCumulativeAway(track.cumulative, t, looking, context),
    buffer: stepAttentionBuffer(track.buffer, t, bufferLook),
    history: stepGlanceHistory(track.history, t, zone),
    place: looking === 'ahead' && box !== null ? stepFacePlace(track.place, t, box) : track.place,
  };
}

interface ZoneSeen {
  readonly zone: GazeZone | null;
  readonly drivingTask: boolean;
  readonly confidence: number;
}

const noZone: ZoneSeen = { zone: null, drivingTask: false, confidence: 0 };

function zoneOf(track: GlanceTrack, { looking, sight, learned }: LookSeen, cabin: Cabin): ZoneSeen {
  if (looking === 'unknown' || sight === null) return noZone;
  const { direction, uncertaintyDeg } = sight;
  if (looking === 'away')
    return learned ? zoneAt(direction, cabin, track.zone, uncertaintyDeg, true) : noZone;
  const { zone, confidence } = zoneAt(direction, cabin, track.zone, uncertaintyDeg);
  return { zone: 'roadAhead', drivingTask: false, confidence: zone === 'roadAhead' ? confidence : 0 };
}

/** A look that begins with the eyes and is then followed by the head, or the body, is led by these. */
function movementOf(track: GlanceTrack, { looking, glance, head, box }: LookSeen): MovementType | null {
  if (glance.offSinceMs === null) return null;
  if (looking !== 'away' || head === null || track.movement === 'lean') return track.movement;
  if (box !== null && leanWidths(track.place, box) >= gazeLimits.leanWidths) return 'lean';
  if (track.movement === 'owl') return 'owl';
  return Math.hypot(head.yawDeg, head.pitchDeg) >= gazeLimits.lizardHeadDeg ? 'owl' : 'lizard';
}

/** What the policies judge looks away by. @param flickerMs looks at something else on the way may last this long */
export function glanceFacts(track: GlanceTrack, glance: Glance, flickerMs: number): GlanceFacts {
  const away = glance.offSinceMs !== null;
  return {
    zone: track.zone,
    movement: track.movement,
    awayMs: glance.offMs,
    awaySinceMs: glance.offSinceMs,
    drivingTask: away && track.idleMs <= flickerMs,
    area3Ms: track.area3.offMs,
    cumulativeAwayMs: track.cumulative.ms,
    attentionBufferMs: track.buffer.ms,
  };
}
