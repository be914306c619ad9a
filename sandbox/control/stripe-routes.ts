import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { StripeStandIn } from '../stripe/start.ts'

const id = z.object({ id: z.string() })
const disputeBody = z.strictObject({
  paymentIntentId: z.string(),
  amountCents: z.int().min(1).optional(),
  isInquiry: z.boolean().default(false),
})
const outcomeBody = z.strictObject({ outcome: z.enum(['won', 'lost']) })

/** What only a cardholder, a bank or Stripe itself can do. */
export function stripeRoutes(app: FastifyInstance, stripe: StripeStandIn): void {
  app.get('/sandbox/stripe/payments', async () =>
    stripe.payments().map(({ id: paymentIntentId, amount, currency, status, customer }) => ({
      paymentIntentId,
      amountCents: amount,
      currency,
      status,
      customer,
    })),
  )
  app.get('/sandbox/stripe/events', async (request) => {
    const { type } = z.object({ type: z.string().optional() }).parse(request.query)
    return stripe.events(type)
  })
  app.post('/sandbox/stripe/events/:id/resend', async (request, reply) => {
    stripe.resend(id.parse(request.params).id)
    return reply.code(202).send()
  })
  app.post('/sandbox/stripe/disputes', async (request, reply) => {
    const { paymentIntentId, amountCents, isInquiry } = disputeBody.parse(request.body)
    const dispute = stripe.openDispute(paymentIntentId, { amount: amountCents, isInquiry })
    return reply.code(201).send(dispute)
  })
  app.post('/sandbox/stripe/disputes/:id/close', async (request) =>
    stripe.closeDispute(id.parse(request.params).id, outcomeBody.parse(request.body).outcome),
  )
  app.post('/sandbox/stripe/refunds/:id/fail', async (request, reply) => {
    stripe.failRefund(id.parse(request.params).id)
    return reply.code(204).send()
  })
}
