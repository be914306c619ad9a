export {
  degradedBy,
  type FeatureName,
  featuresOf,
  type Hop,
  type Step,
  takeStep,
  vendorSteps,
} from './diagnosis.ts'
export { keepHeartbeat, openBreakers } from './heartbeat.ts'
export { vendorSetup } from './setup.ts'
export { type Finding, type Report, verifyInvariants } from './verify.ts'
