/** How a video is made worse before the vision chain sees it; filters in ffmpeg's language. */
export interface ImageChange {
  readonly name: string;
  readonly about: string;
  /** Empty: as filmed. */
  readonly filter: string;
  /** Width and height are halved. */
  readonly halved: boolean;
  /** Frames a second after it; null: as filmed. */
  readonly fps: number | null;
}

export const asFilmed: ImageChange = { name: 'as filmed', about: '', filter: '', halved: false, fps: null };

/** The changes that the report measures with; noise is seeded. */
export const imageChanges: readonly ImageChange[] = [
  asFilmed,
  {
    name: 'dark',
    about: 'luma times 0.15',
    filter: 'lutyuv=y=16+(val-16)*0.15',
    halved: false,
    fps: null,
  },
  {
    name: 'noise',
    about: 'grey, luma noise of up to 25 of 255 each frame',
    filter: 'hue=s=0,noise=c0s=25:c0f=t:all_seed=7',
    halved: false,
    fps: null,
  },
  {
    name: 'half resolution',
    about: 'half width and height',
    filter: 'scale=trunc(iw/4)*2:trunc(ih/4)*2',
    halved: true,
    fps: null,
  },
  { name: '12 fps', about: 'every frame of a 12 fps grid', filter: 'fps=12', halved: false, fps: 12 },
];

/** Size in pixels after the change. */
export function changedSize(
  change: ImageChange,
  width: number,
  height: number,
): { width: number; height: number } {
  if (!change.halved) return { width, height };
  return { width: Math.trunc(width / 4) * 2, height: Math.trunc(height / 4) * 2 };
}
