import { z } from 'zod';
import { places } from '../../assistant/action/place.js';

/**
 * What `vigil.yaml` may say. The one source of the TypeScript type, of the published JSON schema
 * (signals/service/vigil.schema.json) and of the defaults. Every object is strict: a key that is not known is a mistake
 * that is told, not passed over.
 */

const degrees = (about: string, limit: number) =>
  z.number().min(-limit).max(limit).default(0).describe(about);

const can = z
  .strictObject({
    address: z
      .string()
      .min(1)
      .describe(
        'Where the bus is: socketcan:can0, socketcand://host:port/can0, slcan:/dev/ttyACM0?bitrate=500000 or slcan://host:port',
      ),
    mapping: z
      .string()
      .min(1)
      .describe(
        'A mapping of signals/mappings by name, or a file: which signal of the bus is which of the vehicle',
      ),
    dbc: z
      .string()
      .min(1)
      .optional()
      .describe('The database of the mapping, a file; default: the one that the mapping names'),
    silentAfterMs: z
      .number()
      .min(100)
      .max(60_000)
      .default(1000)
      .describe('After so long without a frame the bus counts as silent, ms'),
  })
  .describe('A CAN bus');

const cameraSource = z
  .string()
  .regex(
    /^(v4l2:\/dev\/\S+|unix:\/\S+|tcp:\/\/\S+:\d{1,5})$/,
    'expected v4l2:/dev/video0, unix:/path/to/socket or tcp://host:port',
  )
  .describe(
    'A V4L2 device (v4l2:/dev/video0), or a socket to which a camera server sends pictures (unix:/run/camera.sock, tcp://127.0.0.1:7001)',
  );

const seat = z
  .strictObject({
    left: z.number().min(0).max(1),
    top: z.number().min(0).max(1),
    right: z.number().min(0).max(1),
    bottom: z.number().min(0).max(1),
  })
  .refine(
    ({ left, right, top, bottom }) => left < right && top < bottom,
    'expected left < right and top < bottom',
  )
  .describe("Where in the picture the driver's face belongs, in shares of its width and height");

const camera = z
  .strictObject({
    source: cameraSource,
    format: z
      .enum(['auto', 'mjpeg', 'yuyv', 'grey', 'nv12'])
      .default('auto')
      .describe('Pixel format asked of a V4L2 device'),
    width: z.int().min(160).max(3840).default(640).describe('Pixels asked of a V4L2 device'),
    height: z.int().min(120).max(2160).default(480).describe('Pixels asked of a V4L2 device'),
    fps: z.number().min(5).max(60).default(30).describe('Pictures a second asked of the camera'),
    exposure: z
      .union([z.literal('auto'), z.number().positive().max(1_000_000)])
      .default('auto')
      .describe('auto, or exposure time in microseconds, where the device has that control'),
    infraredLamp: z
      .enum(['leave', 'on', 'off'])
      .default('leave')
      .describe('Infrared lamp, where the device has such a control'),
    mirrored: z.boolean().default(false).describe('The picture shows the driver as in a mirror'),
    horizontalFovDeg: z.number().min(10).max(150).default(55).describe('Horizontal field of view, degrees'),
    mount: z
      .strictObject({
        yawDeg: degrees('What a driver who looks straight ahead reads; to the left is positive', 90),
        pitchDeg: degrees('The same upwards', 60),
        rollDeg: degrees('How far an upright head reads as leaning', 45),
      })
      .prefault({})
      .describe("How the camera stands, as it reads an upright driver's head"),
    seat: seat.optional(),
  })
  .describe('The cabin camera that sees the driver');

const policyNames = z
  .array(z.string().min(1))
  .min(1)
  .default(['euroncap-2026'])
  .describe('Policies of signals/policies by name, or files; the first one leads, others run beside it');

const driver = z
  .strictObject({
    policy: policyNames,
    cabin: z
      .string()
      .min(1)
      .default('generic-lhd')
      .describe('Geometry of the cabin: a name of signals/cabin, or a file'),
    eyeNetwork: z
      .enum(['auto', 'off', 'unsure', 'always'])
      .default('auto')
      .describe('When the eye-state network is asked; auto: where unsure, if its optional weights are there'),
    phone: z
      .boolean()
      .default(false)
      .describe('Look for a phone in hand or at the ear; not proven on drivers'),
    fifoPriority: z
      .int()
      .min(1)
      .max(80)
      .optional()
      .describe('Real-time priority (SCHED_FIFO) of the vision thread, where the system permits'),
    cpu: z.int().min(0).optional().describe('Processor that the vision thread stays on'),
  })
  .prefault({})
  .describe('Watching the driver');

const microphone = z
  .strictObject({
    zone: z.enum(places).default('driver').describe('Whose microphone it is'),
    source: z
      .string()
      .regex(
        /^(alsa:\S+|pipewire(:\S+)?|unix:\/\S+|tcp:\/\/\S+:\d{1,5})$/,
        'expected alsa:default, pipewire, unix:/path/to/socket or tcp://host:port',
      )
      .describe(
        'alsa:DEVICE, pipewire[:NODE], or a socket that sends 16-bit samples (unix:/run/mic.sock, tcp://127.0.0.1:7002)',
      ),
    sampleRateHz: z
      .literal([8000, 16000, 44100, 48000])
      .default(16000)
      .describe('Samples a second that the source gives'),
  })
  .describe('A microphone');

const assistant = z
  .strictObject({
    microphones: z.array(microphone).min(1).max(4).describe('One for each seat that may speak'),
    language: z
      .string()
      .regex(/^[a-z]{2}$/)
      .default('en')
      .describe('Language of commands and replies'),
    model: z.enum(['tiny', 'base']).default('tiny').describe('Recogniser: tiny is faster, base errs less'),
    wake: z
      .string()
      .min(1)
      .default('hey-vigil')
      .describe(
        'Wake word: hey-vigil, a file that vigil wake train made, or off: then only the button wakes',
      ),
    voice: z
      .enum(['espeak-ng', 'flite', 'none'])
      .default('espeak-ng')
      .describe('Program that speaks replies'),
  })
  .describe('The voice assistant; absent: off');

const recorder = z
  .strictObject({
    folder: z.string().min(1).describe('Where recordings go'),
    maxGiB: z
      .number()
      .positive()
      .max(10_000)
      .default(8)
      .describe('Oldest recordings are deleted beyond this much'),
    minFreeGiB: z.number().min(0).max(1000).default(1).describe('Recording stops below so much free space'),
    splitMinutes: z.number().min(1).max(240).default(10).describe('A new file after so long'),
  })
  .describe('Records camera, microphone and bus; absent: nothing is stored');

const metrics = z
  .strictObject({
    address: z
      .string()
      .regex(
        /^(unix:\/\S+|http:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d{1,5})$/,
        'expected unix:/path/to/socket or http://127.0.0.1:port (the loopback only)',
      )
      .describe('Where figures can be read: unix:/run/vigil/metrics.sock or http://127.0.0.1:9464'),
  })
  .describe('Figures for Prometheus; absent: none');

const log = z
  .strictObject({
    level: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
    file: z.string().min(1).optional().describe('A file instead of the standard output'),
  })
  .prefault({})
  .describe('Structured log, one JSON object a line');

export const configSchema = z
  .strictObject({
    vehicle: z.string().default('').describe('Name of the vehicle, for logs and recordings'),
    can: z
      .array(can)
      .max(8)
      .default([])
      .describe('Buses; without one the speed is not known and most policies stay silent'),
    camera: camera.optional(),
    driver,
    assistant: assistant.optional(),
    recorder: recorder.optional(),
    controlSocket: z
      .string()
      .min(1)
      .default('/run/vigil/control.sock')
      .describe('Unix socket that vigil status asks; only its owner may'),
    metrics: metrics.optional(),
    log,
  })
  .describe('Configuration of the Vigil service');

/** A checked configuration, defaults filled in. */
export type VigilConfig = z.output<typeof configSchema>;
/** As it may be written: what has a default may be left out. */
export type VigilConfigInput = z.input<typeof configSchema>;
export type CameraConfig = NonNullable<VigilConfig['camera']>;
export type CanConfig = VigilConfig['can'][number];
export type AssistantConfig = NonNullable<VigilConfig['assistant']>;
export type MicrophoneConfig = AssistantConfig['microphones'][number];
export type RecorderConfig = NonNullable<VigilConfig['recorder']>;
