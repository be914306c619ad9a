import type { FastifyInstance } from 'fastify'
import { notFound } from './answers.ts'

/** What a number costs a month, as pricing.twilio.com says for the United States. */
export function priceRoutes(app: FastifyInstance): void {
  app.get<{ Params: { country: string } }>(
    '/v1/PhoneNumbers/Countries/:country',
    async ({ params, url }) => {
      if (params.country !== 'US') throw notFound(url)
      const price = (kind: string, amount: string) => ({
        number_type: kind,
        base_price: amount,
        current_price: amount,
      })
      return {
        country: 'United States',
        iso_country: 'US',
        phone_number_prices: [price('local', '1.15'), price('toll free', '2.15')],
        price_unit: 'USD',
        url: `https://pricing.twilio.com${url}`,
      }
    },
  )
}
