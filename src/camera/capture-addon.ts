import { loadAddon } from '../runtime/native.js';

/** What a camera agreed to. */
export interface CaptureMode {
  /** As the tracker's formats are numbered. */
  readonly format: number;
  readonly fourcc: string;
  readonly width: number;
  readonly height: number;
  /** 0 where the device does not say. */
  readonly fps: number;
  readonly card: string;
  readonly driver: string;
  /** Controls that were asked for and that the device does not have. */
  readonly missingControls: readonly string[];
}

export interface NativeCapture {
  mode(): CaptureMode;
  take(): { readonly t: number; readonly data: Uint8Array } | null;
  /** Why the stream ended; empty while it goes on. */
  ended(): string;
  counters(): { readonly received: number; readonly dropped: number; readonly damaged: number };
  close(): void;
}

interface CaptureConfig {
  readonly device: string;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly exposureUs: number;
  readonly infraredLamp: number;
}

/** The class that native/vision/addon_capture.cc exports. */
export function captureAddon(): new (config: CaptureConfig, onChange: () => void) => NativeCapture {
  return (loadAddon('vision') as { CameraCapture: ReturnType<typeof captureAddon> }).CameraCapture;
}
