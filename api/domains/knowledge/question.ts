const MAX_WORDS = 20 // each is a look into the index; the longest are the most telling ones

// Words of the languages people call in that say little about what a question is about.
const COMMON = new Set(
  `a about an and any are as at be by can could do does did for from had has have how i if in into is it its may me my
  no not of on or our should so than that the their them then there these they this to was we were what when where
  which who why will with would you your
  aber als am an auch auf aus bei bin bis das dass dein dem den der des die dies doch du durch ein eine einem einen
  einer er es euer für hat habe haben ich ihr im in ist ja kann können man mein mit muss nach nicht noch nur oder ob
  sein sich sie sind so über um und uns unser vom von vor wann war warum was wie wenn wer wird wir wo zu zum zur
  al como con cual cuando de del donde el ella en es esta este la las lo los me mi muy no o para pero por puede que
  quien se si sin son su te tiene un una y ya yo
  au aux avec ce ces dans des du elle est et il ils je la le les leur mais mes mon nous où par pas plus pour quand que
  quel quelle qui sa ses si son sur un une vos votre vous`.split(/\s+/),
)

/** The words worth looking for: letters and digits only, so that nothing of them is syntax. */
export function tellingWords(question: string): string[] {
  const words = question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const telling = words.filter((word) => !COMMON.has(word))
  // Where people write nothing but common words, these are all there is to go by.
  return [...new Set(telling.length > 0 ? telling : words)]
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_WORDS)
}
