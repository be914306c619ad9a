export { type Finding, type Report, verifyInvariants } from './verify.ts'
