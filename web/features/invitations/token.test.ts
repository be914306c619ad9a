import { describe, expect, test } from 'vitest'
import { fitsHint, tokenIn } from './token.ts'

const TOKEN = 'aB3_-'.repeat(8).concat('xyz')

describe('a pasted link', () => {
  test('gives its token, whole or alone, with space around it', () => {
    expect(tokenIn(`https://vox.example.com/invite#${TOKEN}`)).toBe(TOKEN)
    expect(tokenIn(`  ${TOKEN}\n`)).toBe(TOKEN)
    expect(tokenIn(`#${TOKEN}`)).toBe(TOKEN)
  })

  test('that is cut off, too long or something else gives none', () => {
    expect(tokenIn(TOKEN.slice(1))).toBeNull()
    expect(tokenIn(`${TOKEN}a`)).toBeNull()
    expect(tokenIn('https://vox.example.com/invite')).toBeNull()
    expect(tokenIn('')).toBeNull()
  })
})

describe('an address fits its hint', () => {
  test('by its ends and whatever its case', () => {
    expect(fitsHint('ana@northwind.test', 'a…a@northwind.test')).toBe(true)
    expect(fitsHint('Ana@Northwind.test', 'a…a@northwind.test')).toBe(true)
  })

  test('or does not', () => {
    expect(fitsHint('bo@northwind.test', 'a…a@northwind.test')).toBe(false)
    expect(fitsHint('ana@other.test', 'a…a@northwind.test')).toBe(false)
  })
})
