import {
  context,
  type DiagLogger,
  DiagLogLevel,
  diag,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Context as TraceContext,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { type Logger, maskText } from './log.ts'
import type { Facts, Opened, OpenSpan, Step, TracingOptions } from './tracing.ts'

/** What a process that sends traces does; `tracing.ts` does nothing in its place elsewhere. */
export type Tracing = {
  open(name: string, opened: Opened): OpenSpan
  step<T>(name: string, facts: Facts, work: (step: Step) => Promise<T>): Promise<T>
  traceparent(): string | undefined
  close(): Promise<void>
}

// A collector that is away fails every batch, which is every few seconds; once a minute is enough to be told.
const QUIET_MS = 60_000
const kinds = {
  server: SpanKind.SERVER,
  job: SpanKind.CONSUMER,
  call: SpanKind.SERVER,
} as const

/** Loaded only where traces are wanted: sampler, batches, headers and limits are read from the standard OTEL_* names. */
export function openTracing(o: TracingOptions & { endpoint: string }): Tracing {
  diag.setLogger(tellNowAndThen(o.log), {
    logLevel: DiagLogLevel.WARN,
    suppressOverrideMessage: true,
  })
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': `voxcalls-${o.service}`,
          'service.namespace': 'voxcalls',
          'service.instance.id': `${o.instance ?? o.service}-${process.pid}`,
        }),
      )
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word, as the standard wants it.
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: o.endpoint }))],
  })
  // No propagator: the usual ones also hand on baggage, which is free text of whoever called.
  provider.register({ propagator: null })
  const tracer = provider.getTracer('voxcalls')

  return {
    open(name, { kind, traceparent, facts }) {
      const parent = parentOf(traceparent)
      const span = tracer.startSpan(
        name,
        { kind: kinds[kind], attributes: attributes(facts) },
        parent,
      )
      return opened(span, trace.setSpan(parent, span))
    },
    async step(name, facts, work) {
      // A heartbeat's transaction belongs to nobody's request: alone it would be a trace of nothing.
      if (!trace.getSpan(context.active())) return await work(NOTHING)
      const kind = 'server.address' in facts ? SpanKind.CLIENT : SpanKind.INTERNAL
      const span = tracer.startSpan(name, { kind, attributes: attributes(facts) })
      const open = opened(span, trace.setSpan(context.active(), span))
      try {
        return await open.within(() => work(open))
      } catch (error) {
        open.fail(error)
        throw error
      } finally {
        open.end()
      }
    },
    traceparent() {
      const span = trace.getSpan(context.active())
      return span && format(span)
    },
    async close() {
      try {
        await provider.shutdown()
      } catch (error) {
        o.log.warn({ err: error }, 'the last traces could not be sent')
      } finally {
        trace.disable()
        context.disable()
        diag.disable()
      }
    },
  }
}

const NOTHING: Step = { set: () => undefined }

const opened = (span: Span, within: TraceContext): OpenSpan => ({
  within: (work) => context.with(within, work),
  set: (facts) => void span.setAttributes(attributes(facts)),
  note: (kind) => void span.addEvent(maskText(kind)),
  fail(error) {
    const type = typeOf(error)
    if (type !== undefined) span.setAttribute('error.type', maskText(type))
    if (!isRefusal(error)) span.setStatus({ code: SpanStatusCode.ERROR })
  },
  end: () => span.end(),
})

/** An error's code or name; its message and stack may hold what a person said (THREATS T25). */
function typeOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error
  if (!(error instanceof Error)) return undefined
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' ? code : error.name
}

/** What we foresaw and answered is no failure of ours. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'DomainError') return false
  const status: unknown = Reflect.get(error, 'status')
  return typeof status === 'number' && status < 500
}

/** The last net: the names are a closed list, and a number that slips into a value is masked as in a log. */
const attributes = (facts: Facts): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? maskText(value) : value]],
    ),
  )

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** W3C Trace Context; a text that is not one begins a trace of its own. */
function parentOf(traceparent: string | undefined): TraceContext {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent ?? '') ?? []
  const parent = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags || '0', 16) & 1,
    isRemote: true,
  }
  if (!isSpanContextValid(parent)) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, parent)
}

function format(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

function tellNowAndThen(log: Logger): DiagLogger {
  let quietUntilMs = Number.NEGATIVE_INFINITY
  let unsaid = 0
  const tell = (message: string) => {
    if (performance.now() < quietUntilMs) {
      unsaid++
      return
    }
    quietUntilMs = performance.now() + QUIET_MS
    log.warn({ reason: message, unsaid }, 'traces could not be sent')
    unsaid = 0
  }
  const nothing = () => undefined
  return { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing }
}
