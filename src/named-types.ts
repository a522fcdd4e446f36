// Types that the exports of index.ts speak of, so that an embedder can name them and the API reference shows them.
export type { Place } from './assistant/action/place.js';
export type { Destination } from './assistant/action/plan.js';
export type { Priority } from './assistant/dialog/arbitration.js';
export type {
  AssistantPart,
  Certainty,
  DialogInput,
  DialogOutput,
  Earcon,
  Listening,
  WakeHow,
} from './assistant/dialog/exchange.js';
export type { HeardSpeech } from './assistant/exchange.js';
export type { PlayerProgram } from './assistant/reply/played-voice.js';
export type { VoiceProgram } from './assistant/reply/voice.js';
export type { Hypothesis, SpeechModel } from './assistant/speech/speech-recogniser.js';
export type { Zone } from './assistant/speech/zones.js';
export type { Understanding } from './assistant/understand.js';
export type { PcmChunk } from './audio/pcm.js';
export type { PcmCounters, PcmSource } from './audio/pcm-source.js';
export type { EyeNetworkUse } from './camera/eye-network.js';
export type {
  Box,
  EyeAppearance,
  EyeObservation,
  Gaze,
  HeadPose,
  ImageQuality,
  LowerFaceAppearance,
} from './camera/observation.js';
export type { PhoneCounters } from './camera/phone-addon.js';
export type { PhoneOptions } from './camera/phone-channel.js';
export type {
  NoPhone,
  NoPhoneReason,
  PhoneObservation,
  PhonePlace,
  PhoneSeen,
  PhoneUnavailable,
} from './camera/phone-observation.js';
export type { SeatWindow } from './camera/seat-window.js';
export type { VisionStage } from './camera/vision-addon.js';
export type {
  AttributeOwner,
  AttributeType,
  AttributeValue,
  Attributes,
  ByteOrder,
  DbcAttributeDefinition,
  DbcEnvironmentVariable,
  DbcNodeDetail,
  DbcRelation,
  DbcSignalGroup,
  FrameFormat,
  MultiplexSelector,
  RawType,
} from './can/dbc.js';
export type { ImportResolver, ImportedText } from './can/dbc-import.js';
export type { DbcOptions, ParsedDbc } from './can/dbc-parser.js';
export type { DecodedFrame, DecodedSignal } from './can/decode-message.js';
export type { DecodedBatch, DecodedMessage } from './can/decoded-batch.js';
export type { CanDecoderOptions } from './can/decoder.js';
export type { MessageValues } from './can/encode.js';
export type { PassedFrames } from './can/latest-values.js';
export type {
  BusCounters,
  CanFrame,
  ControllerState,
  CyclicCounters,
  CyclicMessage,
  CyclicSend,
} from './can/live/can-bus.js';
export type { OpenBusOptions } from './can/live/open-bus.js';
export type { SocketCanOptions } from './can/live/socketcan-bus.js';
export type { StreamBusOptions } from './can/live/stream-bus.js';
export type {
  LogFormat,
  LogHeader,
  LogProblem,
  LogReadOptions,
  LogSink,
  LogSource,
  LogSummary,
  LogWriter,
  RandomAccess,
} from './can/logs/log-format.js';
export type { RecognisedLog } from './can/logs/registry.js';
export type { SignalInput } from './can/raw-value.js';
export type { BatchVerdicts } from './can/validity/checker.js';
export type { ValidityPlan } from './can/validity/compile.js';
export type { E2eWindows } from './can/validity/e2e-state.js';
export type {
  AliveSpec,
  ChecksumSpec,
  CounterSpec,
  DataId,
  FrozenSpec,
  RuleSpec,
  ValidityRules,
} from './can/validity/rules.js';
export type { Excuse } from './driver/context/excuse.js';
export type {
  Reading,
  VehicleReading,
  VehicleReadingName,
  VehicleReadings,
} from './driver/context/vehicle-context.js';
export type { CorroborationMeasures } from './driver/corroboration/corroboration.js';
export type { DriverStep } from './driver/driver.js';
export type { KssEstimate, KssFloor, KssReason } from './driver/drowsiness/kss.js';
export type { BlinkEvent } from './driver/eyes/blink.js';
export type { BlinkMeasures } from './driver/eyes/blink-statistics.js';
export type { MicrosleepMeasures } from './driver/eyes/microsleeps.js';
export type { GazeMeasures } from './driver/gaze/gaze-measures.js';
export type { GazeZone, MovementType } from './driver/gaze/glance-facts.js';
export type { CameraMount } from './driver/gaze/vehicle-frame.js';
export type { UnknownReason } from './driver/measured.js';
export type { DriverOptions } from './driver/memory.js';
export type { InputSource, PolicyName, RejectionReason } from './driver/outputs.js';
export type { AlertChange, AlertEnd, InputQuality, JoinedRule } from './driver/policy/alert.js';
export type { EvidenceWindow, Summary, TracedName } from './driver/policy/evidence.js';
export type { ParameterName } from './driver/policy/parameters.js';
export type { ConfidenceMark, Parameter, RuleName } from './driver/policy/rule.js';
export type { StateChange } from './driver/policy/step.js';
export type { SteeringMeasures } from './driver/steering/steering-measures.js';
export type { WallClock } from './driver/trip/time-of-day.js';
export type { Fault, FaultSeverity } from './driver/visibility/fault.js';
export type { BudgetedStage, DropPolicy } from './runtime/budgets.js';
export type { Clock } from './runtime/clock.js';
export type { LatencySnapshot } from './runtime/core-addon.js';
export type { HeartbeatCounters } from './runtime/heartbeat.js';
export type {
  CommittedModel,
  ConvertedModel,
  ModelEntry,
  ModelPort,
  ModelSource,
} from './runtime/model-manifest.js';
export type { ReadyModel } from './runtime/models.js';
export type { ClockEstimate } from './runtime/sources/source-clock.js';
export type { SourceState } from './runtime/sources/source-state.js';
export type { AssistantStatus } from './service/assistant/protocol.js';
export type { DriveSinkStatus } from './service/driver/drive-sink.js';
export type { LiveCameraStatus } from './service/driver/live-camera.js';
export type { DriverStatus } from './service/driver/status.js';
export type { PartStatus } from './service/service.js';
export type { PartState } from './service/supervised.js';
export type { Actuate, ActuationRequest, ActuatorClaim, Actuators } from './vehicle/actuators.js';
export type { MappingRoute, VehicleMapping } from './vehicle/mapping.js';
export type { WeightedSignal } from './vehicle/mapping-file.js';
export type { ProvidedSignal, SignalSource, SourceBackend } from './vehicle/source.js';
export type { StoreCounters, StoreOptions } from './vehicle/store.js';
export type { ListenerErrorHandler, SampleListener, Subscription } from './vehicle/topics.js';
export type { Converter, Refusal } from './vehicle/transform.js';
export type { SignalTree } from './vehicle/tree.js';
export type { Datatype, NumericDatatype, Signal, SignalKind, SignalValue } from './vehicle/value.js';
