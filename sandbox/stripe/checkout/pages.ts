import type { FastifyInstance, FastifyReply } from 'fastify'
import type Stripe from 'stripe'
import { z } from 'zod'
import { findCardByNumber, testCards } from '../cards.ts'
import { money } from '../currencies.ts'
import { parseForm } from '../form.ts'
import { expireDueSessions } from '../rest/checkout.ts'
import type { World } from '../world.ts'
import { authenticate, type PayOutcome, payWithCard } from './pay.ts'

const paying = z.object({ number: z.string().default('') })
const proving = z.object({ outcome: z.enum(['complete', 'fail']) })
const named = z.object({ id: z.string() })

/** The hosted page: a person types a test card, proves who they are where the card asks so, pays or cancels. */
export function checkoutPages(app: FastifyInstance, world: World): void {
  const sessionOf = (params: unknown): Stripe.Checkout.Session | undefined => {
    expireDueSessions(world)
    return world.store.tables.sessions.get(named.parse(params).id)
  }
  const answer = (reply: FastifyReply, session: Stripe.Checkout.Session, outcome: PayOutcome) => {
    world.store.save()
    if (outcome === 'done') return reply.redirect(backTo(session), 303)
    if (outcome === 'authenticate') return page(reply, 200, bankPage(session))
    return page(reply, 402, payPage(world, session, outcome.declined))
  }

  app.get('/c/pay/:id', async (request, reply) => {
    const session = sessionOf(request.params)
    if (session?.status === 'complete') return reply.redirect(backTo(session), 303)
    if (session?.status !== 'open') return page(reply, 404, gonePage)
    return page(reply, 200, payPage(world, session))
  })

  app.post('/c/pay/:id', async (request, reply) => {
    const session = sessionOf(request.params)
    // Pressed twice: the payment was made by the first.
    if (session?.status === 'complete') return reply.redirect(backTo(session), 303)
    if (session?.status !== 'open') return page(reply, 404, gonePage)
    const { number } = paying.parse(parseForm(String(request.body ?? '')))
    const card = findCardByNumber(number)
    if (!card) return page(reply, 402, payPage(world, session, 'Your card number is invalid.'))
    return answer(reply, session, payWithCard(world, session, card))
  })

  app.post('/c/pay/:id/authenticate', async (request, reply) => {
    const session = sessionOf(request.params)
    if (session?.status === 'complete') return reply.redirect(backTo(session), 303)
    if (session?.status !== 'open') return page(reply, 404, gonePage)
    const { outcome } = proving.parse(parseForm(String(request.body ?? '')))
    return answer(reply, session, authenticate(world, session, outcome === 'complete'))
  })

  app.get('/receipts/:id', async (request, reply) => {
    const charge = world.store.tables.charges.get(named.parse(request.params).id)
    if (!charge?.paid) return page(reply, 404, gonePage)
    return page(reply, 200, receiptPage(charge))
  })
}

const backTo = (session: Stripe.Checkout.Session): string =>
  (session.success_url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', session.id)

function payPage(world: World, session: Stripe.Checkout.Session, problem?: string): string {
  const currency = session.currency ?? 'usd'
  const items = world.store.tables.plans.get(session.id)?.lineItems ?? []
  const total = money(session.amount_total ?? 0, currency)
  const button = session.mode === 'setup' ? 'Save card' : `Pay ${total}`
  const title = session.mode === 'setup' ? 'Save a card' : total
  const rows = items
    .map(
      (item) =>
        `<tr><td>${safe(item.description ?? '')}</td><td>${safe(money(item.amount_total, currency))}</td></tr>`,
    )
    .join('')
  const cards = testCards
    .map(({ number }) => `<option value="${spaced(number)}">${safe(meaningOf(number))}</option>`)
    .join('')
  return `<h1>${safe(title)}</h1>
${rows ? `<table>${rows}</table>` : ''}
${problem ? `<p class="problem" role="alert">${safe(problem)}</p>` : ''}
<form method="post" action="/c/pay/${session.id}">
<label for="number">Card number</label>
<input id="number" name="number" list="cards" autocomplete="off" inputmode="numeric" value="4242 4242 4242 4242" required>
<datalist id="cards">${cards}</datalist>
<div class="row">
<div><label for="expiry">Expiry</label><input id="expiry" name="expiry" value="12 / 34"></div>
<div><label for="cvc">CVC</label><input id="cvc" name="cvc" value="123"></div>
</div>
<button id="pay">${safe(button)}</button>
</form>
${session.cancel_url ? `<p><a id="cancel" href="${safe(session.cancel_url)}">Cancel and go back</a></p>` : ''}
<details><summary>Test cards</summary><dl>${testCards.map(({ number }) => `<dt>${spaced(number)}</dt><dd>${safe(meaningOf(number))}</dd>`).join('')}</dl></details>`
}

const bankPage = (session: Stripe.Checkout.Session): string => `<h1>Your bank asks who you are</h1>
<p>This stands for the page on which a bank has its customer confirm a payment.</p>
<form method="post" action="/c/pay/${session.id}/authenticate">
<button id="complete" name="outcome" value="complete">Complete authentication</button>
<button id="fail" class="quiet" name="outcome" value="fail">Fail authentication</button>
</form>`

const receiptPage = (charge: Stripe.Charge): string => `<h1>Receipt</h1>
<table><tr><td>Amount paid</td><td>${safe(money(charge.amount_captured, charge.currency))}</td></tr>
<tr><td>Refunded</td><td>${safe(money(charge.amount_refunded, charge.currency))}</td></tr>
<tr><td>Card</td><td>ending in ${safe(charge.payment_method_details?.card?.last4 ?? '')}</td></tr>
<tr><td>Payment</td><td>${safe(String(charge.payment_intent))}</td></tr></table>`

const gonePage = `<h1>This page is no longer available</h1><p>Go back and start again.</p>`

function meaningOf(number: string): string {
  const card = testCards.find((one) => one.number === number)
  if (card?.decline) return `declined: ${card.decline.replaceAll('_', ' ')}`
  if (card?.authenticate === 'always') return 'asks for authentication every time'
  if (card?.authenticate) return 'asks for authentication once'
  return 'pays'
}

const spaced = (number: string): string => number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')

const safe = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

// No script anywhere. Where a form may lead stays open: it ends at the address the product gave.
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

const STYLE = `:root{color-scheme:light dark;font:400 15px/22px system-ui,sans-serif}
body{margin:0;padding:32px 16px;display:grid;justify-items:center;background:light-dark(#f6f7f9,#15171c)}
main{width:100%;max-width:400px;box-sizing:border-box;padding:24px;border-radius:12px;background:light-dark(#fff,#1d2027);border:1px solid light-dark(#dfe2e8,#343944)}
h1{margin:0 0 16px;font-size:26px;line-height:32px}.mark{margin:0 0 12px;font-size:13px;color:light-dark(#5b6270,#a0a7b4)}
table{width:100%;border-collapse:collapse;margin-bottom:16px}td{padding:6px 0;border-top:1px solid light-dark(#e6e9ee,#343944)}td:last-child{text-align:right}
label{display:block;margin:12px 0 4px;font-weight:600;font-size:13px}
input{width:100%;box-sizing:border-box;height:40px;padding:0 12px;font:inherit;border-radius:8px;border:1px solid light-dark(#868e9c,#6b7380);background:transparent;color:inherit}
.row{display:grid;grid-template-columns:1fr 1fr;gap:12px}
button{width:100%;height:44px;margin-top:20px;border:0;border-radius:8px;font:600 15px system-ui;color:#fff;background:#4338ca;cursor:pointer}
button.quiet{background:transparent;color:inherit;border:1px solid light-dark(#868e9c,#6b7380);margin-top:8px}
:focus-visible{outline:3px solid #8b83f5;outline-offset:2px}
.problem{padding:10px 12px;border-radius:8px;background:light-dark(#fdecec,#3d1f22);color:light-dark(#8c1b1b,#ffb4b4)}
a{color:light-dark(#4338ca,#b3adff)}details{margin-top:16px;font-size:13px}dt{font-variant-numeric:tabular-nums}dd{margin:0 0 6px;color:light-dark(#5b6270,#a0a7b4)}`

const page = (reply: FastifyReply, status: number, body: string) =>
  reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sandbox checkout</title><style>${STYLE}</style><main><p class="mark">Sandbox checkout · no money moves</p>${body}</main></html>`,
    )
