import { expect, test } from 'vitest'
import { CARD_MASK, CODE_MASK, IDENTITY_MASK, maskNumbers, passesLuhn } from './masking.ts'

test('a card number written with spaces or dashes is removed whole', () => {
  expect(maskNumbers('It is 4242 4242 4242 4242, thanks.')).toBe(`It is ${CARD_MASK}, thanks.`)
  expect(maskNumbers('5555-5555-5555-4444')).toBe(CARD_MASK)
  expect(maskNumbers('378282246310005 is it')).toBe(`${CARD_MASK} is it`)
})

test('a card number spoken as words is removed', () => {
  const spoken = 'four two four two four two four two four two four two four two four two'
  expect(maskNumbers(`My card is ${spoken}.`)).toBe(`My card is ${CARD_MASK}.`)
  const inPairs = Array.from({ length: 8 }, () => 'forty two').join(' ')
  expect(maskNumbers(inPairs)).toBe(CARD_MASK)
})

test('digits right before a card number do not hide it', () => {
  expect(maskNumbers('number 1, 4242 4242 4242 4242')).toBe(`number 1, ${CARD_MASK}`)
})

test('a long number that fails Luhn stays, as do prices, times and phone numbers', () => {
  for (const text of [
    'order 4242 4242 4242 4243',
    'It costs 90 dollars at 8 30.',
    'Call +1 500 555 0006.',
    'two or three people',
  ])
    expect(maskNumbers(text)).toBe(text)
})

test('a security code is removed where the words before say what it is', () => {
  expect(maskNumbers('The security code is 123.')).toBe(`The security code is ${CODE_MASK}.`)
  expect(maskNumbers('cvv one two three')).toBe(`cvv ${CODE_MASK}`)
  expect(maskNumbers('We open at 123 Main Street.')).toBe('We open at 123 Main Street.')
})

test('a social security number is removed by its form or by the words before', () => {
  expect(maskNumbers('078-05-1120')).toBe(IDENTITY_MASK)
  expect(maskNumbers('my social security number is 078051120')).toBe(
    `my social security number is ${IDENTITY_MASK}`,
  )
  expect(maskNumbers('reference 078051120')).toBe('reference 078051120')
})

test('Luhn tells a valid number from one with a digit changed', () => {
  expect(passesLuhn('4242424242424242')).toBe(true)
  expect(passesLuhn('4242424242424241')).toBe(false)
})
