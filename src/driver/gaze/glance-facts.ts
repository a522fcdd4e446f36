/** What the driver looks at: names of the zones of a cabin geometry file (`signals/cabin`). */
export type GazeZone =
  | 'roadAhead'
  | 'driverSideWindow'
  | 'passengerSideWindow'
  | 'driverSideMirror'
  | 'passengerSideMirror'
  | 'rearViewMirror'
  | 'instrumentCluster'
  | 'infotainment'
  | 'passenger'
  | 'gloveBox'
  | 'lap'
  | 'footwell'
  | 'roof'
  | 'behind';

/** Euro NCAP's movement types of a look away: led by the head, by the eyes alone, or with the body. */
export type MovementType = 'owl' | 'lizard' | 'lean';

/** What the policies judge looks away by, as of the newest frame. Times in ms. */
export interface GlanceFacts {
  /** Null while it is not known. */
  readonly zone: GazeZone | null;
  readonly movement: MovementType | null;
  /** Length so far of the look away in progress; flickers do not end it. */
  readonly awayMs: number;
  readonly awaySinceMs: number | null;
  /** The look away in progress serves the driving task: a mirror or the cluster. */
  readonly drivingTask: boolean;
  /** Length so far of the look below the 30 degree plane (EU 2023/2590, area 3); flickers do not end it. */
  readonly area3Ms: number;
  /** Time away within the policy's VATS window, reset by a long enough look ahead. */
  readonly cumulativeAwayMs: number;
  /** AttenD-style buffer of attention, 0 to 2 s in ms. */
  readonly attentionBufferMs: number;
}
