import { z } from 'zod'
import { endpoint } from './endpoint.ts'

const probe = z.object({
  status: z.string(),
  process: z.string().optional(),
  draining: z.boolean().optional(),
  checks: z.record(z.string(), z.string()).optional(),
})

export const getLiveness = endpoint({
  method: 'GET',
  path: '/livez',
  permission: 'anyone',
  limit: 'none',
  summary: 'Whether the process runs',
  response: probe,
})

export const getReadiness = endpoint({
  method: 'GET',
  path: '/readyz',
  permission: 'anyone',
  limit: 'none',
  summary: 'Whether the process takes work: its dependencies answer and it is not draining',
  response: probe,
  bytes: { contentTypes: ['application/json'] },
})

export const getMetrics = endpoint({
  method: 'GET',
  path: '/metrics',
  permission: 'anyone',
  limit: 'none',
  summary: 'Prometheus metrics; asks for the metrics token where one is set',
  response: z.unknown(),
  bytes: { contentTypes: ['text/plain', 'application/json'] },
})

export const getOpenApi = endpoint({
  method: 'GET',
  path: '/openapi.json',
  permission: 'anyone',
  summary: 'This document',
  response: z.record(z.string(), z.unknown()),
})

export const getDocs = endpoint({
  method: 'GET',
  path: '/docs',
  permission: 'anyone',
  summary: 'This document as a page for people',
  response: z.unknown(),
  bytes: { contentTypes: ['text/html'] },
})
