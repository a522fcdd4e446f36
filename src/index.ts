// What an embedder imports. Everything else is internal and may change without notice.
export { createVigil } from './vigil.js';
export type { Vigil, VigilOptions } from './vigil.js';
export { checkConfig, loadConfig } from './service/config/load.js';
export type { VigilConfig, VigilConfigInput } from './service/config/schema.js';
export type { ConfigChanges } from './service/config/changes.js';
export type { ServiceEvent, ServiceStatus } from './service/service.js';
export { Heartbeat } from './runtime/heartbeat.js';
export type { HeartbeatOptions } from './runtime/heartbeat.js';

export { FaceTracker } from './camera/face-tracker.js';
export type {
  CameraFrame,
  FaceTrackerOptions,
  FrameTimings,
  PixelFormat,
  PushResult,
  TrackedFrame,
  WorkerCounters,
} from './camera/face-tracker.js';
export { meanOpenness } from './camera/observation.js';
export type { FaceObservation, FaceSeen, NoFace, Unreadable } from './camera/observation.js';

export { decodeDbcBytes, loadDbc, parseDbc } from './can/dbc-parser.js';
export { writeDbc } from './can/dbc-writer.js';
export type { DbcDatabase, DbcMessage, DbcProblem, DbcSignal } from './can/dbc.js';
export { CanDecoder } from './can/decoder.js';
export { decodeMessage } from './can/decode-message.js';
export { compileDecodePlan, subscribedPlan } from './can/decode-plan.js';
export type { DecodePlan } from './can/decode-plan.js';
export { LatestValues } from './can/latest-values.js';
export { openBus } from './can/live/open-bus.js';
export type { BusState, CanBus } from './can/live/can-bus.js';
export { encodeMessage, startPayload } from './can/encode.js';
export { FrameFlag } from './can/frames.js';
export type { CanFrames } from './can/frames.js';
export { messageFinder } from './can/j1939.js';
export { openLog } from './can/logs/registry.js';
export type { CanLog } from './can/logs/log-format.js';
export { ValidityChecker } from './can/validity/checker.js';
export { compileValidity } from './can/validity/compile.js';
export { readValidity, standardValidityFile } from './can/validity/rules-file.js';
export { Verdict } from './can/validity/verdict.js';

export { loadPolicies, loadPolicy, policyConflict } from './driver/policy/policy.js';
export type { Policy } from './driver/policy/policy.js';
export { stepDriver } from './driver/driver.js';
export { initialDriver } from './driver/memory.js';
export { watchDriver } from './driver/operator.js';
export type { Alert, AlertOutput } from './driver/policy/alert.js';
export type { Measured } from './driver/measured.js';
export type { DriverInput, DriverMeasures, DriverOutput } from './driver/outputs.js';
export type { DriverState } from './driver/policy/state.js';

export { Assistant } from './assistant/assistant.js';
export type { AssistantOptions } from './assistant/assistant.js';
export { loadDialog } from './assistant/dialog/turn.js';
export type { DialogConfig } from './assistant/dialog/turn.js';
export type { AssistantInput, AssistantOutput } from './assistant/exchange.js';
export { Grammars } from './assistant/grammars.js';
export type { Named } from './assistant/grammars.js';
export { loadCommands } from './assistant/grammar/load.js';
export { LiveAssistant } from './assistant/live-assistant.js';
export type { LiveOptions } from './assistant/live-assistant.js';
export { aplay, espeakSound, PlayedVoice } from './assistant/reply/played-voice.js';
export { espeak, flite, ProcessVoice, SilentVoice } from './assistant/reply/voice.js';
export type { Voice, VoiceEvents } from './assistant/reply/voice.js';

export { fuse, tickMs } from './fusion.js';
export type { GraphInput, GraphOutput, GraphParts } from './fusion.js';

export { VehicleBus } from './vehicle/bus.js';
export { followBusState } from './vehicle/bus-state.js';
export { loadMapping, standardMappingFile } from './vehicle/mapping.js';
export { observe, observeChanges } from './vehicle/observe.js';
export type { Quality } from './vehicle/quality.js';
export type { Sample } from './vehicle/sample.js';
export { VehicleStore } from './vehicle/store.js';
export { loadTree } from './vehicle/tree.js';

export { VigilError } from './runtime/errors.js';
export { requireModel } from './runtime/models.js';

export type * from './named-types.js';
